/// Recordings decided again: with the settings of then, and with others.
@NullMarked
package io.microscale.app.replay;

import org.jspecify.annotations.NullMarked;
