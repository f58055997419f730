package io.microscale.orchestrators.process;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// The control groups of one pool: a folder of its own in the hierarchy that can freeze and in the
/// one that can limit processors (one and the same in v2), and in it a group for each replica.
///
/// A process must be in its group before it runs code of the workload, or its children may escape.
/// Moving another process waits for a grace period of the kernel, 2 to 20 ms. So with v1 the thread
/// that starts it enters the group itself, which is free, and leaves it again when the child is
/// born; with v2 the child is born into the group (glibc 2.39), and where that cannot be done a
/// shell enters first and then becomes the program.
final class ControlGroups implements AutoCloseable {
  enum Version {
    V1,
    V2
  }

  private final Optional<GroupPlace> freezer;
  private final Optional<GroupPlace> cpu;

  private ControlGroups(Optional<GroupPlace> freezer, Optional<GroupPlace> cpu) {
    this.freezer = freezer;
    this.cpu = cpu;
  }

  /// Finds and makes the pool's groups; a kind that cannot be had is absent. Must be called on the
  /// thread that will start processes.
  ///
  /// @param name of the pool's folder
  /// @param freezing whether to look for a freezer at all, likewise `limiting`
  /// @param versions to look at
  static ControlGroups open(
      String name, boolean freezing, boolean limiting, Set<Version> versions) {
    var first = Spawner.spawnsIntoGroups() ? Version.V2 : Version.V1;
    var order =
        Stream.concat(Stream.of(first), Arrays.stream(Version.values()))
            .distinct()
            .filter(versions::contains)
            .toList();
    return new ControlGroups(
        freezing ? GroupPlace.find(name, "freezer", "cgroup.freeze", order) : Optional.empty(),
        limiting ? GroupPlace.find(name, "cpu", "cpu.max", order) : Optional.empty());
  }

  private static Path own(Path group) {
    return group.resolve("cgroup.procs");
  }

  static void write(Path file, String text) throws IOException {
    try (var stream = new FileOutputStream(file.toFile())) {
      stream.write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /// Moves this thread into a v1 group. Writing 0 instead of its number spares the wait.
  static void enter(Path group) throws IOException {
    write(group.resolve("tasks"), "0");
  }

  boolean freezes() {
    return freezer.isPresent();
  }

  boolean limits() {
    return cpu.isPresent();
  }

  /// For people: what was found.
  @Override
  public String toString() {
    return "freezer %s, processor %s"
        .formatted(
            freezer.map(p -> "cgroup " + p.version()).orElse("none"),
            cpu.map(p -> "cgroup " + p.version()).orElse("none"));
  }

  /// Makes the groups of a replica.
  ControlGroup create(String name) throws IOException {
    var group =
        new ControlGroup(
            freezer.map(p -> p.pool().resolve(name)), cpu.map(p -> p.pool().resolve(name)));
    for (var folder : group.folders()) {
      Files.createDirectories(folder);
    }
    return group;
  }

  /// Starts a process inside its groups; on one and the same thread of the system throughout.
  ///
  /// @param nice its weight against other replicas
  int spawn(
      ControlGroup group,
      int nice,
      List<String> command,
      Map<String, String> environment,
      Optional<Path> folder,
      Path output)
      throws IOException {
    var entered = new ArrayDeque<FileOutputStream>(2);
    Optional<Path> born = Optional.empty();
    if (cpu.isPresent()) {
      // While this thread is in there it must not queue behind what replicas compute.
      group.weigh(cpu.get().home() == null ? nice : ControlGroup.FOREMOST);
    }
    try {
      for (var place : places()) {
        var own = isFreezer(place) ? group.freezer() : group.cpu();
        if (place.home() == null) {
          born = own;
        } else {
          enter(own.orElseThrow());
          entered.push(place.home());
        }
      }
      return spawn(born, command, environment, folder, output);
    } finally {
      for (var home : entered) {
        home.write('0');
      }
      if (cpu.isPresent() && cpu.get().home() != null) {
        group.weigh(nice);
      }
    }
  }

  private static int spawn(
      Optional<Path> born,
      List<String> command,
      Map<String, String> environment,
      Optional<Path> folder,
      Path output)
      throws IOException {
    if (born.isEmpty()) {
      return Spawner.spawn(command, environment, folder, output, OptionalInt.empty());
    }
    if (Spawner.spawnsIntoGroups()) {
      int descriptor = Libc.openFolder(born.get());
      try {
        return Spawner.spawn(command, environment, folder, output, OptionalInt.of(descriptor));
      } finally {
        Libc.close(descriptor);
      }
    }
    var entering = new ArrayList<>(List.of("/bin/sh", "-c", "echo 0 >\"$0\" && exec \"$@\""));
    entering.add(own(born.get()).toString());
    entering.addAll(command);
    return Spawner.spawn(entering, environment, folder, output, OptionalInt.empty());
  }

  private List<GroupPlace> places() {
    return Stream.concat(freezer.stream(), cpu.stream().filter(c -> !isFreezer(c))).toList();
  }

  private boolean isFreezer(GroupPlace place) {
    return freezer.filter(place::sameAs).isPresent();
  }

  /// Ends what is left in groups of replicas that are no more, and removes them.
  ///
  /// @param kept the names of those that are
  /// @return groups that could not be removed yet
  List<ControlGroup> sweep(Set<String> kept) {
    var left = new ArrayList<ControlGroup>();
    for (var place : places()) {
      try (DirectoryStream<Path> groups =
          Files.newDirectoryStream(place.pool(), Files::isDirectory)) {
        for (var folder : groups) {
          if (!kept.contains(folder.getFileName().toString())) {
            var group = ControlGroup.leftOver(folder);
            group.kill();
            if (!group.remove()) {
              left.add(group);
            }
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(place.pool() + ": cannot list control groups: " + e, e);
      }
    }
    return left;
  }

  /// Removes the pool's own groups if no replica is left in them.
  @Override
  public void close() {
    places().forEach(GroupPlace::close);
  }
}
