package io.microscale.simulator.standard;

/// One policy with its setting. It makes rules and remembers nothing itself, so runs may share it,
/// in parallel too.
public interface Policy {
  /// The policy and its setting, for reports: `hpa(target=0.7,window=300)`.
  String name();

  /// A rule without a past.
  Rule start(Terms terms);

  /// A rule for a run over a demand that is known beforehand. Only bounds look at it: the rest are
  /// rules without foresight.
  default Rule start(Terms terms, Demand future) {
    return start(terms);
  }

  /// Steps from asking for a slot to serving in it. Only policies whose replicas are slower than
  /// the pool's, such as machines that boot, differ from the terms.
  default int startLatency(Terms terms) {
    return terms.startLatency();
  }
}
