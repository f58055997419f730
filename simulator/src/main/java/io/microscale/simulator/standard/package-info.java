/// The standard run: one demand trace, one policy, 100 equal slots and steps of one second, and the
/// score that policies are ranked by. It is a model made for comparison, small enough to search
/// hundreds of settings over days of demand.
@NullMarked
package io.microscale.simulator.standard;

import org.jspecify.annotations.NullMarked;
