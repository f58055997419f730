package io.microscale.orchestrators.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTest {
  private static Machine machine(String info) throws Exception {
    return Machine.of(new ObjectMapper().readTree(info));
  }

  @Test
  void nodeHasWhatTheMachineHasOrSlots() throws Exception {
    var machine = machine("{\"Name\":\"box\",\"NCPU\":4,\"MemTotal\":1024}");
    assertThat(machine.node(OptionalLong.empty()))
        .isEqualTo(Node.of("box", Resources.cpuAndMemory(4000, 1024)));
    assertThat(machine.node(OptionalLong.of(7))).isEqualTo(Node.of("box", Resources.slots(7)));
    assertThat(machine("{}").name()).isEqualTo("localhost");
  }

  @ParameterizedTest
  @CsvSource({
    "cgroupfs, 1, seccomp, true, true, true",
    "systemd, 2, rootless, true, true, true",
    "systemd, 2, rootless, false, true, false",
    "cgroupfs, 1, rootless, true, false, true",
    "none, 1, rootless, true, false, false",
  })
  void whatControlGroupsCanDoIsTold(
      String driver, String version, String option, boolean quota, boolean pauses, boolean limits)
      throws Exception {
    var machine =
        machine(
            """
            {"CgroupDriver":"%s","CgroupVersion":"%s","SecurityOptions":["name=%s"],"CpuCfsQuota":%s}
            """
                .formatted(driver, version, option, quota));
    assertThat(machine.pauses()).as("pauses").isEqualTo(pauses);
    assertThat(machine.limits()).as("limits").isEqualTo(limits);
  }
}
