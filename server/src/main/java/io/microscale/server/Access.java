package io.microscale.server;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Who may call what. Secrets are compared as hashes in constant time and are never written
/// anywhere.
///
/// A session cookie is its end and a MAC over it under the token, so that it needs no memory here
/// and outlives a restart, but not a new token.
final class Access {
  static final Duration SESSION = Duration.ofHours(12);
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
          + " base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

  private final ServerSettings settings;
  private final InstantSource clock;
  private final byte @Nullable [] expected; // the hash of the token

  Access(ServerSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    expected = settings.token().map(Access::hash).orElse(null);
  }

  /// Sets the headers that every answer carries.
  static void secure(Context call) {
    call.header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Resource-Policy", "same-origin");
  }

  /// @param open whether callers without the token are let in
  /// @throws Refusal if the call must not be answered
  void check(Context call, boolean open) {
    checkHost(call);
    checkOrigin(call, open);
    if (!open && !isAllowed(call)) {
      call.header("WWW-Authenticate", "Bearer");
      throw new Refusal(
          401, "header.Authorization", "need 'Bearer' and the token of this server", null);
    }
  }

  /// Whether the caller may see what needs the token.
  boolean isAllowed(Context call) {
    return expected == null || hasToken(call) || hasSession(call);
  }

  boolean hasToken(Context call) {
    var header = call.header("Authorization");
    if (expected == null) {
      return true;
    }
    var shown =
        header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
            ? header.substring(7).strip()
            : "";
    return MessageDigest.isEqual(expected, hash(shown));
  }

  /// The value of `Set-Cookie` that lets the page of this server in for the time of a session.
  String openSession(int port) {
    long end = clock.instant().plus(SESSION).getEpochSecond();
    return cookie(port, end + "." + mac(end), SESSION);
  }

  String closeSession(int port) {
    return cookie(port, "", Duration.ZERO);
  }

  private boolean hasSession(Context call) {
    // Cookies do not know ports: each server has a name of its own, so that two on one host can be
    // open side by side.
    var cookie = call.cookie(cookieName(call.req().getLocalPort()));
    int dot = cookie == null ? -1 : cookie.indexOf('.');
    if (cookie == null || dot < 1 || dot > 12) {
      return false;
    }
    long end;
    try {
      end = Long.parseLong(cookie.substring(0, dot));
    } catch (NumberFormatException e) {
      return false;
    }
    boolean genuine =
        MessageDigest.isEqual(
            mac(end).getBytes(StandardCharsets.US_ASCII),
            cookie.substring(dot + 1).getBytes(StandardCharsets.UTF_8));
    return genuine && clock.instant().isBefore(Instant.ofEpochSecond(end));
  }

  private static String cookieName(int port) {
    return "microscale-" + port;
  }

  private static String cookie(int port, String value, Duration age) {
    return "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict"
        .formatted(cookieName(port), value, age.toSeconds());
  }

  /// A page of another site can have its name point at this host (DNS rebinding); the browser still
  /// sends that name.
  private void checkHost(Context call) {
    if (!settings.isLoopback()) {
      return;
    }
    var authority = call.header("Host");
    var host = authority == null ? "" : authority.replaceFirst(":\\d*$", "");
    if (!ServerSettings.isLoopback(host) && !host.equalsIgnoreCase(settings.host())) {
      throw new Refusal(
          403, "header.Host", "need this host: localhost or a loopback address", host);
    }
  }

  /// Browsers say where a call comes from; others leave it out.
  private static void checkOrigin(Context call, boolean open) {
    boolean reads = READS.contains(call.req().getMethod());
    if (open && reads) {
      return;
    }
    var site = call.header("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      throw new Refusal(403, "header.Sec-Fetch-Site", "need same-origin or none", site);
    }
    var origin = call.header("Origin");
    if (origin != null) {
      var from = origin.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
      if (!from.equals(String.valueOf(call.header("Host")).toLowerCase(Locale.ROOT))) {
        throw new Refusal(403, "header.Origin", "need the origin of this server", origin);
      }
    }
  }

  private String mac(long end) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(expected == null ? new byte[32] : expected, "HmacSHA256"));
      var text = ("microscale session until " + end).getBytes(StandardCharsets.US_ASCII);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
