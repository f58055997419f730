package io.microscale.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A TCP proxy on loopback that goes wrong on demand. What is set holds at once for new connections
/// and for those that are open.
public final class FaultProxy implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 1_000;

  private final ServerSocket server;
  private final InetSocketAddress backend;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
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

  private FaultProxy(InetSocketAddress backend) throws IOException {
    this.backend = backend;
    this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  }

  /// Starts a proxy to `port` on loopback.
  public static FaultProxy to(int port) {
    try {
      var proxy = new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Thread.ofVirtual().name("fault proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getLocalPort();
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
    while (!server.isClosed()) {
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

  private void serve(Socket client) {
    try (client;
        var target = new Socket()) {
      target.connect(backend);
      open.add(target);
      var request = Thread.ofVirtual().start(() -> pump(client, target, false));
      pump(target, client, true);
      request.join();
    } catch (IOException _) {
      reset(client);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  private void pump(Socket from, Socket to, boolean answer) {
    try (from;
        to) {
      move(from.getInputStream(), to.getOutputStream(), answer);
    } catch (IOException _) {
      // One end is gone; closing both tells the other.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void move(InputStream in, OutputStream out, boolean answer)
      throws IOException, InterruptedException {
    var buffer = new byte[8192];
    int moved = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
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
        out.write(buffer, at, length);
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

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
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
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      open.forEach(FaultProxy::reset);
    }
  }
}
