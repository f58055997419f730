/// From readings to claims: scaling policies, headroom, hold and fallback.
@NullMarked
package io.microscale.core.scaling;

import org.jspecify.annotations.NullMarked;
