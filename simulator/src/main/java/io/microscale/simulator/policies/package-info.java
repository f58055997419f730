/// The policies to compare with: what people use today, each as a pure formula and as a rule on the
/// standard run. Where a formula comes from and what was simplified stands in `docs/policies.md`.
@NullMarked
package io.microscale.simulator.policies;

import org.jspecify.annotations.NullMarked;
