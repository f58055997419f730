/// A cluster in memory under a virtual clock, and simulations that run the real control loop on it.
@NullMarked
package io.microscale.simulator.cluster;

import org.jspecify.annotations.NullMarked;
