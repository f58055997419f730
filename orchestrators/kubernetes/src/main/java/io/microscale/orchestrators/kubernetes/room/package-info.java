/// What the nodes of a cluster can give to a pool, counted as the scheduler counts it, and what
/// else in a cluster bears on the pool's workloads. Values in, values out: nothing here calls the
/// API server.
@NullMarked
package io.microscale.orchestrators.kubernetes.room;

import org.jspecify.annotations.NullMarked;
