/// The command that compares policies: its table, its document, its page.
@NullMarked
package io.microscale.app.compare;

import org.jspecify.annotations.NullMarked;
