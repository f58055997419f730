package io.microscale.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standings;
import io.microscale.server.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  private static final Instant T0 = Instant.parse("2026-01-31T12:00:00Z");
  private static final ServiceId WEB = new ServiceId("web");
  private static final Node HOST = Node.of("host", Resources.slots(10));
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final List<String> problems = new ArrayList<>();

  @Test
  void everyEventIsALineThatGivesTheEventBack() throws IOException {
    var events = List.of(started(), complete(replica(1)), stopped());
    try (var recorder = recorder(Recorder.Bounds.DEFAULT)) {
      events.forEach(recorder);
    }
    var lines = Files.readAllLines(file());
    assertThat(JSON.readTree(lines.getFirst()))
        .isEqualTo(
            JSON.readTree(
                """
                {"v":1,"type":"recording","format":2,"product":"microscale","version":"9.9","continues":false}
                """));
    assertThat(lines.stream().skip(1).map(EventJson::parse)).isEqualTo(events);
  }

  @Test
  void aFullFileIsFollowedByOneThatCanBeReadAlone() throws IOException {
    try (var recorder = recorder(new Recorder.Bounds(2_000, 3, 10_000))) {
      recorder.accept(started());
      recorder.accept(complete(replica(0)));
      recorder.accept(reading(1));
      recorder.accept(suspended(true));
      recorder.accept(reading(2));
      for (int i = 1; i < 500; i++) {
        recorder.accept(changed(i, replica(i)));
        recorder.accept(gone(i, i - 1));
        awaitWritten(recorder);
      }
      recorder.accept(stopped());
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**/events.jsonl")
        .isDirectoryContaining("glob:**/events.jsonl.1")
        .isDirectoryContaining("glob:**/events.jsonl.2")
        .isDirectoryNotContaining("glob:**/events.jsonl.3");
    for (var name : List.of("events.jsonl", "events.jsonl.1", "events.jsonl.2")) {
      var lines = Files.readAllLines(folder.resolve(name));
      assertThat(JSON.readTree(lines.getFirst()).path("continues").asBoolean()).isTrue();
      assertThat(types(lines))
          .startsWith("recording", "started", "overridden", "reading", "observed");
      assertThat(EventJson.parse(lines.get(1))).isEqualTo(started());
      assertThat(EventJson.parse(lines.get(2))).isEqualTo(suspended(true));
      assertThat(EventJson.parse(lines.get(3))).isEqualTo(reading(2));
      var world = (LoopEvent.Observed) EventJson.parse(lines.get(4));
      assertThat(world.complete()).isTrue();
      assertThat(world.nodes()).containsExactly(HOST);
      assertThat(world.changed()).hasSizeBetween(1, 2);
    }
    assertThat(replay(Files.readAllLines(file()))).containsOnlyKeys(new ReplicaId("web-499"));
    assertThat(Files.size(folder.resolve("events.jsonl.1"))).isLessThan(4_000);
  }

  @Test
  void whatTheDiskIsTooSlowForIsCountedAndThenAllIsTold() throws IOException {
    try (var recorder = recorder(new Recorder.Bounds(1 << 30, 2, 4))) {
      recorder.accept(started());
      recorder.accept(complete(replica(0)));
      for (int i = 1; i <= 20_000; i++) {
        recorder.accept(changed(i, replica(i % 10)));
      }
    }
    var lines = Files.readAllLines(file());
    long written = types(lines).stream().filter(type -> type.equals("observed")).count();
    long lost = 0;
    long told = 0;
    for (int i = 0; i < lines.size(); i++) {
      var tree = JSON.readTree(lines.get(i));
      if (tree.path("type").asText().equals("lost")) {
        lost += tree.path("events").asLong();
        told++;
        assertThat(JSON.readTree(lines.get(i + 1)).path("complete").asBoolean()).isTrue();
      }
    }
    assertThat(lost).isPositive();
    // The event that ends a gap is in the complete observation that tells it.
    assertThat(written + lost).isBetween(20_001L, 20_001L + told);
    assertThat(replay(lines)).hasSize(10);
  }

  @Test
  void anEarlierRecordingIsKept() throws IOException {
    for (int run = 0; run < 6; run++) {
      try (var recorder = recorder(Recorder.Bounds.DEFAULT)) {
        recorder.accept(new LoopEvent.Stopped(T0, "run " + run));
      }
    }
    assertThat(Files.readString(folder.resolve("events.jsonl.3"))).contains("run 2");
    assertThat(Files.readString(file())).contains("run 5").doesNotContain("run 4");
    assertThat(folder.resolve("events.jsonl.4")).doesNotExist();
  }

  @Test
  void aDiskThatRefusesEndsTheRecordingAndNotTheEngine() throws IOException {
    var elsewhere = Files.createDirectory(folder.resolve("gone"));
    var file = elsewhere.resolve("events.jsonl");
    try (var recorder = new Recorder(file, new Recorder.Bounds(1, 2, 100), "9.9", problems::add)) {
      Files.delete(file);
      Files.delete(elsewhere);
      for (int i = 0; i < 1000; i++) {
        recorder.accept(started());
        awaitWritten(recorder);
      }
    }
    assertThat(problems).singleElement().asString().startsWith("the recording ended: ");
  }

  @Test
  void aFileThatCannotBeMadeIsRefusedAtOnce() {
    assertThatThrownBy(
            () ->
                new Recorder(
                    folder.resolve("none/x.jsonl"), Recorder.Bounds.DEFAULT, "9.9", problems::add))
        .isInstanceOf(IOException.class);
  }

  private Path file() {
    return folder.resolve("events.jsonl");
  }

  private Recorder recorder(Recorder.Bounds bounds) throws IOException {
    return new Recorder(file(), bounds, "9.9", problems::add);
  }

  private static void awaitWritten(Recorder recorder) {
    while (recorder.waiting() > 0) {
      Thread.onSpinWait();
    }
  }

  private static Map<ReplicaId, Replica> replay(List<String> lines) throws IOException {
    var replicas = new TreeMap<ReplicaId, Replica>();
    for (var line : lines) {
      JsonNode tree = JSON.readTree(line);
      if (!tree.path("type").asText().equals("observed")) {
        continue;
      }
      var observed = (LoopEvent.Observed) EventJson.parse(line);
      if (observed.complete()) {
        replicas.clear();
      }
      observed.gone().forEach(gone -> replicas.remove(gone.replica()));
      observed.changed().forEach(replica -> replicas.put(replica.id(), replica));
    }
    return replicas;
  }

  private static List<String> types(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(".*?\"type\":\"(\\w+)\".*", "$1")).toList();
  }

  private static LoopEvent started() {
    var pool = PoolSpec.of("kittens", List.of(ServiceSpec.named("web").build()));
    return new LoopEvent.Started(T0, pool, "process", Set.of(), false);
  }

  private static LoopEvent stopped() {
    return new LoopEvent.Stopped(T0, "closed");
  }

  private static LoopEvent reading(int value) {
    var reading = new Reading.Value(value, T0);
    return new LoopEvent.ReadingTaken(T0, WEB, reading, Optional.of(reading));
  }

  private static LoopEvent suspended(boolean value) {
    return new LoopEvent.Overridden(T0, WEB, ManualOverride.NONE.withSuspended(value));
  }

  private static Replica replica(int number) {
    return Replica.of(
        new ReplicaId("web-" + number),
        WEB,
        HOST.id(),
        ReplicaState.RUNNING,
        Resources.slots(1),
        T0);
  }

  private static LoopEvent complete(Replica... replicas) {
    return new LoopEvent.Observed(
        T0, true, List.of(HOST), List.of(replicas), List.of(), Standings.NONE);
  }

  private static LoopEvent changed(int second, Replica... replicas) {
    return new LoopEvent.Observed(
        T0.plusSeconds(second), false, List.of(), List.of(replicas), List.of(), Standings.NONE);
  }

  private static LoopEvent gone(int second, int... numbers) {
    return new LoopEvent.Observed(
        T0.plusSeconds(second),
        false,
        List.of(),
        List.of(),
        IntStream.of(numbers)
            .mapToObj(n -> new LoopEvent.Gone(WEB, new ReplicaId("web-" + n)))
            .toList(),
        Standings.NONE);
  }
}
