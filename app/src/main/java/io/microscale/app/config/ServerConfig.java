package io.microscale.app.config;

import io.microscale.server.ServerSettings;
import java.nio.file.Path;
import java.util.Optional;

/// Where the server listens; its rules are those of [ServerSettings].
///
/// @param tokenFile holds the token that every call then needs
public record ServerConfig(String host, int port, Optional<Path> tokenFile) {
  public static final ServerConfig DEFAULT = new ServerConfig("127.0.0.1", 7700, Optional.empty());

  /// Whether the server would start without a token.
  boolean isOpenToAll() {
    try {
      return new ServerSettings(host, port, Optional.empty()).token().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
