package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchStartupTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--runs;0;--runs: need 1 to 1000, got 0",
        "--vm-runs;1001;--vm-runs: need 1 to 1000, got 1001",
        "--quiet-limit;101;--quiet-limit: need a percentage from 0 to 100, got 101.0",
        "--quiet-wait;0;--quiet-wait: need 1 to 3600, got 0",
        "--only;vmware;need one of process, crun, runc,",
        "--skip;process,crun,runc,podman,docker,swarm,vm;need a kind to measure, none is left",
        "--docker;here;--docker: host: need unix:///path or tcp://host:port, got 'here'",
      })
  void wrongUseIsRefusedWithTheRuleAndTheValue(String option, String value, String message) {
    var console = Console.run("bench", "startup", option, value);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains(message);
    assertThat(console.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "docker-host,no engine listens at unix:///nowhere/at.all",
    "swarm,no engine listens at unix:///nowhere/at.all",
  })
  void anEngineThatIsNotThereIsSaidToBeAbsent(String kind, String reason) {
    var console =
        Console.run(
            "bench", "startup", "--only", kind, "--docker", "unix:///nowhere/at.all", "--json");
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).contains("\"failed\" : false", "\"kind\" : \"" + kind + "\"");
    // Without a static busybox that is said first.
    assertThat(console.out()).containsAnyOf(reason, "busybox");
  }
}
