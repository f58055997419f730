/// The port to whatever runs replicas, with its optional abilities.
@NullMarked
package io.microscale.core.orchestrator;

import org.jspecify.annotations.NullMarked;
