/// From an allocation and what is to the actions in between: victims, the reclaim ladder, room.
@NullMarked
package io.microscale.core.planning;

import org.jspecify.annotations.NullMarked;
