/// The command line and all wiring: the only part that knows the adapters.
@NullMarked
package io.microscale.app;

import org.jspecify.annotations.NullMarked;
