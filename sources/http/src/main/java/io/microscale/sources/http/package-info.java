/// Demand that is polled over HTTP. What is pushed comes in through the server.
@NullMarked
package io.microscale.sources.http;

import org.jspecify.annotations.NullMarked;
