package io.microscale.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultProxyTest {
  private ServerSocket echo;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    proxy = FaultProxy.to(echo.getLocalPort());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!echo.isClosed()) {
                try {
                  var socket = echo.accept();
                  Thread.ofVirtual().start(() -> echo(socket));
                } catch (IOException _) {
                  // Closed.
                }
              }
            });
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException _) {
      // Reset by the proxy.
    }
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  private Socket connected() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(5_000);
    return socket;
  }

  /// What a Docker client and its daemon do: a Unix socket behind the proxy, one or a port before
  /// it.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesOnToUnixSocketsAndCutsThem(boolean listenOnUnixToo, @TempDir Path folder)
      throws IOException {
    var address = UnixDomainSocketAddress.of(folder.resolve("backend.sock"));
    var listen = folder.resolve("proxy.sock");
    try (var backend = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        var unix = listenOnUnixToo ? FaultProxy.to(address, listen) : FaultProxy.to(address);
        var client =
            SocketChannel.open(
                listenOnUnixToo
                    ? UnixDomainSocketAddress.of(listen)
                    : new InetSocketAddress(InetAddress.getLoopbackAddress(), unix.port()));
        var server = backend.accept()) {
      client.write(ByteBuffer.wrap(new byte[] {1, 2}));
      var received = ByteBuffer.allocate(2);
      while (received.hasRemaining()) {
        server.read(received);
      }
      server.write(received.flip());
      var answer = ByteBuffer.allocate(2);
      while (answer.hasRemaining()) {
        client.read(answer);
      }
      assertThat(answer.array()).containsExactly(1, 2);

      unix.set(new Fault.Cut());
      assertThat(isOver(client)).isTrue();
      assertThat(isOver(server)).isTrue();
    }
    assertThat(listen).doesNotExist();
  }

  private static boolean isOver(SocketChannel channel) {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException _) {
      return true;
    }
  }

  private static void send(Socket socket) throws IOException {
    socket.getOutputStream().write(new byte[] {1, 2, 3, 4});
  }

  @Test
  void passesEverythingOn() throws IOException {
    try (var socket = connected()) {
      send(socket);
      assertThat(socket.getInputStream().readNBytes(4)).containsExactly(1, 2, 3, 4);
      assertThat(proxy.accepted()).isEqualTo(1);
    }
  }

  @Test
  void cutResetsOpenAndNewConnections() throws IOException {
    try (var socket = connected()) {
      send(socket);
      socket.getInputStream().readNBytes(4);
      proxy.set(new Fault.Cut());
      assertIsOver(socket);
    }
    assertThatThrownBy(
            () -> {
              try (var socket = connected()) {
                send(socket);
                readByte(socket);
              }
            })
        .isInstanceOf(IOException.class);
  }

  /// The end of the other side can come through before the reset of this one; both are a cut.
  private static void assertIsOver(Socket socket) {
    assertThatThrownBy(() -> readByte(socket))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  private static void readByte(Socket socket) throws IOException {
    if (socket.getInputStream().read() < 0) {
      throw new IOException("closed");
    }
  }

  @Test
  void hangPassesNothingOnUntilItEnds() throws IOException {
    proxy.set(new Fault.Hang());
    try (var socket = connected()) {
      send(socket);
      socket.setSoTimeout(50);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      proxy.set(new Fault.None());
      socket.setSoTimeout(5_000);
      assertThat(socket.getInputStream().readNBytes(4)).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void truncateEndsInTheMiddle() throws IOException {
    proxy.set(new Fault.Truncate(3));
    try (var socket = connected()) {
      send(socket);
      assertThat(socket.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void dripAndDelayAreSlow() throws IOException {
    for (var fault :
        new Fault[] {
          new Fault.Drip(Duration.ofMillis(20)), new Fault.Delay(Duration.ofMillis(40))
        }) {
      proxy.set(fault);
      try (var socket = connected()) {
        long begun = System.nanoTime();
        send(socket);
        assertThat(socket.getInputStream().readNBytes(4)).containsExactly(1, 2, 3, 4);
        assertThat(System.nanoTime() - begun).isGreaterThan(79_000_000);
      }
    }
  }
}
