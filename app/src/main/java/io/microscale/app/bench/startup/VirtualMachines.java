package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The workload in virtual machines of QEMU. The caller reads their serial line.
final class VirtualMachines {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration TRIAL = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofSeconds(10);

  private final VmFiles files;
  private final Cache cache;
  private final Path folder;
  private @Nullable Base base;

  /// What all of them need.
  private record Base(
      Path qemu,
      String version,
      Busybox busybox,
      VmFiles.Kernel kernel,
      Path small,
      Accelerator accelerator) {}

  /// Virtual machines that are made when they are asked for.
  ///
  /// @param folder for files of this run
  VirtualMachines(VmFiles files, Cache cache, Path folder) {
    this.files = files;
    this.cache = cache;
    this.folder = folder;
  }

  /// What runs them; empty if none was opened.
  Optional<Accelerator> accelerator() {
    return Optional.ofNullable(base).map(Base::accelerator);
  }

  /// As little as there can be: QEMU's microvm, the kernel unpacked, busybox in memory, no disk.
  Way micro() throws Unavailable, IOException, InterruptedException {
    var all = base();
    return new ProcessWay(
        how(all) + ", microvm, 128 MiB, kernel " + all.kernel.version(),
        micro(all.qemu, all.accelerator.name(), all.kernel, all.small),
        PATIENCE);
  }

  /// A PC with a disk and a whole, if small, distribution, whose systemd starts the workload.
  Way debian() throws Unavailable, IOException, InterruptedException {
    var all = base();
    var disk = files.disk();
    var first = folder.resolve("debian.cpio");
    Files.write(first, VmFiles.forDisk(all.busybox, all.kernel));
    var command = common(all.qemu, all.accelerator.name());
    command.addAll(List.of("-M", "q35", "-m", "512"));
    command.addAll(List.of("-smp", Integer.toString(Math.min(2, processors()))));
    command.addAll(List.of("-kernel", all.kernel.packed().toString()));
    command.addAll(List.of("-initrd", first.toString()));
    command.addAll(List.of("-drive", "if=virtio,format=raw,snapshot=on,file=" + disk));
    command.addAll(List.of("-append", arguments()));
    return new ProcessWay(
        how(all) + ", q35, 512 MiB, Debian 12 minbase with systemd", command, PATIENCE);
  }

  private static String how(Base all) {
    return all.version + " with " + all.accelerator.described();
  }

  private Base base() throws Unavailable, IOException, InterruptedException {
    if (base == null) {
      var qemu = Commands.need("qemu-system-x86_64", "qemu-system-x86");
      var version =
          Commands.run(SHORT, folder, List.of(qemu.toString(), "--version"))
              .replaceAll("(?s)^QEMU emulator version ([0-9.]+).*", "QEMU $1");
      var kernel = files.kernel();
      var busybox = Busybox.find(cache);
      var small = folder.resolve("micro.cpio");
      Files.write(small, VmFiles.workloadOnly(busybox));
      var accelerator =
          Accelerator.find(
              name -> new ProcessWay("", micro(qemu, name, kernel, small), TRIAL).start());
      base = new Base(qemu, version, busybox, kernel, small, accelerator);
    }
    return base;
  }

  private static List<String> micro(
      Path qemu, String accelerator, VmFiles.Kernel kernel, Path first) {
    var command = common(qemu, accelerator);
    // With ACPI this machine has no timer that Linux can use when emulated, and it hangs.
    command.addAll(List.of("-M", "microvm,acpi=off", "-m", "128"));
    command.addAll(List.of("-kernel", kernel.unpacked().toString()));
    command.addAll(List.of("-initrd", first.toString()));
    command.addAll(List.of("-append", arguments()));
    return command;
  }

  private static List<String> common(Path qemu, String accelerator) {
    return new ArrayList<>(
        List.of(
            qemu.toString(),
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-no-reboot",
            "-accel",
            accelerator,
            "-cpu",
            "max"));
  }

  /// An emulated timer comes late when the machine is busy; without `no_timer_check` the kernel
  /// takes that for a defect and stops. A kernel that stops ends its machine.
  private static String arguments() {
    return "console=ttyS0 panic=-1 quiet no_timer_check";
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }
}
