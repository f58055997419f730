/// Docker Swarm as an orchestrator: services are scaled as a whole, Swarm names, places and picks
/// their tasks.
@NullMarked
package io.microscale.orchestrators.docker.swarm;

import org.jspecify.annotations.NullMarked;
