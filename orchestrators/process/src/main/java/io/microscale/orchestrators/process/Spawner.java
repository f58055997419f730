package io.microscale.orchestrators.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Starts processes by `posix_spawn`, which neither copies this process nor needs a helper program.
///
/// The child leads a session and a process group of its own, so that it can be signalled with its
/// children and no terminal's signals reach it; it has no signal blocked or ignored, no descriptor
/// of this process, `/dev/null` as input, and its output appended to a file.
final class Spawner {
  /// A program that could not be started, with the reason as an error number.
  static final class Failure extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    Failure(int errno) {
      super(Libc.text(errno));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  private static final int SETSIGDEF = 0x04;
  private static final int SETSIGMASK = 0x08;
  private static final int SETSID = 0x80;
  private static final int SETCGROUP = 0x100;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_APPEND = 0x400;
  private static final int OWNER_ONLY = 0600;
  // More than either opaque struct has in any C library.
  private static final int STRUCT = 1024;
  private static final int SIGSET = 128;

  private static final MethodHandle SPAWN = Libc.function("posix_spawnp");
  private static final MethodHandle ATTRIBUTES = Libc.function("posix_spawnattr_init");
  private static final MethodHandle FLAGS = Libc.function("posix_spawnattr_setflags");
  private static final MethodHandle DEFAULTS = Libc.function("posix_spawnattr_setsigdefault");
  private static final MethodHandle MASK = Libc.function("posix_spawnattr_setsigmask");
  private static final MethodHandle ACTIONS = Libc.function("posix_spawn_file_actions_init");
  private static final MethodHandle DESTROY = Libc.function("posix_spawn_file_actions_destroy");
  private static final MethodHandle OPEN = Libc.function("posix_spawn_file_actions_addopen");
  private static final MethodHandle DUP = Libc.function("posix_spawn_file_actions_adddup2");
  private static final MethodHandle FOLDER = Libc.function("posix_spawn_file_actions_addchdir_np");
  private static final MethodHandle CLOSE =
      Libc.function("posix_spawn_file_actions_addclosefrom_np");
  // glibc 2.39
  private static final Optional<MethodHandle> CGROUP =
      Libc.optional("posix_spawnattr_setcgroup_np");

  private Spawner() {}

  /// Whether a child can be born into a v2 control group.
  static boolean spawnsIntoGroups() {
    return CGROUP.isPresent();
  }

  /// Starts a program and returns its process id once it runs.
  ///
  /// @param group descriptor of the folder of a v2 control group to start it in
  static int spawn(
      List<String> command,
      Map<String, String> environment,
      Optional<Path> folder,
      Path output,
      OptionalInt group)
      throws Failure {
    try (var arena = Arena.ofConfined()) {
      var pid = arena.allocate(ValueLayout.JAVA_INT);
      long attributes = attributes(arena, group);
      long actions = arena.allocate(STRUCT, 16).address();
      check(Libc.call(ACTIONS, actions));
      try {
        check(Libc.call(OPEN, actions, 0, text(arena, "/dev/null"), 0, 0));
        int append = O_WRONLY | O_CREAT | O_APPEND;
        check(Libc.call(OPEN, actions, 1, text(arena, output), append, OWNER_ONLY));
        check(Libc.call(DUP, actions, 1, 2));
        check(Libc.call(CLOSE, actions, 3));
        if (folder.isPresent()) {
          check(Libc.call(FOLDER, actions, text(arena, folder.get())));
        }
        var variables =
            environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        check(
            Libc.call(
                SPAWN,
                pid.address(),
                text(arena, command.getFirst()),
                actions,
                attributes,
                array(arena, command),
                array(arena, variables)));
      } finally {
        Libc.call(DESTROY, actions);
      }
      return pid.get(ValueLayout.JAVA_INT, 0);
    }
  }

  private static long attributes(Arena arena, OptionalInt group) throws Failure {
    long attributes = arena.allocate(STRUCT, 16).address();
    var all = arena.allocate(SIGSET, 16).fill((byte) 0xff);
    var none = arena.allocate(SIGSET, 16);
    check(Libc.call(ATTRIBUTES, attributes));
    check(Libc.call(DEFAULTS, attributes, all.address()));
    check(Libc.call(MASK, attributes, none.address()));
    int flags = SETSIGDEF | SETSIGMASK | SETSID;
    if (group.isPresent()) {
      check(Libc.call(CGROUP.orElseThrow(), attributes, group.getAsInt()));
      flags |= SETCGROUP;
    }
    check(Libc.call(FLAGS, attributes, flags));
    return attributes;
  }

  private static void check(int error) throws Failure {
    if (error != 0) {
      throw new Failure(Math.abs(error));
    }
  }

  private static long text(Arena arena, Object text) {
    return arena.allocateFrom(text.toString()).address();
  }

  private static long array(Arena arena, List<String> texts) {
    var array = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    array.setAtIndex(ValueLayout.ADDRESS, texts.size(), MemorySegment.NULL);
    return array.address();
  }
}
