package io.microscale.app.bench.startup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The workload in a container that a low-level runtime (runc, crun) runs by itself, with no
/// engine: namespaces of its own for processes, network (nothing but loopback), IPC, host name and
/// mounts.
final class RuntimeWay implements Way {
  private static final Duration SHORT = Duration.ofSeconds(10);
  private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

  private final String how;
  private final List<String> runtime;
  private final Path folder;
  private final List<Process> holders;
  private int count;

  private RuntimeWay(String how, List<String> runtime, Path folder, List<Process> holders) {
    this.how = how;
    this.runtime = runtime;
    this.folder = folder;
    this.holders = holders;
  }

  /// Writes what the runtime needs, and tries it once: many machines let nobody, or only root, run
  /// containers.
  ///
  /// @param parent a folder for its files
  static Way open(String name, Busybox busybox, Path parent)
      throws Unavailable, IOException, InterruptedException {
    var program = Commands.need(name, name);
    var version =
        Commands.run(SHORT, parent, List.of(program.toString(), "--version")).lines().findFirst();
    var folder = Files.createDirectory(parent.resolve(name));
    busybox.image().writeTo(Files.createDirectory(folder.resolve("rootfs")));
    var user = User.of(folder);
    Files.writeString(folder.resolve("config.json"), bundle(user).toString());
    var how = version.orElse(name) + (user.isRoot() ? "" : ", without root");
    var way = new RuntimeWay(how, List.of(program.toString()), folder, new ArrayList<>());
    try {
      way.start();
      return way;
    } catch (IOException e) {
      if (!user.isRoot()
          || !Files.isDirectory(UNIFIED)
          || !String.valueOf(e.getMessage()).contains("cgroup")) {
        throw new Unavailable("it cannot be used here: " + e.getMessage());
      }
    }
    return withoutUnified(how, program, folder);
  }

  /// crun refuses a tree of cgroup v2 beside those of v1. It sees none in a mount namespace without
  /// it, which a process holds open; entering that is one more exec, and in the figures.
  private static Way withoutUnified(String how, Path program, Path folder)
      throws Unavailable, IOException, InterruptedException {
    var holder =
        new ProcessBuilder(
                Commands.need("unshare", "util-linux").toString(),
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "umount " + UNIFIED + " && echo " + Workload.READY + " && exec cat > /dev/null")
            .redirectErrorStream(true)
            .start();
    var enter =
        List.of(
            Commands.need("nsenter", "util-linux").toString(),
            "--mount=/proc/" + holder.pid() + "/ns/mnt",
            program.toString());
    var way =
        new RuntimeWay(
            how + ", in a mount namespace without the cgroup v2 tree (one exec more)",
            enter,
            folder,
            List.of(holder));
    boolean usable = false;
    try {
      Ear.at(holder.getInputStream()).ready(SHORT);
      way.start();
      usable = true;
      return way;
    } catch (IOException e) {
      throw new Unavailable("it cannot be used here: " + e.getMessage());
    } finally {
      if (!usable) {
        way.close();
      }
    }
  }

  @Override
  public String how() {
    return how;
  }

  @Override
  public Duration start() throws IOException, InterruptedException {
    var id = "microscale-bench-" + ProcessHandle.current().pid() + "-" + ++count;
    try {
      return new ProcessWay(
              how, command("run", "--bundle", folder.toString(), id), Workload.PATIENCE)
          .start();
    } finally {
      remove(id);
    }
  }

  private void remove(String id) throws IOException {
    Commands.runSurely(SHORT, folder, command("delete", "--force", id));
  }

  private List<String> command(String... arguments) {
    var command = new ArrayList<>(runtime);
    command.addAll(List.of("--root", folder.resolve("state").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /// Each container has been removed where it was started; the files go with their folder.
  @Override
  public void close() {
    holders.forEach(Commands::end);
  }

  /// Who runs this, as the system counts users.
  record User(int id, int group) {
    /// The one who made a folder.
    static User of(Path folder) throws IOException {
      return new User(
          (Integer) Files.getAttribute(folder, "unix:uid"),
          (Integer) Files.getAttribute(folder, "unix:gid"));
    }

    boolean isRoot() {
      return id == 0;
    }
  }

  /// What a runtime has to know, as in the [OCI runtime
  /// specification](https://github.com/opencontainers/runtime-spec).
  ///
  /// @param user anybody but root gets a user namespace, in which they are root
  static ObjectNode bundle(User user) {
    var spec = JsonNodeFactory.instance.objectNode().put("ociVersion", "1.0.2");
    var process = spec.putObject("process").put("terminal", false).put("cwd", "/");
    process.putObject("user").put("uid", 0).put("gid", 0);
    process
        .putArray("args")
        .add("/bin/busybox")
        .add("sh")
        .add("-c")
        .add(Workload.script("/bin/busybox"));
    process.putArray("env").add("PATH=/bin");
    process.put("noNewPrivileges", true);
    spec.putObject("root").put("path", "rootfs").put("readonly", true);
    spec.put("hostname", "bench");
    var mounts = spec.putArray("mounts");
    mounts.addObject().put("destination", "/proc").put("type", "proc").put("source", "proc");
    mounts
        .addObject()
        .put("destination", "/dev")
        .put("type", "tmpfs")
        .put("source", "tmpfs")
        .putArray("options")
        .add("nosuid")
        .add("strictatime")
        .add("mode=755")
        .add("size=65536k");
    var linux = spec.putObject("linux");
    var namespaces = linux.putArray("namespaces");
    for (var type : new String[] {"pid", "network", "ipc", "uts", "mount"}) {
      namespaces.addObject().put("type", type);
    }
    if (!user.isRoot()) {
      namespaces.addObject().put("type", "user");
      map(linux, "uidMappings", user.id());
      map(linux, "gidMappings", user.group());
    }
    return spec;
  }

  private static void map(ObjectNode linux, String name, int outside) {
    linux.putArray(name).addObject().put("containerID", 0).put("hostID", outside).put("size", 1);
  }
}
