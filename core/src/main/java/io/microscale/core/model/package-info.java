/// What is scaled and where: services, nodes, replicas, resources and snapshots of them.
@NullMarked
package io.microscale.core.model;

import org.jspecify.annotations.NullMarked;
