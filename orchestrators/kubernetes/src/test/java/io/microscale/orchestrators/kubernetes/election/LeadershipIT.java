package io.microscale.orchestrators.kubernetes.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.testkit.FaultProxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Elections by a real API server.
class LeadershipIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static @Nullable ElectionServer server;
  private String namespace;
  private Account account;

  @BeforeAll
  static void start() {
    server = ElectionServer.start("election");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void prepare() {
    namespace = server.namespace();
    account = server.account(namespace);
  }

  private Engine quick(String name) {
    return new Engine(account, Elections.quick(namespace, "pool", name));
  }

  private Engine steady(String name) {
    return new Engine(account, Elections.steady(namespace, "pool", name));
  }

  private static void awaitLeader(Engine engine) {
    await().atMost(PATIENCE).until(() -> engine.told().size() % 2 == 1 && engine.leads());
  }

  private String lease(String field) {
    return server
        .kubectl(
            "get", "lease", "pool", "--namespace=" + namespace, "-o=jsonpath={.spec." + field + "}")
        .trim();
  }

  @Test
  void oneLeadsAndTheOtherKnowsWho() {
    try (var a = steady("a");
        var b = steady("b")) {
      await().atMost(PATIENCE).until(() -> a.leads() || b.leads());
      var leader = a.leads() ? a : b;
      var other = a.leads() ? b : a;
      var identity = leader.term().orElseThrow().leader();
      await()
          .atMost(PATIENCE)
          .until(() -> other.leadership().explanation().equals(identity + " leads"));

      leader.leadership().check();
      assertThat(leader.leadership().stamp()).contains("0 " + identity);
      assertThat(leader.leadership().fieldManager()).isEqualTo("microscale-" + identity);
      assertThatThrownBy(() -> other.leadership().check())
          .isInstanceOfSatisfying(
              OrchestratorException.class,
              e -> assertThat(e.kind()).isEqualTo(OrchestratorException.Kind.UNAVAILABLE))
          .hasMessage("not the leader: " + identity + " leads");
      assertThat(other.leadership().stamp()).isEmpty();
      assertThat(other.told()).isEmpty();

      assertThat(lease("holderIdentity")).isEqualTo(identity);
      assertThat(lease("leaseDurationSeconds")).isEqualTo("10");
      assertThat(lease("leaseTransitions")).isEqualTo("0");
      assertThat(lease("acquireTime"))
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
      var renewed = lease("renewTime");
      await().atMost(PATIENCE).until(() -> !lease("renewTime").equals(renewed));
    }
  }

  @Test
  void aLeaderThatIsClosedHandsOverAtOnce() {
    var patient = Elections.patient(namespace, "pool", "b");
    try (var a = new Engine(account, Elections.patient(namespace, "pool", "a"))) {
      awaitLeader(a);
      try (var b = new Engine(account, patient)) {
        await().atMost(PATIENCE).until(() -> b.leadership().explanation().endsWith(" leads"));
        a.end();

        assertThat(a.told()).containsExactly("elected 0", "deposed 0: closed");
        assertThatThrownBy(() -> a.leadership().check()).hasMessageContaining("not the leader");
        awaitLeader(b);
        assertThat(b.told()).containsExactly("elected 1");
        assertThat(lease("leaseTransitions")).isEqualTo("1");
      }
      assertThat(lease("holderIdentity")).isEmpty();
      assertThat(lease("leaseDurationSeconds")).isEqualTo("1");
    }
  }

  @Test
  void aLeaderThatCannotBeginLetsAnotherLead() {
    var broken =
        new Candidate() {
          @Override
          public void elected(Term term) {
            throw new IllegalStateException("no configuration");
          }

          @Override
          public void deposed(Term term, String reason) {}
        };
    try (var _ =
            Leadership.start(
                account.config(), Elections.patient(namespace, "pool", "a"), broken, line -> {});
        var b = new Engine(account, Elections.patient(namespace, "pool", "b"))) {
      awaitLeader(b);
    }
  }

  @Test
  void aLeaderThatIsKilledIsFollowedWhenItsLeaseHasRunOut() {
    try (var killed = Writer.start(account, namespace)) {
      killed.awaitLine("written");
      try (var b = quick("b")) {
        await().atMost(PATIENCE).until(() -> b.leadership().explanation().endsWith(" leads"));
        killed.kill();
        awaitLeader(b);
        assertThat(b.told()).containsExactly("elected 1");
      }
    }
  }

  @Test
  void aLeaderThatHasNotEndedItsTermBeginsNoOther() {
    var ends = new CountDownLatch(1);
    var terms = new AtomicInteger();
    var slow =
        new Candidate() {
          @Override
          public void elected(Term term) {
            terms.incrementAndGet();
          }

          @Override
          public void deposed(Term term, String reason) {
            try {
              ends.await();
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (var a =
        Leadership.start(
            account.config(), Elections.steady(namespace, "pool", "a"), slow, line -> {})) {
      await().atMost(PATIENCE).until(() -> a.term().isPresent());
      server.kubectl("delete", "lease", "pool", "--namespace=" + namespace);
      try (var b = steady("b")) {
        awaitLeader(b);
      }
      try (var c = steady("c")) {
        awaitLeader(c);
        assertThat(terms).hasValue(1);
        assertThat(a.term()).isEmpty();
        ends.countDown();
        await().atMost(PATIENCE).until(() -> a.explanation().endsWith(" leads"));
      }
      await().atMost(PATIENCE).until(() -> terms.get() == 2);
    } finally {
      ends.countDown();
    }
  }

  @Test
  void withoutAServerNobodyLeadsAndWithItAgainOneDoes() {
    try (var a = quick("a");
        var b = quick("b")) {
      await().atMost(PATIENCE).until(() -> a.leads() || b.leads());
      var leader = a.leads() ? a : b;
      server.killHard();
      try {
        await().atMost(PATIENCE).until(() -> leader.told().size() == 2);
        assertThat(leader.told().getLast())
            .isEqualTo("deposed 0: the Lease could not be renewed for 2.4 s");
        assertThat(a.leads() || b.leads()).isFalse();
      } finally {
        server.startAgain();
      }
      await().atMost(PATIENCE).until(() -> a.leads() || b.leads());
      assertThat(a.leads() && b.leads()).isFalse();
      assertThat(lease("leaseTransitions")).isEqualTo("1");
    }
  }

  @Test
  void aSlowServerEndsNoTerm() {
    try (var proxy = FaultProxy.to(server.address());
        var a =
            new Engine(account.through(proxy.port()), Elections.steady(namespace, "pool", "a"))) {
      awaitLeader(a);
      try (var b = steady("b")) {
        proxy.set(new FaultProxy.Fault.Delay(Duration.ofMillis(100)));
        // Together longer than the Lease holds without a renewal.
        for (int i = 0; i < 16; i++) {
          var before = lease("renewTime");
          await().atMost(PATIENCE).until(() -> !lease("renewTime").equals(before));
        }
        assertThat(a.told()).containsExactly("elected 0");
        assertThat(b.told()).isEmpty();
      }
    }
  }

  @Test
  void aLeaseIsReplacedOnlyAsItWasRead() {
    try (var a = steady("a");
        var api = new LeaseApi(account.config(), Elections.steady(namespace, "pool", "b"))) {
      awaitLeader(a);
      var read = api.read().orElseThrow();
      await().atMost(PATIENCE).until(() -> !api.read().orElseThrow().equals(read));
      assertThat(api.replace(read)).isEmpty();
      var another =
          new LeaseBuilder(read).editMetadata().withResourceVersion(null).endMetadata().build();
      assertThat(api.create(another)).isEmpty();
    }
  }

  @Test
  void aLeaderWhoseLeaseIsDeletedBeginsANewTerm() {
    try (var a = steady("a")) {
      awaitLeader(a);
      server.kubectl("delete", "lease", "pool", "--namespace=" + namespace);
      await().atMost(PATIENCE).until(() -> a.told().size() == 3);
      assertThat(a.told())
          .containsExactly("elected 0", "deposed 0: the Lease was deleted", "elected 0");
    }
  }

  @Test
  void anAccountThatMayNotTakeTheLeaseIsTold() {
    server.kubectl("delete", "rolebinding", "microscale", "--namespace=" + namespace);
    try (var a = quick("a")) {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  a.notices().stream()
                      .anyMatch(
                          line ->
                              line.startsWith("Lease " + namespace + "/pool: ")
                                  && line.contains("cannot get resource \"leases\"")));
      assertThat(a.told()).isEmpty();
    }
  }

  @Test
  void aLeaderThatHearsNothingGivesUpByItself() {
    try (var proxy = FaultProxy.to(server.address());
        var a =
            new Engine(account.through(proxy.port()), Elections.quick(namespace, "pool", "a"))) {
      awaitLeader(a);
      for (var fault :
          new FaultProxy.Fault[] {new FaultProxy.Fault.Hang(), new FaultProxy.Fault.Cut()}) {
        int before = a.told().size();
        proxy.set(fault);
        await().atMost(PATIENCE).until(() -> a.told().size() == before + 1);
        assertThat(a.told().getLast()).endsWith("the Lease could not be renewed for 2.4 s");
        assertThatThrownBy(() -> a.leadership().check())
            .hasMessage("not the leader: the Lease could not be renewed for 2.4 s");
        try (var b = quick("b")) {
          awaitLeader(b);
          proxy.set(new FaultProxy.Fault.None());
          await().atMost(PATIENCE).until(() -> a.leadership().explanation().endsWith(" leads"));
        }
        awaitLeader(a);
      }
      assertThat(a.notices()).anyMatch(line -> line.startsWith("Lease " + namespace + "/pool: "));
    }
  }
}
