package io.microscale.app.bench.startup;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Kernel, first file system and disk of the virtual machines, made from Debian packages. The
/// kernel and the disk are kept in the cache.
final class VmFiles {
  private static final String KERNEL = "linux-image-cloud-amd64";
  private static final String SUITE = "bookworm";
  private static final Duration DEBOOTSTRAP = Duration.ofMinutes(20);
  private static final Duration FORMAT = Duration.ofMinutes(5);

  /// In the order in which they have to be loaded.
  private static final List<String> MODULES =
      List.of(
          "virtio/virtio_ring",
          "virtio/virtio",
          "virtio/virtio_pci_legacy_dev",
          "virtio/virtio_pci_modern_dev",
          "virtio/virtio_pci",
          "block/virtio_blk");

  private final Cache cache;
  private final Consumer<String> progress;

  /// Files of which the lasting ones lie in a cache.
  ///
  /// @param progress is told of what takes long
  VmFiles(Cache cache, Consumer<String> progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /// A kernel of Debian for virtual machines.
  ///
  /// @param version of its package's name
  /// @param folder with `vmlinuz` as it comes, `vmlinux` unpacked, and modules
  record Kernel(String version, Path folder) {
    Path packed() {
      return folder.resolve("vmlinuz");
    }

    Path unpacked() {
      return folder.resolve("vmlinux");
    }
  }

  Kernel kernel() throws Unavailable, IOException, InterruptedException {
    if (!System.getProperty("os.arch").equals("amd64")) {
      throw new Unavailable("virtual machines are measured on amd64 only");
    }
    DebianPackages.require();
    var name = DebianPackages.behind(KERNEL, "linux-image-");
    var folder =
        cache.get(
            name,
            part -> {
              progress.accept("fetching and unpacking " + name);
              makeKernel(name, part);
            });
    return new Kernel(name.substring("linux-image-".length()), folder);
  }

  private static void makeKernel(String name, Path folder)
      throws IOException, InterruptedException {
    var all = Files.createDirectory(folder.resolve("package"));
    DebianPackages.unpack(name, all);
    var packed = find(all.resolve("boot"), "vmlinuz-");
    try (var out = new BufferedOutputStream(Files.newOutputStream(folder.resolve("vmlinux")))) {
      KernelImage.unpack(Files.readAllBytes(packed), out);
    }
    Files.move(packed, folder.resolve("vmlinuz"));
    var lib = all.resolve("lib");
    var modules = find((Files.exists(lib) ? lib : all.resolve("usr/lib")).resolve("modules"), "");
    for (var module : MODULES) {
      var file = modules.resolve("kernel/drivers/" + module + ".ko");
      Files.move(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    Folders.remove(all);
  }

  private static Path find(Path folder, String prefix) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow(() -> new IOException("no %s… in %s".formatted(prefix, folder)));
    }
  }

  /// The first file system of a machine that has nothing else: busybox, which runs the workload as
  /// its first process.
  static byte[] workloadOnly(Busybox busybox) throws IOException {
    return base(busybox)
        .program("init", "#!/bin/sh\n" + Workload.script("/bin/busybox") + "\n")
        .cpio();
  }

  /// The first file system of a machine whose system is on a disk: finds it and starts it.
  static byte[] forDisk(Busybox busybox, Kernel kernel) throws IOException {
    var tree = base(busybox).folder("m").folder("newroot");
    var script = new StringBuilder("#!/bin/sh\nb=/bin/busybox\n");
    for (var module : MODULES) {
      var name = module.substring(module.indexOf('/') + 1) + ".ko";
      tree.file("m/" + name, Files.readAllBytes(kernel.folder().resolve(name)));
      script.append("$b insmod /m/").append(name).append('\n');
    }
    script.append(
        """
        $b mount -t devtmpfs d /dev
        $b mount -t ext4 -o ro /dev/vda /newroot
        $b mount -o move /dev /newroot/dev
        exec $b switch_root /newroot /sbin/init
        """);
    return tree.program("init", script.toString()).cpio();
  }

  private static FileTree base(Busybox busybox) throws IOException {
    return new FileTree()
        .folder("bin")
        .folder("dev")
        .folder("proc")
        .folder("sys")
        .program("bin/busybox", busybox.bytes())
        .link("bin/sh", "busybox")
        .device("dev/console", 5, 1)
        .device("dev/null", 1, 3);
  }

  /// The disk of a machine with a small Debian, whose systemd starts the workload once all of
  /// multi-user is up. It is never written to.
  Path disk() throws Unavailable, IOException, InterruptedException {
    var name = "debian-" + SUITE + "-1";
    if (!Files.isDirectory(cache.folder().resolve(name))) {
      Commands.need("debootstrap", "debootstrap");
      Commands.need("mkfs.ext4", "e2fsprogs");
      Commands.need("unshare", "util-linux");
      if (!"root".equals(System.getProperty("user.name"))) {
        throw new Unavailable("debootstrap has to be run by root");
      }
    }
    return cache
        .get(
            name,
            part -> {
              progress.accept("making a Debian disk by debootstrap (minutes, once)");
              makeDisk(part);
            })
        .resolve("disk");
  }

  private static void makeDisk(Path folder) throws IOException, InterruptedException {
    var root = folder.resolve("root");
    // In a mount namespace of its own, so that what it mounts is gone however it ends.
    var debootstrap =
        new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "debootstrap"));
    debootstrap.addAll(
        List.of(
            "--variant=minbase", "--include=systemd-sysv,udev,dbus,kmod", SUITE, root.toString()));
    Commands.run(DEBOOTSTRAP, folder, debootstrap);
    Folders.remove(root.resolve("var/cache/apt"));
    Folders.remove(root.resolve("var/lib/apt/lists"));
    var etc = root.resolve("etc");
    Files.writeString(etc.resolve("hostname"), "bench\n");
    Files.writeString(etc.resolve("fstab"), "/dev/vda / ext4 rw,noatime 0 1\n");
    var units = etc.resolve("systemd/system");
    Files.writeString(
        units.resolve("workload.service"),
        """
        [Unit]
        Description=The workload
        After=multi-user.target
        [Service]
        ExecStart=/bin/sh -c "%s"
        SuccessAction=poweroff-force
        """
            .formatted(Workload.scriptTo("/dev/ttyS0")));
    var wanted = Files.createDirectories(units.resolve("graphical.target.wants"));
    Files.createSymbolicLink(wanted.resolve("workload.service"), Path.of("../workload.service"));
    var disk = folder.resolve("disk");
    Commands.run(
        FORMAT,
        folder,
        List.of(
            Commands.find("mkfs.ext4").orElseThrow().toString(),
            "-q",
            "-F",
            "-d",
            root.toString(),
            disk.toString(),
            "1G"));
    Folders.remove(root);
  }
}
