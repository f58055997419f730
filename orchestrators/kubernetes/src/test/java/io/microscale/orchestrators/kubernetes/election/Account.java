package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;

/// Who asks an API server, and where.
///
/// @param url the server's, `https://host:port`
/// @param authority the certificate that vouches for the server, PEM in Base64
record Account(String url, String authority, String token) {
  /// The same at another port of the loopback address, such as a proxy's.
  Account through(int port) {
    return new Account("https://127.0.0.1:" + port, authority, token);
  }

  Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(url)
        .withCaCertData(authority)
        .withOauthToken(token)
        .build();
  }

  KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  /// For another process's command line.
  List<String> arguments() {
    return List.of(url, authority, token);
  }

  static Account from(List<String> arguments) {
    return new Account(arguments.get(0), arguments.get(1), arguments.get(2));
  }
}
