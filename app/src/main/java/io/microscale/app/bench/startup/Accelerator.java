package io.microscale.app.bench.startup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What runs the instructions of a virtual machine: the processor (KVM), or software that emulates
/// one (TCG), which is many times slower.
///
/// @param name as QEMU has it
/// @param why for people
record Accelerator(String name, String why) {
  private static final Path KVM = Path.of("/dev/kvm");

  /// Starts a small virtual machine with an accelerator.
  @FunctionalInterface
  interface Trial {
    /// Returns when it has said READY.
    ///
    /// @throws IOException if it does not start
    void start(String accelerator) throws IOException, InterruptedException;
  }

  /// KVM if a virtual machine really starts with it: that the device can be opened is not enough,
  /// there are machines in which QEMU then fails.
  static Accelerator find(Trial trial) throws InterruptedException {
    if (!Files.exists(KVM)) {
      return new Accelerator("tcg", "this machine has no " + KVM);
    }
    if (!Files.isReadable(KVM) || !Files.isWritable(KVM)) {
      return new Accelerator("tcg", "this user may not use " + KVM);
    }
    try (var _ = FileChannel.open(KVM, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      trial.start("kvm");
      return new Accelerator("kvm", "a trial with " + KVM + " succeeded");
    } catch (IOException e) {
      return new Accelerator("tcg", KVM + " cannot be used: " + e.getMessage());
    }
  }

  boolean isEmulated() {
    return !name.equals("kvm");
  }

  String described() {
    return isEmulated() ? "software emulation (TCG)" : "hardware virtualization (KVM)";
  }
}
