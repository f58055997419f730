package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What takes long to make and is kept between runs: kernels, and the image of a distribution.
/// Nothing half-made is ever found in it.
///
/// @param folder need not exist
record Cache(Path folder) {
  /// Makes something below a folder that exists and is empty.
  @FunctionalInterface
  interface Maker {
    void make(Path folder) throws IOException, InterruptedException;
  }

  /// `$XDG_CACHE_HOME/microscale/bench`, or `~/.cache/microscale/bench`.
  static Cache of(Map<String, String> environment) {
    var home = environment.getOrDefault("XDG_CACHE_HOME", "");
    var base =
        home.startsWith("/") ? Path.of(home) : Path.of(System.getProperty("user.home"), ".cache");
    return new Cache(base.resolve("microscale").resolve("bench"));
  }

  /// The folder `name`; made if it is not there.
  ///
  /// @throws IOException also if another run is making something at this moment
  Path get(String name, Maker maker) throws IOException, InterruptedException {
    var wanted = folder.resolve(name);
    if (Files.isDirectory(wanted)) {
      return wanted;
    }
    Files.createDirectories(folder);
    try (var channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = lock(channel)) {
      if (lock == null) {
        throw new IOException("another run is making something in " + folder + "; try again later");
      }
      var part = folder.resolve("part");
      Folders.remove(part);
      try {
        maker.make(Files.createDirectory(part));
        Files.move(part, wanted, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Folders.remove(part);
      }
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("cannot move files in " + folder, e);
    }
    return wanted;
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
