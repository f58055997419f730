/// Runs replicas as plain processes of this host: the default orchestrator, which needs nothing
/// installed but Linux and its C library.
@NullMarked
package io.microscale.orchestrators.process;

import org.jspecify.annotations.NullMarked;
