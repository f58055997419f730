/// Real engines for tests: started when asked for, in namespaces of their own, and gone when the
/// JVM is, however it ends.
@NullMarked
package io.microscale.testkit.engines;

import org.jspecify.annotations.NullMarked;
