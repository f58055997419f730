package io.microscale.orchestrators.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private final Ownership ownership = new Ownership();

  private Optional<String> root(String uid) {
    return ownership.above(
        uid, owner -> owner.equals("top") ? Optional.of(owner) : Optional.empty());
  }

  @Test
  void ownersOfOwnersAreFoundInAnyOrder() {
    ownership.put("pod", "set");
    assertThat(root("pod")).isEmpty();
    ownership.put("set", "deployment");
    ownership.put("deployment", "top");
    assertThat(root("pod")).contains("top");
    assertThat(ownership.below("top")).containsExactly("deployment", "set", "pod");
  }

  @Test
  void changedOwnerIsTheOnlyOne() {
    assertThat(ownership.put("pod", "a")).isTrue();
    assertThat(ownership.put("pod", "a")).isFalse();
    assertThat(ownership.put("pod", "b")).isTrue();
    assertThat(ownership.below("a")).isEmpty();
    assertThat(ownership.below("b")).containsExactly("pod");
    ownership.remove("pod");
    assertThat(ownership.below("b")).isEmpty();
  }

  @Test
  void circleComesToAnEnd() {
    ownership.put("a", "b");
    ownership.put("b", "a");
    assertThat(root("a")).isEmpty();
    assertThat(ownership.below("a")).isNotEmpty();
  }
}
