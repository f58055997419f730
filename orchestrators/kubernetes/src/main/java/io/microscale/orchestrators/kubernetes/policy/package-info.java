/// What else in a cluster bears on the workloads of a pool: who scales them too, and which rules of
/// the cluster are at odds with what the pool is told. Values in, words for people out; nothing
/// here calls the API server.
@NullMarked
package io.microscale.orchestrators.kubernetes.policy;

import org.jspecify.annotations.NullMarked;
