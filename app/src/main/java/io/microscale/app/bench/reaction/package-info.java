/// `bench reaction`: how fast the whole loop is on an orchestrator, beside what that can do at
/// most.
@NullMarked
package io.microscale.app.bench.reaction;

import org.jspecify.annotations.NullMarked;
