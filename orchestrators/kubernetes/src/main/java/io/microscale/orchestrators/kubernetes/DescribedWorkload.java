package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Resources;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a workload says of itself.
///
/// @param requests what a pod made from its template requests: cpu, memory, whatever else the
///   template names, and one of `pods`
/// @param annotations its own, not its pods'; those that begin with `microscale.io/` are settings
///   of the service, which its team owns
public record DescribedWorkload(
    String name, Resources requests, SortedMap<String, String> annotations) {
  public DescribedWorkload {
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public DescribedWorkload(String name, Resources requests, Map<String, String> annotations) {
    this(name, requests, new TreeMap<>(annotations));
  }
}
