/// The command `bench startup`: how long each way of starting the same small workload takes, from
/// asked-for to the workload saying READY.
@NullMarked
package io.microscale.app.bench.startup;

import org.jspecify.annotations.NullMarked;
