/// Which of several engines acts: leader election by a Lease, and the fence that keeps a former
/// leader from acting.
@NullMarked
package io.microscale.orchestrators.kubernetes.election;

import org.jspecify.annotations.NullMarked;
