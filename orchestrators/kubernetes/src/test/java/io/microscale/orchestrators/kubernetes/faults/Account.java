package io.microscale.orchestrators.kubernetes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The service account of one engine: it may read everything, and write what an engine writes.
final class Account {
  private final FaultCluster faults;
  private final String name;
  private final Path kubeconfig;

  /// Creates it with all rights.
  Account(FaultCluster faults, String name) {
    this.faults = faults;
    this.name = name;
    this.kubeconfig = faults.folder().resolve(name + ".kubeconfig");
    kubeconfig.toFile().deleteOnExit();
    var cluster = faults.cluster();
    faults.apply(Manifest.of("rights.yaml", name, FaultCluster.ACCOUNTS));
    bind("read");
    bind("write");
    var token =
        faults
            .admin()
            .serviceAccounts()
            .inNamespace(FaultCluster.ACCOUNTS)
            .withName(name)
            .tokenRequest()
            .getStatus()
            .getToken();
    try {
      Files.writeString(
          kubeconfig, Manifest.of("kubeconfig.yaml", cluster.server(), cluster.authority(), token));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void bind(String role) {
    faults.apply(Manifest.of("binding.yaml", name, FaultCluster.ACCOUNTS, role));
  }

  String name() {
    return name;
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  void takeAwayWriting() {
    faults.admin().rbac().clusterRoleBindings().withName(name + ":write").delete();
  }

  void giveBackWriting() {
    bind("write");
  }

  void delete() {
    for (var role : List.of(":read", ":write")) {
      faults.admin().rbac().clusterRoleBindings().withName(name + role).delete();
      faults.admin().rbac().clusterRoles().withName(name + role).delete();
    }
    faults.admin().serviceAccounts().inNamespace(FaultCluster.ACCOUNTS).withName(name).delete();
  }
}
