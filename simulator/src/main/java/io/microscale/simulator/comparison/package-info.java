/// Every setting of every policy on every trace under every terms, and what may be concluded from
/// that.
@NullMarked
package io.microscale.simulator.comparison;

import org.jspecify.annotations.NullMarked;
