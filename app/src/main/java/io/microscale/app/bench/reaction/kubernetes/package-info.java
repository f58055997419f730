/// `bench reaction` on Kubernetes: how fast a step of demand is answered there, beside plain calls
/// and beside a HorizontalPodAutoscaler, on the same node in the same run.
@NullMarked
package io.microscale.app.bench.reaction.kubernetes;

import org.jspecify.annotations.NullMarked;
