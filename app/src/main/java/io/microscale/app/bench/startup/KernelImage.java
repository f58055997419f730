package io.microscale.app.bench.startup;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/// Takes the kernel proper, an ELF file, out of a compressed x86 one (bzImage): a virtual machine
/// that is given the ELF file does not have to unpack it itself, which takes long where its
/// processor is emulated.
///
/// Where the payload lies is told by the header ([boot
/// protocol](https://docs.kernel.org/arch/x86/boot.html) 2.08 and newer); it is understood if
/// compressed by LZ4 (in its "legacy" framing, which Linux uses) or gzip.
final class KernelImage {
  private static final int SETUP_SECTORS = 0x1f1;
  private static final int MAGIC = 0x202;
  private static final int VERSION = 0x206;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int HEADER = 0x250;
  private static final int SECTOR = 512;
  private static final int HDRS = 0x53726448;
  private static final int LZ4_LEGACY = 0x184c2102;
  private static final int LZ4_BLOCK = 8 << 20;
  private static final int ELF = 0x464c457f;

  private KernelImage() {}

  /// Unpacks a kernel.
  ///
  /// @param elf takes the kernel proper
  /// @throws IOException if `image` is no bzImage whose payload is understood
  static void unpack(byte[] image, OutputStream elf) throws IOException {
    var bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    if (image.length < HEADER || bytes.getInt(MAGIC) != HDRS || bytes.getShort(VERSION) < 0x208) {
      throw new IOException("not a bzImage of boot protocol 2.08 or newer");
    }
    long start =
        (Byte.toUnsignedInt(image[SETUP_SECTORS]) + 1L) * SECTOR
            + Integer.toUnsignedLong(bytes.getInt(PAYLOAD_OFFSET));
    long end = start + Integer.toUnsignedLong(bytes.getInt(PAYLOAD_LENGTH));
    if (start + 8 > end || end > image.length) {
      throw new IOException("the payload of the bzImage lies outside of it");
    }
    var payload = bytes.slice((int) start, (int) (end - start)).order(ByteOrder.LITTLE_ENDIAN);
    if (payload.getInt(0) == LZ4_LEGACY) {
      unpackLz4(payload.position(4), elf);
    } else if (payload.get(0) == (byte) 0x1f && payload.get(1) == (byte) 0x8b) {
      unpackGzip(image, (int) start, (int) (end - start), elf);
    } else {
      throw new IOException("the payload of the bzImage is compressed neither by LZ4 nor by gzip");
    }
  }

  private static void unpackGzip(byte[] image, int from, int length, OutputStream elf)
      throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(image, from, length))) {
      var first = in.readNBytes(4);
      requireElf(first, first.length);
      elf.write(first);
      in.transferTo(elf);
    }
  }

  /// Blocks that do not depend on each other, each behind its length; all but the last are 8 MiB
  /// when unpacked. Linux puts the unpacked length behind them.
  private static void unpackLz4(ByteBuffer payload, OutputStream elf) throws IOException {
    var block = new byte[LZ4_BLOCK];
    boolean first = true;
    long all = 0;
    while (payload.remaining() > 4) {
      int length = payload.getInt();
      if (length <= 0 || length > payload.remaining()) {
        throw new IOException("the kernel's LZ4 stream is damaged: a block of " + length);
      }
      int size = lz4(payload.slice(payload.position(), length), block);
      payload.position(payload.position() + length);
      if (first) {
        requireElf(block, size);
        first = false;
      }
      elf.write(block, 0, size);
      all += size;
    }
    if (payload.remaining() != 4 || payload.getInt() != (int) all) {
      throw new IOException("the kernel's LZ4 stream is damaged: not as long as it says");
    }
  }

  private static void requireElf(byte[] bytes, int size) throws IOException {
    if (size < 4 || ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0) != ELF) {
      throw new IOException("the payload of the bzImage is no ELF file");
    }
  }

  /// Unpacks one block ([format](https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md)):
  /// literals and copies of what came before, in turn.
  ///
  /// @return how many bytes of `out` are filled
  static int lz4(ByteBuffer in, byte[] out) throws IOException {
    int at = 0;
    try {
      while (in.hasRemaining()) {
        int token = Byte.toUnsignedInt(in.get());
        int literals = length(in, token >>> 4);
        in.get(out, at, literals);
        at += literals;
        if (!in.hasRemaining()) {
          return at;
        }
        int back = Byte.toUnsignedInt(in.get()) | Byte.toUnsignedInt(in.get()) << 8;
        int count = length(in, token & 15) + 4;
        if (back == 0 || back > at || count > out.length - at) {
          throw new IOException("the LZ4 block is damaged at byte " + in.position());
        }
        copy(out, at, back, count);
        at += count;
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IOException("the LZ4 block is damaged at byte " + in.position(), e);
    }
    return at;
  }

  private static int length(ByteBuffer in, int first) {
    int length = first;
    if (first == 15) {
      int more;
      do {
        more = Byte.toUnsignedInt(in.get());
        length += more;
      } while (more == 255);
    }
    return length;
  }

  /// What is copied may reach into what it makes: then it repeats.
  private static void copy(byte[] out, int at, int back, int count) {
    if (back == 1) {
      Arrays.fill(out, at, at + count, out[at - 1]);
      return;
    }
    for (int done = 0; done < count; ) {
      int part = Math.min(back, count - done);
      System.arraycopy(out, at + done - back, out, at + done, part);
      done += part;
    }
  }
}
