package io.microscale.core.demand;

/// Random numbers that can be looked up by their place, so that nothing has to be drawn in order.
///
/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over seed, stream and index.
final class Noise {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Noise() {}

  /// A number in [0, 1), the same for the same arguments.
  static double at(long seed, int stream, long index) {
    long bits = mix(mix(seed + GOLDEN * (stream + 1)) + GOLDEN * index);
    return (bits >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
