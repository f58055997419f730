/// The pass, its triggers, the in-flight ledger and the stream of events that observers follow.
@NullMarked
package io.microscale.core.loop;

import org.jspecify.annotations.NullMarked;
