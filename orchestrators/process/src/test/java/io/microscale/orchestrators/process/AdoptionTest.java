package io.microscale.orchestrators.process;

import static io.microscale.orchestrators.process.TestPool.SERVICE;
import static io.microscale.orchestrators.process.TestPool.awaitDead;
import static io.microscale.orchestrators.process.TestPool.kill;
import static io.microscale.orchestrators.process.TestPool.lives;
import static io.microscale.orchestrators.process.TestPool.ready;
import static io.microscale.orchestrators.process.TestPool.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.orchestrators.process.TestPool.Levers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdoptionTest {
  private static final String LOOP = "echo READY; while :; do sleep 0.1; done";

  @TempDir private Path folder;

  private Path record(ReplicaId id) {
    return folder.resolve("state/replicas").resolve(id + ".replica");
  }

  /// Changes a record while no engine runs.
  private void edit(ReplicaId id, Consumer<Map<String, String>> change) {
    try {
      var fields = RecordText.read(Files.readString(record(id)));
      change.accept(fields);
      Files.writeString(record(id), RecordText.write(fields));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sameProcessSameReplica(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(LOOP))) {
      var id = pool.running();
      var before = pool.find(id).orElseThrow();
      var process = pool.process(id);
      pool.reopen();
      assertThat(pool.find(id)).contains(before);
      assertThat(pool.process(id)).isEqualTo(process);
      kill(process.pid());
      pool.awaitGone(id);
    }
  }

  @Test
  void processThatTookOverTheNumberIsNotTouched() throws Exception {
    var foreign = new ProcessBuilder("setsid", "sleep", "300").start();
    // The kernel counts start times in ticks of 10 ms, in which no number comes round again.
    await().pollDelay(Duration.ofMillis(30)).until(foreign::isAlive);
    try (var pool = new TestPool(folder, ready(LOOP))) {
      var id = pool.running();
      int pid = pool.pid(id);
      pool.orchestrator().close();
      kill(pid);
      awaitDead(pid);
      edit(id, p -> p.put("pid", Long.toString(foreign.pid())));
      pool.reopen();
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      assertThat(record(id)).doesNotExist();
      assertThat(lives((int) foreign.pid())).isTrue();
    } finally {
      foreign.destroyForcibly();
    }
  }

  @Test
  void numbersOfAnotherBootMeanNothing() throws Exception {
    var foreign = new ProcessBuilder("setsid", "sleep", "300").start();
    int pid = (int) foreign.pid();
    try (var pool = new TestPool(folder, ready(LOOP))) {
      var id = pool.running();
      int own = pool.pid(id);
      pool.orchestrator().close();
      kill(own);
      awaitDead(own);
      var ticks = Long.toString(ProcFs.stat(pid).orElseThrow().startTicks());
      edit(
          id,
          p -> {
            p.put("pid", Integer.toString(pid));
            p.put("startTicks", ticks);
            p.put("epoch", "another");
          });
      pool.reopen();
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      assertThat(lives(pid)).isTrue();
    } finally {
      foreign.destroyForcibly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void startThatWasNeverNotedIsFoundByItsToken(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready(LOOP))) {
      var start = pool.startAction();
      pool.orchestrator().perform(start);
      pool.awaitState(start.replica(), ReplicaState.RUNNING);
      int pid = pool.pid(start.replica());
      pool.orchestrator().close();
      edit(
          start.replica(),
          p -> {
            p.remove("pid");
            p.remove("startTicks");
            p.remove("epoch");
            p.put("ready", "false");
          });
      pool.reopen();
      assertThat(pool.pid(start.replica())).isEqualTo(pid);
      pool.orchestrator().perform(start);
      pool.awaitState(start.replica(), ReplicaState.RUNNING);
      assertThat(pool.orchestrator().observe().replicas()).hasSize(1);
    }
  }

  @Test
  void startThatNeverHappenedIsForgotten() {
    try (var pool = new TestPool(folder, ready(LOOP))) {
      var id = pool.running();
      int pid = pool.pid(id);
      pool.orchestrator().close();
      kill(pid);
      awaitDead(pid);
      edit(id, p -> p.remove("pid"));
      pool.reopen();
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      assertThat(record(id)).doesNotExist();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatALostReplicaLeftIsEnded(Levers levers) {
    var family = ready("sh -c 'echo $$; exec sleep 300' & echo READY; wait");
    try (var pool = new TestPool(folder, levers, family)) {
      var id = pool.running();
      int child = pool.pids(id, 1).getFirst();
      int pid = pool.pid(id);
      pool.orchestrator().close();
      kill(pid);
      awaitDead(pid);
      // Reaped, as by init if the engine were gone.
      Libc.reap(pid);
      assertThat(lives(child)).isTrue();
      pool.reopen();
      awaitDead(child);
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
    }
  }

  @Test
  void stopGoesOnAfterARestart() {
    try (var pool =
        new TestPool(folder, ready("trap '' TERM; " + LOOP).stopGrace(Duration.ofMillis(300)))) {
      var id = pool.running();
      pool.stop(id);
      pool.reopen();
      assertThat(pool.find(id).map(Replica::state)).isNotEqualTo(ReplicaState.RUNNING);
      pool.awaitGone(id);
    }
  }

  @ParameterizedTest
  @EnumSource
  void pauseThatWasOnlyNotedIsDoneAfterARestart(Levers levers) {
    try (var pool = new TestPool(folder, levers, ready("echo READY; while :; do :; done"))) {
      var id = pool.running();
      pool.orchestrator().close();
      edit(id, p -> p.put("paused", "true"));
      pool.reopen();
      assertThat(pool.find(id).map(Replica::state)).contains(ReplicaState.PAUSED);
      await().until(() -> pool.hasHalted(id));
      pool.orchestrator().close();
      edit(id, p -> p.put("paused", "false"));
      pool.reopen();
      assertThat(pool.find(id).map(Replica::state)).contains(ReplicaState.RUNNING);
      await().until(() -> !pool.hasHalted(id));
    }
  }

  @Test
  void unreadyOneBecomesReadyAfterARestart() throws IOException {
    var go = folder.resolve("go");
    var script = "until [ -e " + go + " ]; do sleep 0.01; done; " + LOOP;
    try (var pool = new TestPool(folder, ready(script))) {
      var id = pool.start();
      pool.reopen();
      assertThat(pool.find(id).orElseThrow().state()).isEqualTo(ReplicaState.STARTING);
      Files.createFile(go);
      pool.awaitState(id, ReplicaState.RUNNING);
    }
  }

  @Test
  void startThatArrivesAgainAfterTheEndIsNotAnotherReplica() {
    try (var pool = new TestPool(folder, ready(LOOP))) {
      var start = pool.startAction();
      pool.orchestrator().perform(start);
      pool.orchestrator().perform(new Action.Stop(SERVICE, start.replica()));
      pool.awaitGone(start.replica());
      pool.orchestrator().perform(start);
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
    }
  }

  @Test
  void unreadableRecordIsSetAsideAndTold() throws IOException {
    try (var pool = new TestPool(folder, shell(LOOP))) {
      pool.orchestrator().close();
      Files.writeString(record(new ReplicaId("x")), "id=x\npid=1\n");
      pool.reopen();
      assertThat(pool.orchestrator().observe().replicas()).isEmpty();
      pool.awaitNotice("x.replica: no record of a replica, set aside");
      assertThat(folder.resolve("state/replicas/x.replica.unreadable")).exists();
    }
  }

  @Test
  void anyNameOfAReplicaWillDo() {
    try (var pool = new TestPool(folder, Levers.V1, ready(LOOP))) {
      var id = new ReplicaId("../a b/ü*\n%=".repeat(10));
      var node = pool.orchestrator().observe().nodes().getFirst().id();
      pool.orchestrator().perform(new Action.Start(SERVICE, id, node, Resources.slots(1)));
      pool.awaitState(id, ReplicaState.RUNNING);
      pool.reopen();
      assertThat(pool.find(id)).isPresent();
    }
  }

  @Test
  void secondEngineIsRefused() {
    try (var pool = new TestPool(folder, ready(LOOP))) {
      assertThat(pool.orchestrator().levers()).isNotEmpty();
      assertThatThrownBy(() -> new TestPool(folder, ready(LOOP)))
          .hasMessageContaining(
              "another engine uses this state directory (process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void killedEngineIsFollowedByOneThatTakesOver() throws Exception {
    var classpath = System.getProperty("java.class.path");
    try (var other = EngineInAnotherJvm.start(List.of(), classpath, folder, 3, "wait")) {
      other.line();
      assertThat(other.line()).isEqualTo("started");
      assertThatThrownBy(() -> new TestPool(folder, ready(LOOP)))
          .hasMessageContaining("another engine uses this state directory");
      other.kill();
      try (var pool = new TestPool(folder, Levers.V1, ready(LOOP))) {
        var replicas = pool.orchestrator().observe().replicas();
        assertThat(replicas).hasSize(3);
        assertThat(ProcFs.stat(pool.pid(replicas.getFirst().id())).orElseThrow().state())
            .isNotEqualTo('Z');
        replicas.forEach(r -> pool.awaitState(r.id(), ReplicaState.RUNNING));
        // Not children of this JVM: their end is seen all the same.
        var id = replicas.getFirst().id();
        kill(pool.pid(id));
        pool.awaitGone(id);
        pool.awaitNotice("only its parent knows how");
        pool.stop(replicas.get(1).id());
        pool.awaitGone(replicas.get(1).id());
      }
    }
  }
}
