/// The client of the Docker Engine API that the Docker, Podman and Swarm adapters share.
@NullMarked
package io.microscale.orchestrators.docker.engine;

import org.jspecify.annotations.NullMarked;
