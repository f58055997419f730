package io.microscale.app.bench.startup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A small tree of files that belong to root, as a folder, as a tar archive (an image) or as a cpio
/// archive (what a kernel unpacks into its memory). A folder has to be added before what is in it.
final class FileTree {
  private static final int TAR_BLOCK = 512;
  private static final int TYPE_FOLDER = 0040000;
  private static final int TYPE_FILE = 0100000;
  private static final int TYPE_LINK = 0120000;
  private static final int TYPE_DEVICE = 0020000;

  private sealed interface Entry {
    String path();

    record Folder(String path) implements Entry {}

    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record File(String path, byte[] content, int mode) implements Entry {}

    record Link(String path, String target) implements Entry {}

    /// A character device.
    record Device(String path, int major, int minor) implements Entry {}
  }

  private final List<Entry> entries = new ArrayList<>();

  FileTree folder(String path) {
    entries.add(new Entry.Folder(path));
    return this;
  }

  FileTree program(String path, byte[] content) {
    entries.add(new Entry.File(path, content.clone(), 0755));
    return this;
  }

  FileTree program(String path, String text) {
    return program(path, text.getBytes(StandardCharsets.UTF_8));
  }

  FileTree file(String path, byte[] content) {
    entries.add(new Entry.File(path, content.clone(), 0644));
    return this;
  }

  FileTree link(String path, String target) {
    entries.add(new Entry.Link(path, target));
    return this;
  }

  FileTree device(String path, int major, int minor) {
    entries.add(new Entry.Device(path, major, minor));
    return this;
  }

  /// Makes it below a folder that exists. Devices are left out: only the administrator may make
  /// them.
  void writeTo(Path root) throws IOException {
    for (var entry : entries) {
      var path = root.resolve(entry.path());
      switch (entry) {
        case Entry.Folder _ -> Files.createDirectories(path);
        case Entry.File(_, var content, int mode) -> {
          Files.write(path, content);
          Files.setPosixFilePermissions(
              path, PosixFilePermissions.fromString(mode == 0755 ? "rwxr-xr-x" : "rw-r--r--"));
        }
        case Entry.Link(_, var target) -> Files.createSymbolicLink(path, Path.of(target));
        case Entry.Device _ -> {}
      }
    }
  }

  /// A POSIX (ustar) archive; its times are 0, so the same tree gives the same bytes.
  byte[] tar() throws IOException {
    var out = new ByteArrayOutputStream();
    for (var entry : entries) {
      switch (entry) {
        case Entry.Folder(var path) -> tarHead(out, path + "/", 0755, 0, '5', "", 0, 0);
        case Entry.File(var path, var content, int mode) -> {
          tarHead(out, path, mode, content.length, '0', "", 0, 0);
          out.write(content);
          pad(out, TAR_BLOCK);
        }
        case Entry.Link(var path, var target) -> tarHead(out, path, 0777, 0, '2', target, 0, 0);
        case Entry.Device(var path, int major, int minor) ->
            tarHead(out, path, 0600, 0, '3', "", major, minor);
      }
    }
    out.write(new byte[2 * TAR_BLOCK]);
    return out.toByteArray();
  }

  private static void tarHead(
      OutputStream out,
      String path,
      int mode,
      int size,
      char type,
      String target,
      int major,
      int minor)
      throws IOException {
    var head = new byte[TAR_BLOCK];
    put(head, 0, 100, path);
    put(head, 100, 8, octal(mode, 7));
    put(head, 108, 8, octal(0, 7));
    put(head, 116, 8, octal(0, 7));
    put(head, 124, 12, octal(size, 11));
    put(head, 136, 12, octal(0, 11));
    put(head, 148, 8, "        ");
    head[156] = (byte) type;
    put(head, 157, 100, target);
    put(head, 257, 8, "ustar\u000000");
    put(head, 329, 8, octal(major, 7));
    put(head, 337, 8, octal(minor, 7));
    int sum = 0;
    for (byte b : head) {
      sum += b & 0xff;
    }
    put(head, 148, 8, octal(sum, 6) + "\u0000 ");
    out.write(head);
  }

  private static void put(byte[] head, int at, int room, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > room) {
      throw new IllegalArgumentException("need at most %d bytes, got '%s'".formatted(room, text));
    }
    System.arraycopy(bytes, 0, head, at, bytes.length);
  }

  private static String octal(int value, int digits) {
    return String.format(Locale.ROOT, "%0" + digits + "o", value);
  }

  /// An archive in the "newc" format, as the kernel's initramfs wants it.
  byte[] cpio() throws IOException {
    var out = new ByteArrayOutputStream();
    int inode = 1;
    for (var entry : entries) {
      switch (entry) {
        case Entry.Folder(var path) ->
            cpioEntry(out, inode, path, TYPE_FOLDER | 0755, new byte[0], 0, 0);
        case Entry.File(var path, var content, int mode) ->
            cpioEntry(out, inode, path, TYPE_FILE | mode, content, 0, 0);
        case Entry.Link(var path, var target) ->
            cpioEntry(
                out, inode, path, TYPE_LINK | 0777, target.getBytes(StandardCharsets.UTF_8), 0, 0);
        case Entry.Device(var path, int major, int minor) ->
            cpioEntry(out, inode, path, TYPE_DEVICE | 0600, new byte[0], major, minor);
      }
      inode++;
    }
    cpioEntry(out, 0, "TRAILER!!!", 0, new byte[0], 0, 0);
    return out.toByteArray();
  }

  private static void cpioEntry(
      ByteArrayOutputStream out,
      int inode,
      String path,
      int mode,
      byte[] content,
      int major,
      int minor)
      throws IOException {
    var name = path.getBytes(StandardCharsets.UTF_8);
    // inode, mode, owner, group, links, time, size, device, device of the entry, name, check
    int[] fields = {
      inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length + 1, 0
    };
    var head = new StringBuilder("070701");
    for (int field : fields) {
      head.append(String.format(Locale.ROOT, "%08X", field));
    }
    out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(name);
    out.write(0);
    pad(out, 4);
    out.write(content);
    pad(out, 4);
  }

  private static void pad(ByteArrayOutputStream out, int block) {
    while (out.size() % block != 0) {
      out.write(0);
    }
  }
}
