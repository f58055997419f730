package io.microscale.orchestrators.kubernetes.custom;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.orchestrators.kubernetes.custom.FakeStatusApi.Repeated;
import io.microscale.orchestrators.kubernetes.custom.StatusApi.Happening;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventBookTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final CustomResource WEB = FakeStatusApi.service("web");

  private final FakeStatusApi api = new FakeStatusApi();
  private final EventBook book = new EventBook();

  private static Happening paused(Instant at) {
    return new Happening(false, "Paused", "pause", "web-1: room for others", at);
  }

  @Test
  void theSameAgainIsCountedAndNotMadeAnew() {
    for (int second = 0; second < 30; second++) {
      var now = START.plusSeconds(second);
      book.add(WEB, paused(now));
      book.write(api, now, 5);
    }
    assertThat(api.created).hasSize(1);
    assertThat(api.repeated).containsExactly(new Repeated("web.1", 11), new Repeated("web.1", 21));
  }

  @Test
  void anotherReasonIsAnotherEvent() {
    book.add(WEB, paused(START));
    book.add(WEB, new Happening(true, "Refused", "scale", "no", START));
    book.write(api, START, 5);
    assertThat(api.created).extracting(Happening::reason).containsExactly("Paused", "Refused");
  }

  @Test
  void afterAPauseASeriesBeginsAnew() {
    book.add(WEB, paused(START));
    book.write(api, START, 5);
    var later = START.plus(EventBook.SERIES).plus(Duration.ofSeconds(1));
    book.add(WEB, paused(later));
    book.write(api, later, 5);
    assertThat(api.created).hasSize(2);
    assertThat(api.repeated).isEmpty();
  }

  @Test
  void noMoreAreWrittenAtOnceThanAllowedAndNoneIsForgotten() {
    for (int i = 0; i < 12; i++) {
      book.add(FakeStatusApi.service("s" + i), paused(START));
    }
    book.write(api, START, 5);
    assertThat(api.created).hasSize(5);
    book.write(api, START.plusSeconds(1), 5);
    book.write(api, START.plusSeconds(2), 5);
    assertThat(api.created).hasSize(12);
  }
}
