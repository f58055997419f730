package io.microscale.orchestrators.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.orchestrator.OrchestratorException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class AnswerTest {
  private static Answer answer(int code, String message) {
    return new Answer(code, JsonMapper.shared().createObjectNode().put("message", message));
  }

  @ParameterizedTest
  @CsvSource({
    "400, bad, REJECTED",
    "401, expired, UNAVAILABLE",
    "403, forbidden, REJECTED",
    "404, none, UNKNOWN",
    "409, changed, UNAVAILABLE",
    "422, invalid, REJECTED",
    "429, later, UNAVAILABLE",
    "500, webhook failed, UNAVAILABLE",
    "500, etcdserver: request timed out, UNCERTAIN",
    "503, starting, UNAVAILABLE",
    "504, timeout, UNCERTAIN"
  })
  void refusalIsSortedByWhatTheCallerCanDo(int code, String message, Kind kind) {
    var refusal = answer(code, message).refusal("scale web");
    assertThat(refusal.kind()).isEqualTo(kind);
    assertThat(refusal).hasMessage("scale web: " + message);
  }

  @Test
  void refusalOfTheFenceChangesByItself() {
    var message =
        "ValidatingAdmissionPolicy 'x' with binding 'x' denied request: not the leader: a leads";
    assertThat(answer(422, message).refusal("scale web").kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void successIsNone() {
    assertThat(answer(201, "").ok()).isTrue();
    assertThat(answer(201, "").orThrow("")).isNotNull();
  }
}
