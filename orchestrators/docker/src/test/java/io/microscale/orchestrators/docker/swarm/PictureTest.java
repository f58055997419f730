package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PictureTest {
  @Test
  void nodesWithSlotsToSpareLendThemToThoseThatSwarmFilled() {
    var shares = Map.of("a", 7L, "b", 7L, "c", 6L);
    var all = Set.of("a", "b", "c");
    assertThat(Picture.lent(shares, Map.of("a", 7L, "b", 5L, "c", 7L), all))
        .isEqualTo(Map.of("a", 7L, "b", 6L, "c", 7L));
    assertThat(Picture.lent(shares, Map.of(), all)).isEqualTo(shares);
  }

  @Test
  void aNodeThatIsDownTakesItsSlotsWithIt() {
    assertThat(
            Picture.lent(
                Map.of("a", 7L, "b", 7L, "c", 6L), Map.of("a", 9L, "b", 1L), Set.of("a", "b")))
        .isEqualTo(Map.of("a", 9L, "b", 5L));
  }

  @Test
  void moreThanThePoolHasIsNotMadeUp() {
    assertThat(Picture.lent(Map.of("a", 2L, "b", 2L), Map.of("a", 5L, "b", 2L), Set.of("a", "b")))
        .isEqualTo(Map.of("a", 2L, "b", 2L));
  }
}
