package io.microscale.orchestrators.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The functions of the C library that this module calls.
///
/// All of them take integers and pointers only, at most six. On the two ABIs of Linux that are
/// supported (System V AMD64, AAPCS64) these travel in registers, of which a function looks at
/// those that it has parameters for; so all are linked with the one shape "six words to a word".
/// The first shape costs a JVM some 100 ms to link and each other one some 10 ms, which the start
/// of the engine would pay.
final class Libc {
  static final int SIGKILL = 9;
  static final int SIGTERM = 15;
  static final int SIGCONT = 18;
  static final int SIGSTOP = 19;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int ECHILD = 10;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EINVAL = 22;

  private static final int O_DIRECTORY =
      "aarch64".equals(System.getProperty("os.arch")) ? 0x4000 : 0x10000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int WNOHANG = 1;
  private static final int PRIO_PGRP = 1;
  private static final int SYS_PIDFD_SEND_SIGNAL = 424; // these two on every architecture
  private static final int SYS_PIDFD_OPEN = 434;
  private static final int PIDFD_SIGNAL_PROCESS_GROUP = 4;
  private static final int WORDS = 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final long CALL_STATE = Linker.Option.captureStateLayout().byteSize();

  private static final MethodHandle CLOSE = function("close");
  private static final MethodHandle OPEN = function("open");
  private static final MethodHandle KILL = function("kill");
  private static final MethodHandle SETPRIORITY = function("setpriority");
  private static final MethodHandle STRERROR = function("strerror");
  private static final MethodHandle SYSCALL = function("syscall");
  private static final MethodHandle WAITPID = function("waitpid");

  private Libc() {}

  static MethodHandle function(String name) {
    return optional(name)
        .orElseThrow(
            () -> new UnsatisfiedLinkError("needs Linux with glibc 2.34 or newer: no " + name));
  }

  @SuppressWarnings("restricted") // The module is what asks for native access.
  static Optional<MethodHandle> optional(String name) {
    var word = JAVA_LONG;
    return LINKER
        .defaultLookup()
        .find(name)
        .map(
            address ->
                LINKER.downcallHandle(
                    address,
                    FunctionDescriptor.of(word, word, word, word, word, word, word),
                    Linker.Option.captureCallState("errno")));
  }

  /// Calls a function that returns an `int`, with pointers as addresses.
  ///
  /// @return what it returned; for −1 the error number, negative
  static int call(MethodHandle function, long... words) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      int result = (int) invoke(function, state, words);
      // The captured state is a struct of which errno is the only member on Linux.
      return result == -1 ? -state.get(JAVA_INT, 0) : result;
    }
  }

  private static long invoke(MethodHandle function, MemorySegment state, long... words) {
    var w = words.length == WORDS ? words : Arrays.copyOf(words, WORDS);
    try {
      return (long) function.invokeExact(state, w[0], w[1], w[2], w[3], w[4], w[5]);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /// What an error number means, in the C library's words.
  @SuppressWarnings("restricted")
  static String text(int errno) {
    try (var arena = Arena.ofConfined()) {
      long address = invoke(STRERROR, arena.allocate(CALL_STATE), Math.abs(errno));
      return MemorySegment.ofAddress(address).reinterpret(256).getString(0);
    }
  }

  static void close(int descriptor) {
    call(CLOSE, descriptor);
  }

  /// Opens a folder, to name it to the kernel.
  static int openFolder(Path folder) throws IOException {
    try (var arena = Arena.ofConfined()) {
      int descriptor =
          call(OPEN, arena.allocateFrom(folder.toString()).address(), O_DIRECTORY | O_CLOEXEC);
      if (descriptor < 0) {
        throw new IOException(folder + ": " + text(descriptor));
      }
      return descriptor;
    }
  }

  /// Opens a handle on a process, which stays with that process whatever happens to its number.
  ///
  /// @return the descriptor, or the error number, negative
  static int pidfdOpen(int pid) {
    return call(SYSCALL, SYS_PIDFD_OPEN, pid);
  }

  /// Signals the one process behind a handle.
  static int signal(int pidfd, int signal) {
    return call(SYSCALL, SYS_PIDFD_SEND_SIGNAL, pidfd, signal);
  }

  /// Signals the process group that the process behind `pidfd` leads. From kernel 6.9 on by the
  /// handle, which can hit nobody else even when the leader is gone; before that by its number,
  /// only while the leader is there.
  static int signalGroup(int pidfd, int leader, int signal) {
    int result = call(SYSCALL, SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, PIDFD_SIGNAL_PROCESS_GROUP);
    if (result != -EINVAL) {
      return result;
    }
    result = signal(pidfd, 0);
    return result < 0 ? result : call(KILL, -leader, signal);
  }

  /// Ends a child that leads a process group, with that group, and waits for it. Until then its
  /// number is nobody else's.
  static void killChildGroup(int pid) {
    call(KILL, -pid, SIGKILL);
    call(WAITPID, pid, 0, 0);
  }

  /// Sets the nice value of every process in a group.
  static int setGroupPriority(int group, int nice) {
    return call(SETPRIORITY, PRIO_PGRP, group, nice);
  }

  /// How a child ended, which is then forgotten by the kernel.
  ///
  /// @return empty if it is not a child of this process or has not ended
  static Optional<ExitStatus> reap(int pid) {
    try (var arena = Arena.ofConfined()) {
      var status = arena.allocate(JAVA_INT);
      int result;
      do {
        result = call(WAITPID, pid, status.address(), WNOHANG);
      } while (result == -EINTR);
      return result == pid
          ? Optional.of(new ExitStatus(status.get(JAVA_INT, 0)))
          : Optional.empty();
    }
  }

  /// What `wait` tells of an ended process.
  record ExitStatus(int raw) {
    @Override
    public String toString() {
      int signal = raw & 0x7f;
      return signal == 0
          ? "exit " + ((raw >> 8) & 0xff)
          : "killed by signal %d (%s)".formatted(signal, name(signal));
    }

    private static String name(int signal) {
      return switch (signal) {
        case 1 -> "HUP";
        case 2 -> "INT";
        case 3 -> "QUIT";
        case 4 -> "ILL";
        case 6 -> "ABRT";
        case 7 -> "BUS";
        case 8 -> "FPE";
        case SIGKILL -> "KILL";
        case 11 -> "SEGV";
        case 13 -> "PIPE";
        case SIGTERM -> "TERM";
        case 24 -> "XCPU";
        case 25 -> "XFSZ";
        case 31 -> "SYS";
        default -> "see kill -l";
      };
    }
  }
}
