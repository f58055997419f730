/// Runs replicas as containers of one engine, Docker or Podman.
@NullMarked
package io.microscale.orchestrators.docker;

import org.jspecify.annotations.NullMarked;
