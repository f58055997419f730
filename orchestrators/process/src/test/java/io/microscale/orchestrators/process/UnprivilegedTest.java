package io.microscale.orchestrators.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same as somebody who may do nothing in particular.
class UnprivilegedTest {
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
  private static final int NOBODY = 65_534;

  @TempDir private Path folder;

  @Test
  void everythingButThrottlingWorksWithoutPrivileges() throws Exception {
    assumeTrue(
        Files.isExecutable(SETPRIV) && "root".equals(System.getProperty("user.name")),
        "needs root, to give up its privileges, and setpriv");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    var prefix =
        List.of(
            SETPRIV.toString(),
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--clear-groups",
            "--inh-caps=-all");
    try (var other = EngineInAnotherJvm.start(prefix, readableClasspath(), folder, 2, "try-all")) {
      assertThat(other.line())
          .isEqualTo(
              "freezer none, processor none [WATCHES, PICKS_VICTIMS, PAUSES, REPORTS_NODES,"
                  + " READS_OWN_WRITES]");
      assertThat(other.line()).as("all ended").isEqualTo("true");
    }
  }

  /// Of the class path what is needed, where everybody can read it.
  private String readableClasspath() throws IOException {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.contains("junit") && !entry.contains("testkit"))
        .map(Path::of)
        .map(Path::toAbsolutePath)
        .filter(Files::exists)
        .map(this::copied)
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private Path copied(Path entry) {
    try (var files = Files.walk(entry)) {
      var root = folder.resolve("classpath");
      for (var file : files.toList()) {
        var target = root.resolve(entry.getRoot().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      return root.resolve(entry.getRoot().relativize(entry).toString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
