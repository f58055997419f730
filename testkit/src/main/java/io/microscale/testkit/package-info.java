/// What every adapter must do, as tests to extend, and the tools to test against a world that
/// fails.
@NullMarked
package io.microscale.testkit;

import org.jspecify.annotations.NullMarked;
