/// What commands do with container engines for their own purposes.
@NullMarked
package io.microscale.app.engine;

import org.jspecify.annotations.NullMarked;
