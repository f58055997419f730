package io.microscale.orchestrators.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsFilesTest {
  @TempDir private Path folder;

  private static String pem(String kind, byte[] content) {
    var body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void keysAreReadAsTheyWereWritten(String algorithm) throws Exception {
    var key = KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate();
    assertThat(TlsFiles.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
  }

  @Test
  void keysOfTheOldFormAreReadToo() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    var key = generator.generateKeyPair().getPrivate();
    // After the outer header (4), the version (3), the algorithm (15) and the header of the rest
    // (4).
    var old = Arrays.copyOfRange(key.getEncoded(), 26, key.getEncoded().length);
    assertThat(TlsFiles.privateKey(pem("RSA PRIVATE KEY", old))).isEqualTo(key);
  }

  @Test
  void whatCannotBeUsedIsToldWithItsPlace() {
    assertThatThrownBy(() -> TlsFiles.context(folder))
        .hasMessageStartingWith("tls: " + folder.resolve("ca.pem") + " cannot be used: ");
    assertThatThrownBy(() -> TlsFiles.privateKey("no key"))
        .hasMessageContaining("it has no private key");
    assertThatThrownBy(() -> TlsFiles.privateKey(pem("EC PRIVATE KEY", new byte[8])))
        .hasMessageContaining("need 'PRIVATE KEY' (PKCS #8)");
  }
}
