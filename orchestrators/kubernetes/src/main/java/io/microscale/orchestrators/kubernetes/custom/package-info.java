/// Pools and services as custom resources: they are followed, and told what the engine decides.
@NullMarked
package io.microscale.orchestrators.kubernetes.custom;

import org.jspecify.annotations.NullMarked;
