package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Fetches packages from the Debian archive that this machine is set up for, and unpacks them
/// without installing them.
final class DebianPackages {
  private static final Duration LOOK_UP = Duration.ofMinutes(1);
  private static final Duration FETCH = Duration.ofMinutes(10);

  private DebianPackages() {}

  /// Checks that packages can be fetched.
  ///
  /// @throws Unavailable if this machine has no such tools
  static void require() throws Unavailable {
    Commands.need("apt-get", "apt: needs a Debian system");
    Commands.need("apt-cache", "apt: needs a Debian system");
    Commands.need("dpkg-deb", "dpkg: needs a Debian system");
  }

  /// The package behind one that only names the newest, such as `linux-image-cloud-amd64`.
  static String behind(String metapackage, String prefix) throws IOException, InterruptedException {
    return Commands.run(LOOK_UP, Path.of("/"), List.of("apt-cache", "depends", metapackage))
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("Depends: " + prefix))
        .map(line -> line.substring("Depends: ".length()))
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "apt knows no package behind %s (apt-get update may help)"
                        .formatted(metapackage)));
  }

  /// Unpacks a package into `folder`, which must exist.
  static void unpack(String name, Path folder) throws IOException, InterruptedException {
    Commands.run(FETCH, folder, List.of("apt-get", "-q", "download", name));
    List<Path> files;
    try (var all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".deb")).toList();
    }
    if (files.size() != 1) {
      throw new IOException("apt-get download %s: need one file, got %s".formatted(name, files));
    }
    var file = files.getFirst();
    Commands.run(FETCH, folder, List.of("dpkg-deb", "-x", file.toString(), folder.toString()));
    Files.delete(file);
  }
}
