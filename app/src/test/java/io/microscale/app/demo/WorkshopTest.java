package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.core.model.ReplicaId;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The workers' programs against what expects them.
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkshopTest {
  private static final ReplicaId WEB = new ReplicaId("web-1");

  private final List<Process> workers = new ArrayList<>();
  private final List<Said> said = new CopyOnWriteArrayList<>();
  private final List<String> foreign = new CopyOnWriteArrayList<>();
  private Workshop workshop;

  @BeforeEach
  void open() throws IOException {
    workshop = Workshop.open(System.getenv());
    workshop.listen(said::add, foreign::add);
  }

  @AfterEach
  void close() throws IOException {
    if (Files.exists(workshop.folder())) {
      workshop.close();
    }
    workers.forEach(Process::destroyForcibly);
  }

  private Process worker(String replica, String program, int size) throws IOException {
    var builder =
        new ProcessBuilder(
                "sh",
                workshop.program(program),
                workshop.folder().toString(),
                Integer.toString(size))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("MICROSCALE_REPLICA", replica);
    var worker = builder.start();
    workers.add(worker);
    if (program.equals("web.sh")) {
      try (var out = new BufferedReader(worker.inputReader())) {
        assertThat(out.readLine()).isEqualTo("ready");
      }
    }
    return worker;
  }

  @Test
  void aWebWorkerAnswersRight() throws IOException {
    worker(WEB.value(), "web.sh", Work.ROUNDS);
    assertThat(workshop.send(WEB, 1, 77)).isTrue();
    assertThat(workshop.send(WEB, 2, Integer.MAX_VALUE)).isTrue();
    await().atMost(Duration.ofMinutes(2)).until(() -> said.size() == 2);
    assertThat(said)
        .containsExactly(
            new Said.Answer(WEB, 1, Work.answer(77)),
            new Said.Answer(WEB, 2, Work.answer(Integer.MAX_VALUE)));
    assertThat(foreign).isEmpty();
  }

  @Test
  void aBatchWorkerComputesRight() throws IOException {
    worker("transcode-1", "transcode.sh", Work.NUMBERS);
    await().atMost(Duration.ofMinutes(2)).until(() -> said.size() >= 3);
    assertThat(said).allMatch(line -> line instanceof Said.Block block && block.isRight());
    assertThat(foreign).isEmpty();
  }

  @Test
  void aWebWorkerEndsWhenItsPipeIsClosed() throws Exception {
    var worker = worker(WEB.value(), "web.sh", Work.ROUNDS);
    workshop.send(WEB, 1, 77);
    await().atMost(Duration.ofMinutes(2)).until(() -> said.size() == 1);
    workshop.forget(WEB);
    assertThat(worker.waitFor()).isZero();
    assertThat(workshop.send(WEB, 2, 77)).isFalse();
  }

  @Test
  void theJanitorEndsWhatIsLeftEvenPausedAndRemovesTheFolder() throws Exception {
    var batch = worker("transcode-1", "transcode.sh", Work.NUMBERS);
    var paused = worker("transcode-2", "transcode.sh", Work.NUMBERS);
    var waiting = worker(WEB.value(), "web.sh", Work.ROUNDS);
    assertThat(new ProcessBuilder("sh", "-c", "kill -STOP " + paused.pid()).start().waitFor())
        .isZero();
    workshop.close();
    assertThat(workshop.folder()).doesNotExist();
    for (var worker : List.of(batch, paused, waiting)) {
      worker.waitFor();
    }
  }

  @Test
  void twoDemosDoNotKnowEachOther() throws Exception {
    var mine = worker("transcode-1", "transcode.sh", Work.NUMBERS);
    Workshop.open(System.getenv()).close();
    assertThat(mine.isAlive()).isTrue();
    int before = said.size();
    await().atMost(Duration.ofMinutes(2)).until(() -> said.size() > before);
  }

  @Test
  void itIsWhereTheUserKeepsWhatNeedNotLast(@TempDir Path runtime) throws Exception {
    try (var other = Workshop.open(Map.of("XDG_RUNTIME_DIR", runtime.toString()))) {
      assertThat(other.folder()).hasParent(runtime);
    }
    try (var other = Workshop.open(Map.of("XDG_RUNTIME_DIR", "relative"))) {
      assertThat(other.folder()).isAbsolute();
    }
    assertThat(runtime).isEmptyDirectory();
  }
}
