package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.orchestrators.process.TestPool.Levers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeakTest {
  private static final int ROUNDS = 200;

  @TempDir private Path folder;

  private static long descriptors() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  private static long zombies() {
    int self = (int) ProcessHandle.current().pid();
    return ProcessHandle.of(self).orElseThrow().children().count();
  }

  private List<Path> groups() throws IOException {
    try (var files = Files.walk(Path.of("/sys/fs/cgroup"), 3)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("work-"))
          .filter(f -> f.getParent().getFileName().toString().startsWith("microscale-pool-"))
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "SIGNALS"})
  void twoHundredReplicasLeaveNothing(Levers levers) throws IOException {
    try (var pool = new TestPool(folder, levers, ready("echo READY; exec sleep 100"))) {
      for (int i = 0; i < 3; i++) { // what is opened once is open now
        var id = pool.running();
        pool.stop(id);
        pool.awaitGone(id);
      }
      long descriptors = descriptors();
      int threads = Thread.activeCount();
      long children = zombies();
      for (int i = 0; i < ROUNDS; i++) {
        var id = pool.running();
        pool.pause(id);
        pool.stop(id);
        pool.awaitGone(id);
      }
      await().until(() -> groups().isEmpty());
      assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 2);
      // Awaitility has some of its own.
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
      assertThat(zombies()).isLessThanOrEqualTo(children);
      assertThat(folder.resolve("state/replicas")).isEmptyDirectory();
    }
  }
}
