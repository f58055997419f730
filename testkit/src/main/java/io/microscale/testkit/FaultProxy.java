package io.microscale.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A proxy that goes wrong on demand, on loopback or on a Unix socket, to either. What is set holds
/// at once for new connections and for those that are open.
public final class FaultProxy implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 1_000;

  private final ServerSocketChannel server;
  private final SocketAddress backend;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private Fault fault = new Fault.None();
  private boolean closed;

  /// What goes wrong.
  public sealed interface Fault {
    /// Nothing: everything is passed on.
    record None() implements Fault {}

    /// Each piece is passed on this much later, both ways.
    record Delay(Duration by) implements Fault {}

    /// Connections are reset, new ones at once.
    record Cut() implements Fault {}

    /// Connections are taken and stay open; nothing is passed on until the fault changes.
    record Hang() implements Fault {}

    /// Each connection ends in the middle of the answer, after this many bytes.
    record Truncate(int bytes) implements Fault {}

    /// The answer comes one byte at a time.
    record Drip(Duration each) implements Fault {}
  }

  private FaultProxy(SocketAddress backend, SocketAddress listen) throws IOException {
    this.backend = backend;
    this.server =
        listen instanceof UnixDomainSocketAddress
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    try {
      server.bind(listen, 64);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /// Starts a proxy on loopback to `port` on loopback.
  public static FaultProxy to(int port) {
    return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), anyPort());
  }

  /// Starts a proxy on loopback to any address.
  public static FaultProxy to(InetSocketAddress backend) {
    return start(backend, anyPort());
  }

  /// Starts a proxy on loopback to a Unix socket.
  public static FaultProxy to(UnixDomainSocketAddress backend) {
    return start(backend, anyPort());
  }

  /// Starts a proxy that listens on a Unix socket, which it creates, to another.
  public static FaultProxy to(UnixDomainSocketAddress backend, Path listen) {
    return start(backend, UnixDomainSocketAddress.of(listen));
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static FaultProxy start(SocketAddress backend, SocketAddress listen) {
    try {
      var proxy = new FaultProxy(backend, listen);
      Thread.ofVirtual().name("fault proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The port on loopback.
  ///
  /// @throws IllegalStateException if it listens on a Unix socket
  public int port() {
    if (listensOn() instanceof InetSocketAddress address) {
      return address.getPort();
    }
    throw new IllegalStateException("port: it listens on " + listensOn());
  }

  private SocketAddress listensOn() {
    try {
      return server.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many connections have been taken so far.
  public int accepted() {
    return accepted.get();
  }

  public void set(Fault next) {
    synchronized (this) {
      fault = next;
      notifyAll();
    }
    if (next instanceof Fault.Cut) {
      open.forEach(FaultProxy::reset);
    }
  }

  private synchronized Fault fault() {
    return fault;
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        // Closed by the threads that serve it.
        var client = server.accept();
        accepted.incrementAndGet();
        open.add(client);
        if (fault() instanceof Fault.Cut || open.size() > MOST_CONNECTIONS) {
          open.remove(client);
          reset(client);
        } else {
          Thread.ofVirtual().name("fault proxy connection").start(() -> serve(client));
        }
      } catch (IOException _) {
        // Closed, or the client has gone already; the loop's condition tells.
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        var target = SocketChannel.open(backend)) {
      open.add(target);
      var request = Thread.ofVirtual().start(() -> pump(client, target, false));
      pump(target, client, true);
      request.join();
    } catch (IOException _) {
      reset(client);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.removeIf(channel -> !channel.isOpen());
    }
  }

  private void pump(SocketChannel from, SocketChannel to, boolean answer) {
    try (from;
        to) {
      move(from, to, answer);
    } catch (IOException _) {
      // One end is gone; closing both tells the other.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void move(SocketChannel from, SocketChannel to, boolean answer)
      throws IOException, InterruptedException {
    var buffer = ByteBuffer.allocate(8192);
    int moved = 0;
    for (int n = from.read(buffer.clear()); n >= 0; n = from.read(buffer.clear())) {
      for (int at = 0; at < n; ) {
        int length =
            switch (passing()) {
              case Fault.Truncate(int bytes) when answer -> Math.min(n - at, bytes - moved);
              case Fault.Drip(var each) when answer -> {
                pause(each);
                yield 1;
              }
              case Fault.Delay(var by) -> {
                pause(by);
                yield n - at;
              }
              case Fault.None _, Fault.Cut _, Fault.Hang _, Fault.Truncate _, Fault.Drip _ ->
                  n - at;
            };
        if (length <= 0) {
          return;
        }
        buffer.limit(at + length).position(at);
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        at += length;
        moved += length;
      }
    }
  }

  /// The fault, as soon as it lets something pass.
  private synchronized Fault passing() throws InterruptedException {
    while (fault instanceof Fault.Hang && !closed) {
      wait();
    }
    return fault;
  }

  private synchronized void pause(Duration duration) throws InterruptedException {
    long until = System.nanoTime() + duration.toNanos();
    var before = fault;
    for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
      if (closed || !fault.equals(before)) {
        return;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  private static void reset(SocketChannel channel) {
    try {
      if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)
          && channel.getRemoteAddress() instanceof InetSocketAddress) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      channel.close();
    } catch (IOException _) {
      // It is closed already.
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      if (!server.isOpen()) {
        return;
      }
      var listened = server.getLocalAddress();
      server.close();
      if (listened instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      open.forEach(FaultProxy::reset);
    }
  }
}
