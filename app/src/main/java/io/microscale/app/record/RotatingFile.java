package io.microscale.app.record;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// `FILE`, and what was in it before as `FILE.1`, `FILE.2`, …, up to a fixed number of files.
final class RotatingFile implements AutoCloseable {
  private final Path file;
  private final int files;
  private OutputStream out;
  private long written;

  /// Starts an empty file; one that is there already is kept as the one before.
  RotatingFile(Path file, int files) throws IOException {
    this.file = file;
    this.files = files;
    this.out = open();
  }

  /// Bytes in the present file.
  long written() {
    return written;
  }

  void line(byte[] line) throws IOException {
    out.write(line);
    out.write('\n');
    written += line.length + 1;
  }

  void flush() throws IOException {
    out.flush();
  }

  void rotate() throws IOException {
    out.close();
    out = open();
  }

  private OutputStream open() throws IOException {
    if (Files.isRegularFile(file) && Files.size(file) > 0) {
      for (int i = files - 1; i > 0; i--) {
        var from = i == 1 ? file : numbered(i - 1);
        if (Files.exists(from)) {
          Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    written = 0;
    return new BufferedOutputStream(
        Files.newOutputStream(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE),
        1 << 16);
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
