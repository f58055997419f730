package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;

/// A port of its node that a pod takes.
///
/// @param address empty for all addresses
record HostPort(String address, String protocol, int port) {
  private static final String ALL = "0.0.0.0";

  /// The ports that a pod of this spec takes for as long as it runs. On the host's network these
  /// are all that its containers name.
  static List<HostPort> of(PodSpec spec) {
    boolean hostNetwork = Boolean.TRUE.equals(spec.getHostNetwork());
    var ports = new ArrayList<HostPort>();
    for (var container : spec.getInitContainers()) {
      if (PodRequests.isRestartable(container)) {
        add(container, hostNetwork, ports);
      }
    }
    spec.getContainers().forEach(container -> add(container, hostNetwork, ports));
    return List.copyOf(ports);
  }

  private static void add(Container container, boolean hostNetwork, List<HostPort> ports) {
    for (var port : container.getPorts()) {
      var named = port.getHostPort();
      var taken = (named == null || named == 0) && hostNetwork ? port.getContainerPort() : named;
      if (taken != null && taken > 0) {
        var address = port.getHostIP();
        var protocol = port.getProtocol();
        ports.add(
            new HostPort(
                address == null || address.equals(ALL) ? "" : address,
                protocol == null || protocol.isEmpty() ? "TCP" : protocol,
                taken));
      }
    }
  }

  boolean conflicts(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
  }

  @Override
  public String toString() {
    return (address.isEmpty() ? "" : address + ":") + port + "/" + protocol;
  }
}
