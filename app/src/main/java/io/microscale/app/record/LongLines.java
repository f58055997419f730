package io.microscale.app.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Lines of bytes, one after the other, none longer than a bound.
final class LongLines implements AutoCloseable {
  private final InputStream in;
  private final int longest;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int from;
  private int to;
  private boolean ended = true;

  /// A line is longer than the bound.
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /// @param in is closed with this
  LongLines(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /// The next line without its end; empty at the end of the input.
  ///
  /// @throws TooLongException if it is longer than the bound
  Optional<byte[]> next() throws IOException {
    line.reset();
    while (true) {
      if (from == to) {
        from = 0;
        to = in.read(buffer);
        if (to < 0) {
          to = 0;
          ended = line.size() == 0;
          return ended ? Optional.empty() : Optional.of(line.toByteArray());
        }
      }
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      if (line.size() + end - from > longest) {
        throw new TooLongException();
      }
      line.write(buffer, from, end - from);
      if (end < to) {
        from = end + 1;
        return Optional.of(line.toByteArray());
      }
      from = end;
    }
  }

  /// Whether the last line had its end, which only that of the whole input may lack.
  boolean ended() {
    return ended;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
