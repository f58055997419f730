package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A busybox that needs no libraries, so that it runs in an image with nothing else in it.
///
/// @param path on this machine
record Busybox(Path path) {
  private static final String PACKAGE = "busybox-static";
  private static final int ELF = 0x464c457f;
  private static final int INTERPRETER = 3;

  /// The machine's own, or else that of Debian's package, which is not installed for it.
  static Busybox find(Cache cache) throws Unavailable, IOException, InterruptedException {
    var own = Commands.find("busybox");
    if (own.isPresent() && isStatic(Files.readAllBytes(own.get()))) {
      return new Busybox(own.get());
    }
    try {
      DebianPackages.require();
    } catch (Unavailable e) {
      throw new Unavailable(
          "no statically linked busybox is installed (Debian package %s), and it cannot be fetched: %s"
              .formatted(PACKAGE, e.reason()));
    }
    var folder = cache.get(PACKAGE, part -> DebianPackages.unpack(PACKAGE, part));
    for (var place : new String[] {"bin/busybox", "usr/bin/busybox"}) {
      if (Files.isExecutable(folder.resolve(place))) {
        return new Busybox(folder.resolve(place));
      }
    }
    throw new IOException("no busybox in the package " + PACKAGE);
  }

  byte[] bytes() throws IOException {
    return Files.readAllBytes(path);
  }

  /// The files of an image: busybox and the names of the commands that the workload uses.
  FileTree image() throws IOException {
    return new FileTree()
        .folder("bin")
        .folder("dev")
        .folder("proc")
        .folder("sys")
        .folder("tmp")
        .folder("etc")
        .program("bin/busybox", bytes())
        .link("bin/sh", "busybox")
        .link("bin/sleep", "busybox")
        .file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n".getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a program is an ELF file that names no loader of libraries.
  static boolean isStatic(byte[] program) {
    if (program.length < 64) {
      return false;
    }
    var elf = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.getInt(0) != ELF || program[4] != 2 || program[5] != 1) {
      return false;
    }
    long headers = elf.getLong(32);
    int size = Short.toUnsignedInt(elf.getShort(54));
    int count = Short.toUnsignedInt(elf.getShort(56));
    if (headers < 0 || size < 4 || headers + (long) size * count > program.length) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (elf.getInt((int) headers + i * size) == INTERPRETER) {
        return false;
      }
    }
    return true;
  }
}
