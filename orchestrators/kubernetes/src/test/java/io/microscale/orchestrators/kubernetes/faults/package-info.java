/// What becomes of a pool while its cluster fails: the whole engine over the real thing.
@NullMarked
package io.microscale.orchestrators.kubernetes.faults;

import org.jspecify.annotations.NullMarked;
