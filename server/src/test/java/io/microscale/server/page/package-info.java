/// The page in a real browser, over a real engine and a cluster in memory.
@NullMarked
package io.microscale.server.page;

import org.jspecify.annotations.NullMarked;
