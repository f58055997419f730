/// Kubernetes as an orchestrator: workloads are scaled by their `scale` subresource, pods resized
/// in place.
@NullMarked
package io.microscale.orchestrators.kubernetes;

import org.jspecify.annotations.NullMarked;
