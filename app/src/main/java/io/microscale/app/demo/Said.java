package io.microscale.app.demo;

import io.microscale.core.model.ReplicaId;
import java.util.Optional;

/// A line that a worker wrote.
sealed interface Said {
  ReplicaId replica();

  /// An answer to a request.
  record Answer(ReplicaId replica, long request, long result) implements Said {}

  /// A finished block.
  record Block(ReplicaId replica, long block, long result) implements Said {
    boolean isRight() {
      return block >= 0 && block < 1_000_000 && Work.steps(block) == result;
    }
  }

  /// Reads a line; empty if no worker of ours writes such a line.
  static Optional<Said> parse(String line) {
    var words = line.split(" ", -1);
    if (words.length != 4) {
      return Optional.empty();
    }
    try {
      var replica = new ReplicaId(words[1]);
      long number = Long.parseLong(words[2]);
      long result = Long.parseLong(words[3]);
      return switch (words[0]) {
        case "answer" -> Optional.of(new Answer(replica, number, result));
        case "block" -> Optional.of(new Block(replica, number, result));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
