/// JMH benchmarks of what must stay fast.
@NullMarked
package io.microscale.benchmarks;

import org.jspecify.annotations.NullMarked;
