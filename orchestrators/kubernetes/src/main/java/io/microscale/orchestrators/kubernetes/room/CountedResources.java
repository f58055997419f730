package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.Resources;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The resources that a pool counts, by name.
record CountedResources(Set<String> names) {
  CountedResources {
    names = Set.copyOf(names);
  }

  /// As much of this as is counted.
  Resources of(Resources all) {
    var counted = new TreeMap<String, Long>();
    for (var name : names) {
      long amount = all.get(name);
      if (amount > 0) {
        counted.put(name, amount);
      }
    }
    return Resources.of(counted);
  }

  /// As much of each resource.
  Resources each(long amount) {
    var all = new TreeMap<String, Long>();
    names.forEach(name -> all.put(name, amount));
    return Resources.of(Map.copyOf(all));
  }
}
