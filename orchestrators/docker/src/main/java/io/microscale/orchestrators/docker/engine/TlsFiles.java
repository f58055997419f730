package io.microscale.orchestrators.docker.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The certificates of a folder as the `docker` command wants them: `ca.pem`, and `cert.pem` with
/// `key.pem` for engines that ask who is there.
final class TlsFiles {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([^-]+)-----END");
  private static final char[] NO_PASSWORD = new char[0];

  // AlgorithmIdentifier { rsaEncryption, NULL }, after the version 0.
  private static final byte[] RSA_HEADER = Base64.getDecoder().decode("AgEAMA0GCSqGSIb3DQEBAQUA");

  private TlsFiles() {}

  /// What to speak TLS with.
  ///
  /// @throws IllegalArgumentException if a file is missing or cannot be understood
  static SSLContext context(Path folder) {
    var place = folder.resolve("ca.pem");
    try {
      var authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      int number = 0;
      for (var certificate : certificates(place)) {
        authorities.setCertificateEntry("ca" + number++, certificate);
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);

      var own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      place = folder.resolve("cert.pem");
      if (Files.exists(place)) {
        var chain = certificates(place).toArray(Certificate[]::new);
        place = folder.resolve("key.pem");
        own.setKeyEntry("own", privateKey(Files.readString(place)), NO_PASSWORD, chain);
      }
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, NO_PASSWORD);

      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("tls: %s cannot be used: %s".formatted(place, e), e);
    }
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(file)) {
      var all = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new GeneralSecurityException("it has no certificate");
      }
      return List.copyOf(all);
    }
  }

  static PrivateKey privateKey(String text) throws GeneralSecurityException {
    var pem = PEM.matcher(text);
    if (!pem.find()) {
      throw new InvalidKeySpecException("it has no private key");
    }
    var body = Base64.getMimeDecoder().decode(pem.group(2).getBytes(StandardCharsets.US_ASCII));
    var encoded =
        switch (pem.group(1)) {
          case "PRIVATE KEY" -> body;
          case "RSA PRIVATE KEY" -> wrapped(body);
          default ->
              throw new InvalidKeySpecException(
                  "need 'PRIVATE KEY' (PKCS #8) or 'RSA PRIVATE KEY', got '%s'"
                      .formatted(pem.group(1)));
        };
    var spec = new PKCS8EncodedKeySpec(encoded);
    for (var algorithm : List.of("RSA", "EC")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException _) {
        // Not of this kind.
      }
    }
    return KeyFactory.getInstance("EdDSA").generatePrivate(spec);
  }

  /// PKCS #8 (RFC 5208) around PKCS #1: a version, the algorithm, the key.
  private static byte[] wrapped(byte[] key) {
    var content = new ByteArrayOutputStream();
    content.writeBytes(RSA_HEADER);
    content.writeBytes(tagged(0x04, key));
    return tagged(0x30, content.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 128) {
      out.write(content.length);
    } else {
      int bytes = content.length < 256 ? 1 : content.length < 65_536 ? 2 : 3;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(content.length >> (8 * i));
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
