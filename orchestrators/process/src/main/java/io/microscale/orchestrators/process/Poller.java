package io.microscale.orchestrators.process;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// What one thread waits for: the end of any process, a write to a file, a call from another
/// thread. The kernel wakes it; nothing is polled. All but [#wake] is for that one thread.
final class Poller implements AutoCloseable {
  /// Who is told; `key` is the one given when the wait was asked for.
  interface Listener {
    void ended(long key);

    void written(long key);
  }

  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;
  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int EPOLLIN = 1;
  private static final int IN_MODIFY = 2;
  private static final int EVENTS = 64;
  private static final int BUFFER = 4096;
  private static final int INOTIFY_EVENT = 16; // wd, mask, cookie, length of the name
  private static final long WOKEN = -1;
  private static final long WRITTEN = -2;
  // struct epoll_event is packed on x86-64 and nowhere else
  private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));
  private static final int DATA = PACKED ? 4 : 8;
  private static final int EVENT = DATA + Long.BYTES;

  private static final MethodHandle EPOLL_CREATE = Libc.function("epoll_create1");
  private static final MethodHandle EPOLL_CTL = Libc.function("epoll_ctl");
  private static final MethodHandle EPOLL_WAIT = Libc.function("epoll_wait");
  private static final MethodHandle EVENTFD = Libc.function("eventfd");
  private static final MethodHandle INOTIFY = Libc.function("inotify_init1");
  private static final MethodHandle INOTIFY_ADD = Libc.function("inotify_add_watch");
  private static final MethodHandle INOTIFY_REMOVE = Libc.function("inotify_rm_watch");
  private static final MethodHandle READ = Libc.function("read");
  private static final MethodHandle WRITE = Libc.function("write");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment events = arena.allocate((long) EVENT * EVENTS, 16);
  private final MemorySegment buffer = arena.allocate(BUFFER, 16);
  private final MemorySegment one = arena.allocate(Long.BYTES, 8);
  private final int epoll = check("epoll_create1", Libc.call(EPOLL_CREATE, CLOEXEC));
  private final int wake = check("eventfd", Libc.call(EVENTFD, 0, CLOEXEC | NONBLOCK));
  private final int inotify = check("inotify_init1", Libc.call(INOTIFY, CLOEXEC | NONBLOCK));
  private final Map<Integer, Long> files = new HashMap<>();

  Poller() {
    one.set(JAVA_LONG_UNALIGNED, 0, 1);
    add(wake, WOKEN);
    add(inotify, WRITTEN);
  }

  private static int check(String what, int result) {
    if (result < 0) {
      throw new IllegalStateException(what + ": " + Libc.text(result));
    }
    return result;
  }

  private void add(int descriptor, long key) {
    try (var local = Arena.ofConfined()) {
      var event = local.allocate(EVENT, 16);
      event.set(JAVA_INT_UNALIGNED, 0, EPOLLIN);
      event.set(JAVA_LONG_UNALIGNED, DATA, key);
      check("epoll_ctl", Libc.call(EPOLL_CTL, epoll, ADD, descriptor, event.address()));
    }
  }

  /// Tells once the process behind `pidfd` has ended, until [#removeProcess]. `key` is not
  /// negative.
  void addProcess(int pidfd, long key) {
    add(pidfd, key);
  }

  void removeProcess(int pidfd) {
    Libc.call(EPOLL_CTL, epoll, DELETE, pidfd, events.address());
  }

  /// Tells when something is written to a file, from now on.
  ///
  /// @return what [#removeFile] takes; empty if the user may watch no more files
  OptionalInt addFile(Path file, long key) {
    try (var local = Arena.ofConfined()) {
      long path = local.allocateFrom(file.toString()).address();
      int watch = Libc.call(INOTIFY_ADD, inotify, path, IN_MODIFY);
      if (watch < 0) {
        return OptionalInt.empty();
      }
      files.put(watch, key);
      return OptionalInt.of(watch);
    }
  }

  void removeFile(int watch) {
    files.remove(watch);
    Libc.call(INOTIFY_REMOVE, inotify, watch);
  }

  /// Ends the present or the next [#await]. For any thread.
  void wake() {
    Libc.call(WRITE, wake, one.address(), Long.BYTES);
  }

  /// Waits until there is something to tell or the time is over.
  ///
  /// @param millis −1 for ever, 0 not at all
  void await(int millis, Listener listener) {
    int count = Libc.call(EPOLL_WAIT, epoll, events.address(), EVENTS, millis);
    if (count == -Libc.EINTR) {
      return;
    }
    check("epoll_wait", count);
    for (int i = 0; i < count; i++) {
      long key = events.get(JAVA_LONG_UNALIGNED, (long) i * EVENT + DATA);
      if (key == WOKEN) {
        Libc.call(READ, wake, buffer.address(), Long.BYTES);
      } else if (key == WRITTEN) {
        written(listener);
      } else {
        listener.ended(key);
      }
    }
  }

  private void written(Listener listener) {
    int length = Libc.call(READ, inotify, buffer.address(), BUFFER);
    for (int at = 0; at + INOTIFY_EVENT <= length; ) {
      var key = files.get(buffer.get(JAVA_INT_UNALIGNED, at));
      int mask = buffer.get(JAVA_INT_UNALIGNED, at + 4L);
      if (key != null && (mask & IN_MODIFY) != 0) {
        listener.written(key);
      }
      at += INOTIFY_EVENT + buffer.get(JAVA_INT_UNALIGNED, at + 12L);
    }
  }

  @Override
  public void close() {
    Libc.close(epoll);
    Libc.close(wake);
    Libc.close(inotify);
    arena.close();
  }
}
