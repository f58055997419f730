package io.microscale.orchestrators.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The output of one replica, in two files at most: `NAME.log`, which it appends to by itself, and
/// `NAME.log.1` with what came before.
///
/// When the first has reached the limit it is copied to the second and cut to nothing, as
/// `logrotate` does with `copytruncate`; since the replica appends, it goes on at the new end. What
/// it writes between copy and cut is lost.
final class OutputLog implements AutoCloseable {
  static final String SUFFIX = ".log";
  private static final int CHUNK = 64 << 10;
  private static final int LONGEST_LINE = 64 << 10;
  private static final int TAIL = 4096;
  private static final int SHOWN = 200;

  private final Path file;
  private @Nullable FileChannel reading;
  private ByteBuffer chunk = ByteBuffer.allocate(0);
  private long position;
  private final StringBuilder line = new StringBuilder();

  OutputLog(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  private Path older() {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /// Reads what is new since the last call, and says whether a line of it has a match. Of a line
  /// only the first 64 KiB count.
  boolean hasNewLine(Pattern pattern) throws IOException {
    if (reading == null) {
      reading = FileChannel.open(file, StandardOpenOption.READ);
      chunk = ByteBuffer.allocate(CHUNK);
    }
    if (reading.size() < position) {
      position = 0; // it was cut
    }
    while (true) {
      int count = reading.read(chunk.clear(), position);
      if (count <= 0) {
        return false;
      }
      position += count;
      for (int i = 0; i < count; i++) {
        char c = (char) (chunk.get(i) & 0xff);
        if (c == '\n') {
          boolean found = pattern.matcher(decoded()).find();
          line.setLength(0);
          if (found) {
            return true;
          }
        } else if (line.length() < LONGEST_LINE) {
          line.append(c);
        }
      }
    }
  }

  private String decoded() {
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /// Whether something was moved to the older file already, so that the beginning may be missing.
  boolean wasCut() {
    return Files.exists(older());
  }

  /// Keeps the two files at about `limit` bytes each.
  void bound(long limit) throws IOException {
    long size = file.toFile().length(); // no exception, no object: called each second
    if (size <= limit) {
      return;
    }
    try (var from = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var to =
            FileChannel.open(
                older(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
      size = from.size();
      long at = Math.max(0, size - limit);
      while (at < size) {
        long moved = from.transferTo(at, size - at, to);
        if (moved <= 0) {
          break;
        }
        at += moved;
      }
      from.truncate(0);
    }
  }

  /// The last line that is not blank, for people: without control characters and at most 200
  /// characters long; empty if there is none.
  String lastWords() {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var tail = ByteBuffer.allocate(TAIL);
      channel.read(tail, Math.max(0, channel.size() - TAIL));
      return StandardCharsets.UTF_8
          .decode(tail.flip())
          .toString()
          .lines()
          .map(text -> text.replaceAll("\\p{Cntrl}", " ").strip())
          .filter(text -> !text.isEmpty())
          .reduce("", (before, last) -> last.substring(0, Math.min(SHOWN, last.length())));
    } catch (IOException e) {
      return "";
    }
  }

  /// Removes both files.
  void delete() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(older());
  }

  /// Reads no more; the files stay.
  @Override
  public void close() {
    if (reading != null) {
      try {
        reading.close();
      } catch (IOException e) {
        // It was only read.
      }
      reading = null;
      chunk = ByteBuffer.allocate(0);
    }
  }
}
