package io.microscale.core.loop;

import io.microscale.core.model.Replica;
import io.microscale.core.model.Snapshot;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The orchestrator's snapshots as an engine saw them, put together again from what it told of
/// them.
final class RecordedWorld {
  private @Nullable Snapshot snapshot;

  /// Takes in what was new.
  ///
  /// @throws IllegalArgumentException if it does not fit what was told before
  void take(LoopEvent.Observed news) {
    if (news.complete()) {
      snapshot = Snapshot.of(news.at(), news.nodes(), news.changed(), news.standings());
    } else {
      var before = known("observed.complete");
      snapshot = news.nodes().isEmpty() ? changed(before, news) : onOtherNodes(before, news);
    }
  }

  private static Snapshot changed(Snapshot before, LoopEvent.Observed news) {
    var edit = before.edit();
    news.gone().forEach(gone -> edit.remove(gone.service(), gone.replica()));
    news.changed().forEach(edit::put);
    return edit.standings(news.standings()).at(news.at());
  }

  private static Snapshot onOtherNodes(Snapshot before, LoopEvent.Observed news) {
    Map<LoopEvent.Gone, Replica> replicas = new LinkedHashMap<>();
    before.replicas().forEach(r -> replicas.put(new LoopEvent.Gone(r.service(), r.id()), r));
    news.gone().forEach(replicas::remove);
    news.changed().forEach(r -> replicas.put(new LoopEvent.Gone(r.service(), r.id()), r));
    return Snapshot.of(news.at(), news.nodes(), replicas.values(), news.standings());
  }

  /// The snapshot of that time.
  ///
  /// @throws IllegalArgumentException if nothing was observed yet
  Snapshot at(Instant instant) {
    return known("passed").edit().at(instant);
  }

  private Snapshot known(String place) {
    var known = snapshot;
    if (known == null) {
      throw new IllegalArgumentException(
          place + ": need a complete observation before, got none yet");
    }
    return known;
  }
}
