package io.microscale.orchestrators.kubernetes;

import io.microscale.core.orchestrator.OrchestratorException;
import java.util.Optional;

/// What every write passes, so that of several engines only the one that leads writes.
///
/// A process may be stopped for any time between the check and the write that follows it. So a
/// write is built whole, with the `resourceVersion` that it was decided on, before the check;
/// nothing is read between the two, and a write that the server refused is checked again before it
/// is repeated. What others have changed meanwhile, the next leader's [#stamp] above all, then
/// refuses the late write.
public interface Fence {
  /// The annotation that says under which leader a workload was last taken over. Setting it changes
  /// the workload's `resourceVersion`, and so refuses what an earlier leader has yet to send.
  String TERM = "microscale.io/term";

  /// Open, for an engine that runs alone.
  Fence NONE =
      new Fence() {
        @Override
        public void check() {}

        @Override
        public String fieldManager() {
          return "microscale";
        }

        @Override
        public Optional<String> stamp() {
          return Optional.empty();
        }
      };

  /// Returns if this engine may write now. To be called immediately before each write.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if it may not, with who leads
  void check();

  /// What each write gives as its `fieldManager`, of at most 128 characters. An admission policy
  /// may let nothing pass that names another leader.
  String fieldManager();

  /// The value of the annotation [#TERM] of every workload that this engine manages, set on all of
  /// them when it begins and before any other write; empty where nobody else may lead. Each leader
  /// has another. An earlier leader can still write to a workload for as long as it is not set.
  Optional<String> stamp();

  /// Whether a refusal of the server came from the admission policy that lets only the leader
  /// write. It is then `UNAVAILABLE`, not `REJECTED`: who leads changes by itself.
  static boolean refused(String serverMessage) {
    return serverMessage.contains("ValidatingAdmissionPolicy")
        && (serverMessage.contains("not the leader: ")
            || serverMessage.contains("no params found for policy binding"));
  }
}
