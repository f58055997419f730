package io.microscale.orchestrators.docker.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;

/// One set of kept-alive connections. After one of them has broken, the others may be dead too
/// without knowing: the set is retired, closed when its last call has ended, and replaced.
final class Transport {
  private final DockerHttpClient client;
  private int users;
  private boolean retired;

  private Transport(DockerHttpClient client) {
    this.client = client;
  }

  static Transport to(EngineAddress address, Duration connect, int mostConnections) {
    var builder =
        new ZerodepDockerHttpClient.Builder()
            .maxConnections(mostConnections)
            .connectionTimeout(connect);
    switch (address) {
      case EngineAddress.Unix(var path) -> builder.dockerHost(uri(path));
      case EngineAddress.Tcp(var host, var port, var tls) -> {
        builder.dockerHost(URI.create("tcp://" + host + ":" + port));
        tls.ifPresent(folder -> builder.sslConfig(() -> TlsFiles.context(folder)));
      }
    }
    return new Transport(builder.build());
  }

  private static URI uri(Path path) {
    try {
      return new URI("unix", null, path.toString(), null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("host: '%s' cannot be used: %s".formatted(path, e), e);
    }
  }

  /// Begins a call, which is to end with [#leave].
  ///
  /// @return false if it is retired
  synchronized boolean enter() {
    if (retired) {
      return false;
    }
    users++;
    return true;
  }

  DockerHttpClient client() {
    return client;
  }

  void leave() {
    synchronized (this) {
      users--;
      if (!retired || users > 0) {
        return;
      }
    }
    close();
  }

  void retire() {
    synchronized (this) {
      if (retired) {
        return;
      }
      retired = true;
      if (users > 0) {
        return;
      }
    }
    close();
  }

  /// Closes it now; calls under way fail.
  void end() {
    synchronized (this) {
      retired = true;
    }
    close();
  }

  private void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
