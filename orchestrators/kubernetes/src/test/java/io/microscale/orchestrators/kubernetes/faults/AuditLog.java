package io.microscale.orchestrators.kubernetes.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// What the API server says that it was asked for by the accounts of one namespace, one entry for
/// each request as it comes in, those that it turns away included.
final class AuditLog {
  private final JsonMapper json = new JsonMapper();
  private final Path policy;
  private final Path log;

  /// A request.
  ///
  /// @param account the name of the service account
  /// @param verb as in a rule of RBAC: `get`, `list`, `watch`, `update`, `patch`, …
  record Request(String account, String verb, String uri) {}

  /// @param folder whose path has no spaces, since servers are told of it in one word
  AuditLog(Path folder, String namespace) {
    this.policy = folder.resolve("audit-policy.yaml");
    this.log = folder.resolve("audit.log");
    policy.toFile().deleteOnExit();
    log.toFile().deleteOnExit();
    try {
      Files.writeString(policy, Manifest.of("audit-policy.yaml", namespace));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What the API server has to be started with.
  List<String> options() {
    return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log);
  }

  /// All requests of an account so far.
  List<Request> of(String account) {
    var requests = new ArrayList<Request>();
    try {
      var text = Files.readString(log, StandardCharsets.UTF_8);
      // The last line may still be being written.
      for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        var entry = json.readTree(line);
        var user = entry.path("user").path("username").asString("");
        var name = user.substring(user.lastIndexOf(':') + 1);
        if (name.equals(account)) {
          requests.add(
              new Request(
                  name, entry.path("verb").asString(""), entry.path("requestURI").asString("")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return requests;
  }
}
