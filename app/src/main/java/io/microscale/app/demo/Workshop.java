package io.microscale.app.demo;

import io.microscale.core.model.ReplicaId;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A demo's own folder: the workers' programs, the pipes between them and the demo, the state of
/// the orchestrator; and a janitor, a small process that ends every worker and removes the folder
/// once the demo is over, however it ends.
///
/// One named pipe leads to each web replica, one from all workers back: their lines are shorter
/// than `PIPE_BUF`, so none is cut by another. Every pipe is open for reading and writing here, so
/// opening never blocks, and workers find them closed when the demo is gone.
final class Workshop implements AutoCloseable, Dispatcher.Wire {
  private static final int BUFFER = 4096;
  private static final long JANITOR_SECONDS = 10;
  private static final String PREFIX = "microscale-demo-";
  private static final String SAID = "said";
  private static final String END = "end";

  private final Path folder;
  private final Process janitor;
  private final FileChannel said;
  private final Map<ReplicaId, FileChannel> requests = new HashMap<>();
  private volatile boolean makesPipes;

  private Workshop(Path folder, Process janitor, FileChannel said) {
    this.folder = folder;
    this.janitor = janitor;
    this.said = said;
  }

  /// Makes the folder and starts the janitor.
  static Workshop open(Map<String, String> environment) throws IOException {
    var place = place(environment);
    var folder =
        place.isPresent()
            ? Files.createTempDirectory(place.get(), PREFIX)
            : Files.createTempDirectory(PREFIX);
    Process janitor = null;
    try {
      janitor = janitor(folder);
      for (var program : new String[] {"web.sh", "transcode.sh"}) {
        Files.writeString(folder.resolve(program), resource(program));
      }
      var pipe = folder.resolve(SAID);
      pipe(pipe);
      return new Workshop(folder, janitor, bothWays(pipe));
    } catch (IOException e) {
      if (janitor == null) {
        Files.delete(folder);
      } else {
        janitor.getOutputStream().close();
      }
      throw e;
    }
  }

  /// A place in memory, if there is one: a disk that is busy would slow down every action, and
  /// nothing of a demo has to outlive it.
  private static Optional<Path> place(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("XDG_RUNTIME_DIR", ""), "/dev/shm")
        .filter(path -> path.startsWith("/"))
        .map(Path::of)
        .filter(path -> Files.isDirectory(path) && Files.isWritable(path))
        .findFirst();
  }

  /// From now on the pipe to a replica is made here if it is missing: where a worker counts as
  /// ready as soon as it runs, it may not have come to that.
  void makePipes() {
    makesPipes = true;
  }

  Path folder() {
    return folder;
  }

  /// A program of the workers.
  String program(String name) {
    return folder.resolve(name).toString();
  }

  /// Has `listener` called with every line that a worker writes, on a thread of its own, until this
  /// is closed.
  ///
  /// @param foreign is told of a line that no worker of ours writes
  void listen(Consumer<Said> listener, Consumer<String> foreign) {
    Thread.ofPlatform().daemon().name("said").start(() -> follow(listener, foreign));
  }

  private void follow(Consumer<Said> listener, Consumer<String> foreign) {
    // A stream, since a reader of a channel waits until its buffer is full.
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                new FileInputStream(folder.resolve(SAID).toFile()), StandardCharsets.UTF_8),
            BUFFER)) {
      for (var line = lines.readLine();
          line != null && !line.equals(END);
          line = lines.readLine()) {
        var said = Said.parse(line);
        if (said.isPresent()) {
          listener.accept(said.get());
        } else {
          foreign.accept(line);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      foreign.accept("cannot read what workers say: " + e.getMessage());
    }
  }

  /// Never waits: a pipe holds many times the requests that may lie at a replica.
  @Override
  public boolean send(ReplicaId replica, long request, long question) {
    try {
      var pipe = requests.get(replica);
      if (pipe == null) {
        pipe = bothWays(made(requests(replica)));
        requests.put(replica, pipe);
      }
      pipe.write(
          ByteBuffer.wrap((request + " " + question + "\n").getBytes(StandardCharsets.US_ASCII)));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Lets go of the pipe of a replica that is gone.
  void forget(ReplicaId replica) {
    try {
      var pipe = requests.remove(replica);
      if (pipe != null) {
        pipe.close();
      }
      Files.deleteIfExists(requests(replica));
    } catch (IOException e) {
      // It goes with the folder.
    }
  }

  private Path requests(ReplicaId replica) {
    return folder.resolve("requests." + replica.value());
  }

  /// Ends listening and sees the janitor out.
  ///
  /// @throws IOException if it does not end in time
  @Override
  public void close() throws IOException {
    said.write(ByteBuffer.wrap((END + "\n").getBytes(StandardCharsets.US_ASCII)));
    said.close();
    for (var pipe : requests.values()) {
      pipe.close();
    }
    janitor.getOutputStream().close();
    try {
      if (!janitor.waitFor(JANITOR_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            "workers or files of the demo may be left: its janitor did not end within "
                + JANITOR_SECONDS
                + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Path made(Path pipe) throws IOException {
    if (makesPipes && !Files.exists(pipe)) {
      try {
        pipe(pipe);
      } catch (IOException e) {
        if (!Files.exists(pipe)) {
          throw e; // else the worker was quicker
        }
      }
    }
    return pipe;
  }

  private static FileChannel bothWays(Path pipe) throws IOException {
    return FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void pipe(Path path) throws IOException {
    var mkfifo =
        new ProcessBuilder("mkfifo", path.toString())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    try {
      int exit = mkfifo.waitFor();
      if (exit != 0) {
        throw new IOException("mkfifo %s failed with exit code %d".formatted(path, exit));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making " + path, e);
    }
  }

  private static Process janitor(Path folder) throws IOException {
    var janitor =
        new ProcessBuilder("sh", "-c", resource("janitor.sh"))
            .directory(Path.of("/").toFile())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    var orders = janitor.getOutputStream();
    orders.write((folder + "\n").getBytes(StandardCharsets.UTF_8));
    orders.flush();
    return janitor;
  }

  private static String resource(String name) throws IOException {
    try (InputStream text = Workshop.class.getResourceAsStream(name)) {
      if (text == null) {
        throw new IOException("the program is incomplete: no " + name);
      }
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
