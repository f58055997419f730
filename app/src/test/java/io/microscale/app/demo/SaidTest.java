package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaidTest {
  @Test
  void answersAndBlocksAreRead() {
    assertThat(Said.parse("answer web-1 7 99"))
        .contains(new Said.Answer(new ReplicaId("web-1"), 7, 99));
    assertThat(Said.parse("block transcode-1 3 4711"))
        .contains(new Said.Block(new ReplicaId("transcode-1"), 3, 4711));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "answer",
        "answer web-1 x 1",
        "answer web-1 1 1 1",
        "hello web-1 1 1",
        "answer  1 1"
      })
  void anythingElseIsNone(String line) {
    assertThat(Said.parse(line)).isEmpty();
  }

  @Test
  void aBlockIsRightIfItsResultIs() {
    var replica = new ReplicaId("transcode-1");
    assertThat(new Said.Block(replica, 0, Work.steps(0)).isRight()).isTrue();
    assertThat(new Said.Block(replica, 0, Work.steps(0) + 1).isRight()).isFalse();
    assertThat(new Said.Block(replica, -1, 0).isRight()).isFalse();
    assertThat(new Said.Block(replica, 1_000_000, 0).isRight()).isFalse();
  }
}
