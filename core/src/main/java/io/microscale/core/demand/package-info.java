/// Where demand comes from: readings, the port for sources, seeded generators and trace replay.
@NullMarked
package io.microscale.core.demand;

import org.jspecify.annotations.NullMarked;
