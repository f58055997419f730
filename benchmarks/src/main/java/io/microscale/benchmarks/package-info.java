/// JMH benchmarks of what must stay fast, and the simulator held against the real thing.
@NullMarked
package io.microscale.benchmarks;

import org.jspecify.annotations.NullMarked;
