/// Recording the engine's events to files.
@NullMarked
package io.microscale.app.record;

import org.jspecify.annotations.NullMarked;
