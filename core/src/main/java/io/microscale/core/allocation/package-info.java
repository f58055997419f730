/// From claims to what each service is granted on the capacity there is.
@NullMarked
package io.microscale.core.allocation;

import org.jspecify.annotations.NullMarked;
