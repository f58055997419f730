package io.microscale.app.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class KernelImageTest {
  /// [#elf] as `lz4 -l -9` packs it: literals, long runs, copies that reach into themselves.
  private static final byte[] LZ4 =
      Base64.getDecoder()
          .decode(
              "AiFMGH0AAAD/KH9FTEYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnbWljcm9zY2Fs"
                  + "ZSALAP+bH3oBAP//qvAo//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eDf3t3c29rZ2NfW"
                  + "1dTT0tHQz87NzMvKyQ==");

  private static byte[] elf() {
    var all = ByteBuffer.allocate(2000);
    all.put((byte) 0x7f).put("ELF".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 40; i++) {
      all.put((byte) i);
    }
    all.put("microscale ".repeat(40).getBytes(StandardCharsets.US_ASCII));
    all.put("z".repeat(700).getBytes(StandardCharsets.US_ASCII));
    for (int i = 255; i > 200; i--) {
      all.put((byte) i);
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  @Test
  void theKernelIsTakenOutOfAnLz4Image() throws IOException {
    assertThat(unpacked(image(LZ4, elf().length))).isEqualTo(elf());
  }

  /// Blocks of a kernel follow each other without a magic number between.
  @Test
  void blocksAreJoined() throws IOException {
    var two = new ByteArrayOutputStream();
    two.write(LZ4);
    two.write(LZ4, 4, LZ4.length - 4);
    var both = new ByteArrayOutputStream();
    both.write(elf());
    both.write(elf());
    assertThat(unpacked(image(two.toByteArray(), both.size()))).isEqualTo(both.toByteArray());
  }

  @Test
  void theKernelIsTakenOutOfAGzipImage() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(elf());
    }
    assertThat(unpacked(image(packed.toByteArray(), elf().length))).isEqualTo(elf());
  }

  @Test
  void whatIsNoKernelIsRefused() {
    assertRefused(new byte[10], "not a bzImage");
    assertRefused(new byte[10_000], "not a bzImage");
    assertRefused(image(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0), "neither by LZ4 nor by gzip");
    var outside = image(LZ4, elf().length);
    ByteBuffer.wrap(outside).order(ByteOrder.LITTLE_ENDIAN).putInt(0x24c, 1 << 30);
    assertRefused(outside, "lies outside");
  }

  /// Wherever a stream is cut or a byte is changed, it ends with an error or with other bytes, and
  /// with nothing else.
  @Test
  void damagedStreamsAreRefused() {
    for (int length = 5; length < LZ4.length; length++) {
      assertRefused(image(Arrays.copyOf(LZ4, length), elf().length), "");
    }
    for (int at = 0; at < LZ4.length; at++) {
      for (int value : new int[] {0, 0x7f, 0xff}) {
        var damaged = LZ4.clone();
        damaged[at] = (byte) value;
        try {
          unpacked(image(damaged, elf().length));
        } catch (IOException e) {
          assertThat(e).hasMessageMatching("(?s).*(damaged|no ELF|neither|empty|outside).*");
        }
      }
    }
  }

  private static void assertRefused(byte[] image, String why) {
    assertThatIOException().isThrownBy(() -> unpacked(image)).withMessageContaining(why);
  }

  private static byte[] unpacked(byte[] image) throws IOException {
    var out = new ByteArrayOutputStream();
    KernelImage.unpack(image, out);
    return out.toByteArray();
  }

  /// A compressed kernel with four sectors of setup code, and the unpacked length after the
  /// payload.
  private static byte[] image(byte[] payload, int unpacked) {
    int start = 5 * 512 + 100;
    var image = ByteBuffer.allocate(start + payload.length + 50).order(ByteOrder.LITTLE_ENDIAN);
    image.put(0x1f1, (byte) 4);
    image.putInt(0x202, 0x53726448);
    image.putShort(0x206, (short) 0x20f);
    image.putInt(0x248, 100);
    image.putInt(0x24c, payload.length + 4);
    image.put(start, payload);
    image.putInt(start + payload.length, unpacked);
    return image.array();
  }
}
