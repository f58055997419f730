package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.custom.StatusApi.Happening;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes few events of much that happens: the same to the same workload is one event that counts,
/// until it has not happened for some minutes. What happens while an event waits to be written is
/// counted with it.
final class EventBook {
  /// How long after the last time the next one is a new event, as in Kubernetes' own components.
  static final Duration SERIES = Duration.ofMinutes(6);

  /// How often the count of an event is written.
  static final Duration PACE = Duration.ofSeconds(10);

  private static final int EVENTS = 4_096;

  private record Key(String uid, String reason) {}

  private static final class Series {
    private final CustomResource service;
    private final Happening first;
    private @Nullable String name; // once it is written
    private int count = 1;
    private int countWritten;
    private Instant last;
    private Instant written = Instant.MIN;

    private Series(CustomResource service, Happening first) {
      this.service = service;
      this.first = first;
      this.last = first.at();
    }

    private boolean isDue(Instant now) {
      return count > countWritten && (name == null || !now.isBefore(written.plus(PACE)));
    }
  }

  private final Map<Key, Series> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Series> eldest) {
          return size() > EVENTS;
        }
      };

  void add(CustomResource service, Happening happening) {
    var key = new Key(service.uid(), happening.reason());
    var entry = entries.get(key);
    if (entry == null || happening.at().isAfter(entry.last.plus(SERIES))) {
      entries.put(key, new Series(service, happening));
      return;
    }
    entry.count++;
    entry.last = happening.at();
  }

  /// Writes what is due.
  ///
  /// @param most requests at once
  /// @throws OrchestratorException if one cannot be written. It stays due, unless it was `REJECTED`
  void write(StatusApi api, Instant now, int most) {
    for (var series : due(now, most)) {
      try {
        write(api, series);
        series.written = now;
      } catch (OrchestratorException e) {
        if (e.kind() == OrchestratorException.Kind.REJECTED) {
          series.countWritten = series.count;
        }
        throw e;
      }
    }
  }

  private static void write(StatusApi api, Series series) {
    if (series.name == null) {
      series.name = api.create(series.service, series.first);
      series.countWritten = 1;
    } else {
      api.repeat(series.service, series.name, series.count, series.last);
      series.countWritten = series.count;
    }
  }

  private List<Series> due(Instant now, int most) {
    var due = new ArrayList<Series>();
    for (var entry : entries.values()) {
      if (due.size() < most && entry.isDue(now)) {
        due.add(entry);
      }
    }
    return due;
  }
}
