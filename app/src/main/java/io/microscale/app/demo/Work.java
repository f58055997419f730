package io.microscale.app.demo;

/// What the workers compute, once more: every result that they send is checked.
final class Work {
  /// Rounds for one request: about half a millisecond of a shell.
  static final int ROUNDS = 500;

  /// Numbers in one block: about a tenth of a second of a shell.
  static final int NUMBERS = 400;

  private Work() {}

  /// The answer to a request.
  ///
  /// @param question 0 to 2^31 - 1
  static long answer(long question) {
    long x = question;
    for (int i = 0; i < ROUNDS; i++) {
      x = (x * 1_103_515_245 + 12_345) % (1L << 31);
    }
    return x;
  }

  /// The result of a block.
  ///
  /// @param block 0 to 999,999: no sequence that begins with one of its numbers leaves 64 bits
  static long steps(long block) {
    long steps = 0;
    for (long n = block * NUMBERS + 1; n <= (block + 1) * NUMBERS; n++) {
      for (long x = n; x > 1; x = x % 2 == 0 ? x / 2 : 3 * x + 1) {
        steps++;
      }
    }
    return steps;
  }
}
