package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The image of this build, made by `deploy/image.sh`.
final class ImageFile {
  private static final int PATIENCE_SECONDS = 120;

  private ImageFile() {}

  /// Makes an archive in Docker's format.
  ///
  /// @param tag `NAME:TAG`, under which it is found where it was loaded
  static Path make(Path folder, String tag) throws Exception {
    var jar = Path.of("target/microscale.jar").toAbsolutePath();
    assertThat(jar).as("what the phase package has made").exists();
    var image = folder.resolve("image.tar");
    var errors = folder.resolve("image.err");
    var builder =
        new ProcessBuilder(List.of(Chart.DEPLOY + "/image.sh", "-t", tag))
            .redirectOutput(image.toFile())
            .redirectError(errors.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MICROSCALE_JAR", jar.toString());
    var making = builder.start();
    boolean ended = making.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    making.destroyForcibly();
    assertThat(ended).as(Files.readString(errors)).isTrue();
    assertThat(making.exitValue()).as(Files.readString(errors)).isZero();
    return image;
  }
}
