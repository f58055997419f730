package io.microscale.orchestrators.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineAnswerTest {
  private static EngineAnswer answer(EngineCall call, int status, String body) {
    return new EngineAnswer(call, status, body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void messageIsTheEnginesOwn() {
    var call = EngineCall.post("/x");
    assertThat(answer(call, 409, "{\"message\":\"Conflict. In use\\n\"}").message())
        .isEqualTo("Conflict. In use");
    assertThat(
            answer(call, 500, "{\"cause\":\"c\",\"message\":\"all of it\",\"response\":500}")
                .message())
        .isEqualTo("all of it");
    assertThat(answer(call, 404, "Not Found\n").message()).isEqualTo("Not Found");
    assertThat(answer(call, 502, "").message()).isEqualTo("HTTP status 502");
    assertThat(answer(call, 500, "x".repeat(2000)).message()).hasSize(500);
  }

  @ParameterizedTest
  @CsvSource({
    "404, no such container, UNKNOWN",
    "400, bad parameter, REJECTED",
    "403, no, REJECTED",
    "409, already in use, REJECTED",
    "500, OCI runtime error, REJECTED",
    "500, write /x: no space left on device, UNAVAILABLE",
    "500, update out of sequence, UNAVAILABLE",
    "500, Timed out, UNAVAILABLE",
    "503, starting, UNAVAILABLE",
    "502, bad gateway, UNCERTAIN",
  })
  void failuresAreSortedByWhatCanBeDone(int status, String message, Kind kind) {
    var failure =
        answer(EngineCall.post("/x"), status, "{\"message\":\"" + message + "\"}").failure();
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage("POST /x: " + message);
    assertThat(EngineRefusal.statusOf(failure)).hasValue(status);
  }

  @Test
  void unansweredQuestionIsNeverUncertain() {
    assertThat(answer(EngineCall.get("/x"), 504, "").failure().kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void answerThatIsNoJsonIsToldWithItsBeginning() {
    assertThatThrownBy(() -> answer(EngineCall.get("/x"), 200, "<html>").json())
        .isInstanceOf(OrchestratorException.class)
        .hasMessage("GET /x: the answer is no JSON: <html>");
    assertThat(answer(EngineCall.get("/x"), 204, "").json().isMissingNode()).isTrue();
  }

  @Test
  void targetIsEncoded() {
    var call =
        EngineCall.get("/containers/" + EngineCall.encoded("a/b c"))
            .query(java.util.Map.of("b", "x=y&z", "a", "{\"l\":[\"ü\"]}"));
    assertThat(call)
        .hasToString("GET /containers/a%2Fb%20c?a=%7B%22l%22%3A%5B%22%C3%BC%22%5D%7D&b=x%3Dy%26z");
  }
}
