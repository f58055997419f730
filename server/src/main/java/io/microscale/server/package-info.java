/// REST, event stream, metrics and the page's files over a running
/// [io.microscale.core.loop.Engine].
///
/// One thread follows the engine's events and keeps what the calls answer from; the loop itself
/// never waits for anything here.
@NullMarked
package io.microscale.server;

import org.jspecify.annotations.NullMarked;
