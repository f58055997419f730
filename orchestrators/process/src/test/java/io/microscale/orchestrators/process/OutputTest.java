package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.SERVICE;
import static io.microscale.orchestrators.process.TestPool.ready;
import static io.microscale.orchestrators.process.TestPool.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  @TempDir private Path folder;

  private Path logs() {
    return folder.resolve("state/logs").resolve(SERVICE.value());
  }

  @Test
  void chattyReplicaStaysWithinTwoFiles() throws IOException {
    long limit = 8192;
    var script = "echo READY; i=0; while :; do i=$((i+1)); echo line $i; done";
    try (var pool = new TestPool(folder, ready(script).logLimitBytes(limit))) {
      var id = pool.running();
      var log = pool.process(id).log();
      var older = log.resolveSibling(log.getFileName() + ".1");
      await().until(() -> Files.exists(older));
      // It goes on at the new end: the file is no hole with a tail.
      await().until(() -> Files.size(log) > 100);
      assertThat(Files.readAllBytes(log)).startsWith((byte) 'l');
      assertThat(Files.size(older)).isLessThanOrEqualTo(limit);
      var firstCut = Files.getLastModifiedTime(older);
      await().until(() -> Files.getLastModifiedTime(older).compareTo(firstCut) > 0);
      assertThat(Files.size(older)).isLessThanOrEqualTo(limit);
      assertThat(logs()).isDirectoryNotContaining("glob:**.2");
    }
  }

  @Test
  void lastTwentyEndedOnesCanBeRead() throws IOException {
    try (var pool = new TestPool(folder, ready("echo READY; exec sleep 100"))) {
      for (int i = 0; i < EndedLogs.KEPT + 5; i++) {
        var id = pool.running();
        pool.stop(id);
        pool.awaitGone(id);
        if (i == 10) {
          pool.reopen();
        }
      }
      var live = pool.running();
      try (var files = Files.list(logs())) {
        assertThat(files).hasSize(EndedLogs.KEPT + 1).contains(pool.process(live).log());
      }
    }
  }

  @Test
  void replicaHasItsEnvironmentAndNotTheEnginesSecrets() {
    var script =
        "echo $MICROSCALE_POOL $MICROSCALE_SERVICE $MICROSCALE_REPLICA $GREETING; pwd; echo READY;"
            + " env | grep -c '^PATH='; exec sleep 100";
    var workload = ready(script).environment(Map.of("GREETING", "meow")).workingFolder(folder);
    try (var pool = new TestPool(folder, workload)) {
      var id = pool.running();
      await().until(() -> pool.output(id).lines().count() >= 4);
      assertThat(pool.output(id))
          .isEqualTo("pool work %s meow\n%s\nREADY\n1\n".formatted(id, folder));
      assertThat(ProcFs.variable(pool.pid(id), "MICROSCALE_TOKEN")).isEmpty();
    }
  }

  @Test
  void replicaHasNoDescriptorOfTheEngine() throws IOException {
    try (var pool = new TestPool(folder, TestPool.Levers.V1, ready("echo READY; exec sleep 100"))) {
      var id = pool.running();
      await()
          .until(() -> TestPool.text(Path.of("/proc/" + pool.pid(id) + "/comm")).equals("sleep\n"));
      try (var descriptors = Files.list(Path.of("/proc/" + pool.pid(id) + "/fd"))) {
        assertThat(descriptors.map(d -> d.getFileName().toString()))
            .containsExactlyInAnyOrder("0", "1", "2");
      }
      var status = TestPool.text(Path.of("/proc/" + pool.pid(id) + "/status"));
      assertThat(status).contains("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
    }
  }

  @Test
  void outputIsForItsOwnerOnly() throws IOException {
    try (var pool = new TestPool(folder, shell("exec sleep 100"))) {
      var id = pool.running();
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(pool.process(id).log())))
          .isEqualTo("rw-------");
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("state"))))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void lineIsFoundOverPiecesAndLongOnesAreCutNotKept() throws IOException {
    var file = folder.resolve("x.log");
    Files.writeString(file, "REA");
    try (var log = new OutputLog(file)) {
      var pattern = Pattern.compile("^READY$");
      assertThat(log.hasNewLine(pattern)).isFalse();
      append(file, "DY");
      assertThat(log.hasNewLine(pattern)).isFalse();
      append(file, "\n");
      assertThat(log.hasNewLine(pattern)).isTrue();
      append(file, "x".repeat(300_000) + "READY\nREADY\n");
      assertThat(log.hasNewLine(pattern)).isTrue();
    }
  }

  @Test
  void lastWordsAreOneCleanLine() throws IOException {
    var file = folder.resolve("x.log");
    Files.writeString(file, "first\n\u001b[31mred\tü" + "y".repeat(300) + "\n  \n\n");
    try (var log = new OutputLog(file)) {
      assertThat(log.lastWords()).hasSize(200).startsWith(" [31mred üyy".strip());
    }
    try (var log = new OutputLog(folder.resolve("none.log"))) {
      assertThat(log.lastWords()).isEmpty();
    }
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(file, text, java.nio.file.StandardOpenOption.APPEND);
  }
}
