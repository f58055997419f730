package io.microscale.app.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  @TempDir private Path folder;

  @Test
  void whatIsMadeOnceIsKept() throws Exception {
    var cache = new Cache(folder.resolve("not/there/yet"));
    var count = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      var made =
          cache.get(
              "thing", part -> Files.writeString(part.resolve("n"), "" + count.incrementAndGet()));
      assertThat(made.resolve("n")).hasContent("1");
    }
  }

  @Test
  void whatIsHalfMadeIsNeverFound() throws Exception {
    var cache = new Cache(folder);
    assertThatIOException()
        .isThrownBy(
            () ->
                cache.get(
                    "thing",
                    part -> {
                      Files.createDirectories(part.resolve("a/b"));
                      throw new IOException("disk full");
                    }))
        .withMessage("disk full");
    assertThat(folder.resolve("thing")).doesNotExist();
    assertThat(folder.resolve("part")).doesNotExist();
    // Left by a run that was killed.
    Files.createDirectories(folder.resolve("part/old"));
    assertThat(cache.get("thing", part -> assertThat(part).isEmptyDirectory())).isDirectory();
  }

  @Test
  void twoDoNotMakeAtOnce() throws Exception {
    var cache = new Cache(folder);
    cache.get(
        "outer",
        _ ->
            assertThatIOException()
                .isThrownBy(() -> cache.get("inner", _ -> {}))
                .withMessageContaining("another run is making something"));
  }

  @Test
  void itsPlaceIsTheUsersCache() {
    assertThat(Cache.of(Map.of("XDG_CACHE_HOME", "/x")).folder())
        .isEqualTo(Path.of("/x/microscale/bench"));
    assertThat(Cache.of(Map.of("XDG_CACHE_HOME", "relative")).folder().toString())
        .startsWith("/")
        .endsWith("/.cache/microscale/bench");
  }
}
