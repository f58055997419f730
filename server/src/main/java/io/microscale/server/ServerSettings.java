package io.microscale.server;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where the server listens and who may call.
///
/// @param host `localhost` or an address; anything but loopback needs a token
/// @param port 0 for any that is free
/// @param token what callers must show, 8 to 512 visible characters; never printed
public record ServerSettings(String host, int port, Optional<String> token) {
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{8,512}");

  public ServerSettings {
    if (host.isBlank()) {
      throw new IllegalArgumentException("server.host: need localhost or an address, got nothing");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("server.port: need 0 to 65535, got " + port);
    }
    if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
      throw new IllegalArgumentException(
          "server.token: need 8 to 512 visible ASCII characters, got %d characters"
              .formatted(token.get().length()));
    }
    if (token.isEmpty() && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "server.host: without a token need a loopback address (127.0.0.1, ::1, localhost), got "
              + host);
    }
  }

  /// On loopback, open to every local caller.
  public static ServerSettings local(int port) {
    return new ServerSettings("127.0.0.1", port, Optional.empty());
  }

  boolean isLoopback() {
    return isLoopback(host);
  }

  /// Names are not looked up: whoever controls the answer would decide.
  static boolean isLoopback(String host) {
    var bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (bare.equalsIgnoreCase("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(bare).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "ServerSettings[host=%s, port=%d, token=%s]"
        .formatted(host, port, token.isPresent() ? "set" : "none");
  }
}
