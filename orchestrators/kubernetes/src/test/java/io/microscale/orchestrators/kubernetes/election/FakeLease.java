package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A Lease as the API server keeps it: each change gives it another version, and only the latest
/// can be replaced.
final class FakeLease implements LeaseStore {
  private @Nullable Lease lease;
  private int version;

  /// Runs once, when the next write has been done or read, before its answer arrives.
  Runnable onTheWay = () -> {};

  /// What the next calls fail with.
  @Nullable RuntimeException failure;

  @Override
  public Optional<Lease> read() {
    return answer(Optional.ofNullable(lease));
  }

  @Override
  public Optional<Lease> create(Lease created) {
    return answer(lease == null ? Optional.of(put(created)) : Optional.empty());
  }

  @Override
  public Optional<Lease> replace(Lease replaced) {
    boolean latest =
        lease != null
            && lease
                .getMetadata()
                .getResourceVersion()
                .equals(replaced.getMetadata().getResourceVersion());
    return answer(latest ? Optional.of(put(replaced)) : Optional.empty());
  }

  private Optional<Lease> answer(Optional<Lease> answer) {
    if (failure != null) {
      throw failure;
    }
    var once = onTheWay;
    onTheWay = () -> {};
    once.run();
    return answer;
  }

  private Lease put(Lease next) {
    lease =
        new LeaseBuilder(next)
            .editMetadata()
            .withResourceVersion(Integer.toString(++version))
            .endMetadata()
            .build();
    return lease;
  }

  void edit(UnaryOperator<LeaseBuilder> change) {
    put(change.apply(new LeaseBuilder(lease())).build());
  }

  void delete() {
    lease = null;
  }

  Lease lease() {
    return Optional.ofNullable(lease).orElseThrow();
  }
}
