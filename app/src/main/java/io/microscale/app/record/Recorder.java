package io.microscale.app.record;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.microscale.core.loop.LoopEvent;
import io.microscale.server.EventJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes every event of an engine to a file, one JSON object a line, as [EventJson] has it.
///
/// A file begins with a line of type `recording`, which names the format, the product and its
/// version. When a file is full the next one, which `continues` the run, begins with that line, the
/// `started` event, what was set by hand, the latest readings and a complete `observed`, so that
/// each can be read alone. Events that come faster than the disk takes them are counted and told in
/// a line of type `lost`, followed by the same; the engine never waits. When the disk refuses, the
/// recording ends and says so once. [RecordingReader] reads it.
public final class Recorder implements Consumer<LoopEvent>, AutoCloseable {
  /// Goes up when a reader of the format before would misunderstand. The events have a version of
  /// their own.
  public static final int FORMAT = 2;

  static final String TYPE = "recording";
  static final String LOST = "lost";

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// How much is kept.
  ///
  /// @param fileBytes after how many bytes the next file begins
  /// @param files how many files there may be at once
  /// @param queue events that may wait for the disk
  public record Bounds(long fileBytes, int files, int queue) {
    public static final Bounds DEFAULT = new Bounds(64L << 20, 4, 1 << 14);
  }

  private sealed interface Item {
    record Event(LoopEvent event) implements Item {}

    record Lost(long events, Instant at, List<LoopEvent> world) implements Item {}

    record NextFile(Optional<LoopEvent> started, List<LoopEvent> world) implements Item {}

    record End() implements Item {}
  }

  private final Bounds bounds;
  private final String version;
  private final Consumer<String> problems;
  private final BlockingQueue<Item> queue;
  private final RotatingFile file;
  private final Thread writer;
  private final AtomicBoolean full = new AtomicBoolean();
  private volatile boolean broken;

  // Of the thread that makes the passes:
  private final World world = new World();
  private @Nullable LoopEvent started;
  private Instant lastAt = Instant.EPOCH;
  private long lost;

  /// @param version of the product, for the first line
  /// @param problems is told, once, why a recording ended early
  /// @throws IOException if the file cannot be made
  public Recorder(Path path, Bounds bounds, String version, Consumer<String> problems)
      throws IOException {
    this.bounds = bounds;
    this.version = version;
    this.problems = problems;
    this.queue = new ArrayBlockingQueue<>(bounds.queue());
    this.file = new RotatingFile(path, bounds.files());
    this.file.line(header(false));
    this.file.flush();
    this.writer = Thread.ofPlatform().daemon().name("recorder").start(this::write);
  }

  @Override
  public void accept(LoopEvent event) {
    lastAt = event.at();
    boolean told = world.take(event);
    if (event instanceof LoopEvent.Started) {
      started = event;
    }
    if (broken) {
      return;
    }
    if (lost > 0) {
      // One place for what says so, one for the event itself.
      if (queue.remainingCapacity() < 2
          || !queue.offer(new Item.Lost(lost, event.at(), world.told(event.at())))) {
        lost++;
        return;
      }
      lost = 0;
      if (told) {
        return;
      }
    }
    if (!queue.offer(new Item.Event(event))) {
      lost++;
    } else if (full.get()
        && queue.offer(new Item.NextFile(Optional.ofNullable(started), world.told(event.at())))) {
      full.set(false);
    }
  }

  /// Events that wait for the disk.
  int waiting() {
    return queue.size();
  }

  private void write() {
    try (file) {
      boolean asked = false;
      while (true) {
        var item = queue.poll();
        if (item == null) {
          // Nothing waits: a good moment for the disk, and whoever follows the file sees all of it.
          file.flush();
          item = queue.take();
        }
        switch (item) {
          case Item.Event(var event) -> file.line(EventJson.bytes(event));
          case Item.Lost(long events, var at, var known) -> {
            file.line(lost(events, at));
            write(known);
          }
          case Item.NextFile(var first, var known) -> {
            file.rotate();
            asked = false;
            file.line(header(true));
            write(first.stream().toList());
            write(known);
          }
          case Item.End() -> {
            return;
          }
        }
        if (!asked && file.written() >= bounds.fileBytes()) {
          // The thread that makes the passes knows the world; the next file begins with it.
          asked = true;
          full.set(true);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      broken = true;
      queue.clear();
      problems.accept("the recording ended: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<LoopEvent> events) throws IOException {
    for (var event : events) {
      file.line(EventJson.bytes(event));
    }
  }

  private byte[] header(boolean continues) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("v", EventJson.VERSION)
        .put("type", TYPE)
        .put("format", FORMAT)
        .put("product", "microscale")
        .put("version", version)
        .put("continues", continues)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] lost(long events, Instant at) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("v", EventJson.VERSION)
        .put("type", LOST)
        .put("at", at.toString())
        .put("events", events)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  /// Writes what waits, at most for some seconds. Call it when the engine is closed: no event is
  /// accepted any more.
  @Override
  public void close() {
    try {
      if (lost > 0) {
        boolean told =
            queue.offer(
                new Item.Lost(lost, lastAt, world.told(lastAt)),
                PATIENCE.toMillis(),
                TimeUnit.MILLISECONDS);
        lost = told ? 0 : lost;
      }
      if (broken || !queue.offer(new Item.End(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.interrupt();
      }
      writer.join(PATIENCE);
    } catch (InterruptedException e) {
      writer.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
