/// The command that simulates one configuration or one policy.
@NullMarked
package io.microscale.app.simulate;

import org.jspecify.annotations.NullMarked;
