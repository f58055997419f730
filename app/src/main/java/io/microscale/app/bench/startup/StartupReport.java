package io.microscale.app.bench.startup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.bench.Idle;
import io.microscale.app.bench.LogChart;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Page;
import io.microscale.app.bench.Samples;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What `bench startup` found out.
///
/// @param measured in the order in which it was measured
/// @param accelerator of the virtual machines; empty if none was started
/// @param quietLimitPercent idle share below which the machine counts as busy
/// @param interrupted whether it was ended before everything was measured
record StartupReport(
    Machine machine,
    List<Measured> measured,
    List<Missing> missing,
    Optional<Accelerator> accelerator,
    double quietLimitPercent,
    boolean interrupted) {
  static final String WHAT =
      "How long from asked-for to the workload saying READY: the same shell of busybox everywhere,"
          + " which says READY and then waits.";

  private static final List<String> NOT_INCLUDED =
      List.of(
          "No image is copied or pulled; kernels, disks and images are on this machine, and in its"
              + " memory after one start that is not counted.",
          "The virtual machines are started by QEMU itself: no cloud that has to find a host for"
              + " them, no DHCP, no cloud-init, no agent. All that comes on top.",
          "The engines are not busy: one start at a time, over a connection that is open.",
          "Taking the workload away again is not part of a figure.");

  /// The container and the virtual machine that the answer is about: the first that was measured.
  /// What people get without asking for anything else comes first.
  private static final List<String> CONTAINERS =
      List.of(
          "docker-bridge",
          "podman-bridge",
          "docker-none",
          "podman-none",
          "docker-host",
          "podman-host",
          "swarm",
          "runc",
          "crun");

  private static final List<String> MACHINES = List.of("vm-debian", "vm-micro");

  /// A kind and its times.
  record Measured(Kind kind, String how, Samples samples, Idle idle) {
    double median() {
      return samples.median();
    }
  }

  /// A kind that was not measured.
  ///
  /// @param failed whether it should have worked
  record Missing(Kind kind, String reason, boolean failed) {}

  /// `process : container : VM = 1 : container : vm`.
  record Answer(Measured process, Measured container, Measured vm) {
    double containerRatio() {
      return container.median() / process.median();
    }

    double vmRatio() {
      return vm.median() / process.median();
    }
  }

  StartupReport {
    measured = List.copyOf(measured);
    missing = List.copyOf(missing);
  }

  private Optional<Measured> of(String id) {
    return measured.stream().filter(result -> result.kind.id().equals(id)).findFirst();
  }

  private Optional<Measured> first(List<String> ids) {
    return ids.stream().flatMap(id -> of(id).stream()).findFirst();
  }

  private List<Measured> machines() {
    return measured.stream().filter(result -> result.kind.isVm()).toList();
  }

  /// Empty unless a process, a container and a virtual machine were measured.
  Optional<Answer> answer() {
    var process = of("process");
    var container = first(CONTAINERS);
    var vm = first(MACHINES);
    return process.isPresent() && container.isPresent() && vm.isPresent()
        ? Optional.of(new Answer(process.get(), container.get(), vm.get()))
        : Optional.empty();
  }

  /// The answer in one line, with its caveat.
  String answerLine() {
    var answer = answer();
    if (answer.isEmpty()) {
      return "no answer: it needs a process, a container and a virtual machine that were measured";
    }
    var ratio = answer.get();
    return "process : container : VM = 1 : %s : %s (%s; %s); a container starts %s times as fast as a VM%s"
        .formatted(
            roughly(ratio.containerRatio()),
            roughly(ratio.vmRatio()),
            ratio.container.kind.title(),
            ratio.vm.kind.title(),
            roughly(ratio.vm.median() / ratio.container.median()),
            range());
  }

  /// To two digits: more would say more than is known.
  private static String roughly(double value) {
    return new BigDecimal(value).round(new MathContext(2)).toPlainString();
  }

  /// From the slowest container against the fastest virtual machine to the opposite.
  private String range() {
    var containers =
        measured.stream()
            .filter(result -> result.kind.isContainer())
            .mapToDouble(Measured::median)
            .summaryStatistics();
    var vms = machines().stream().mapToDouble(Measured::median).summaryStatistics();
    if (containers.getCount() * vms.getCount() < 2) {
      return "";
    }
    return " (%s to %s times, depending on which of each)"
        .formatted(
            roughly(vms.getMin() / containers.getMax()),
            roughly(vms.getMax() / containers.getMin()));
  }

  /// What has to be said beside any figure; the first lines are about this run.
  List<String> caveats() {
    var lines = new ArrayList<String>();
    accelerator.ifPresent(
        used ->
            lines.add(
                used.isEmulated()
                    ? "The virtual machines are SOFTWARE-EMULATED (TCG): %s. With hardware"
                            .formatted(used.why().replaceFirst("[. ]+$", ""))
                        + " virtualization they start faster; this run cannot tell by how much."
                    : "The virtual machines use hardware virtualization (KVM)."));
    if (interrupted) {
      lines.add("Interrupted: not everything was measured.");
    }
    for (var result : measured) {
      long busy = result.idle.below(quietLimitPercent);
      if (busy > 0) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%s: the machine was busier than %.0f %% idle before %d of %d runs.",
                result.kind.title(),
                quietLimitPercent,
                busy,
                result.samples.count()));
      }
      if (result.idle.percents().isEmpty()) {
        lines.add(result.kind.title() + ": it is not known how busy the machine was.");
      }
    }
    lines.addAll(NOT_INCLUDED);
    return List.copyOf(lines);
  }

  /// Heads of the table; `>` before those of numbers.
  List<String> heads() {
    return Stream.concat(
            Stream.of("kind", ">runs", ">median ms", ">p90", ">min", ">max", ">x process"),
            Stream.concat(
                machines().stream().map(vm -> ">x faster than " + vm.kind.id()),
                Stream.of(">idle before")))
        .toList();
  }

  List<List<String>> rows() {
    return measured.stream().map(this::row).toList();
  }

  private List<String> row(Measured result) {
    var samples = result.samples;
    var cells = new ArrayList<String>();
    cells.add(result.kind.title());
    cells.add(Integer.toString(samples.count()));
    cells.add(Samples.shown(samples.median()));
    cells.add(Samples.shown(samples.percentile(90)));
    cells.add(Samples.shown(samples.min()));
    cells.add(Samples.shown(samples.max()));
    cells.add(of("process").map(it -> Samples.shown(result.median() / it.median())).orElse("–"));
    machines().forEach(vm -> cells.add(Samples.shown(vm.median() / result.median())));
    cells.add(
        result.idle.mean().isPresent()
            ? String.format(Locale.ROOT, "%.0f %%", result.idle.mean().getAsDouble())
            : "unknown");
    return cells;
  }

  /// Lines about what was not measured.
  List<String> missingLines() {
    return missing.stream()
        .map(it -> "%s: %s%s".formatted(it.kind.title(), it.failed ? "FAILED: " : "", it.reason))
        .toList();
  }

  ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode().put("v", 1).put("what", WHAT);
    machine.putInto(root);
    root.put("quietLimitPercent", quietLimitPercent).put("interrupted", interrupted);
    if (accelerator.isPresent()) {
      root.putObject("vm")
          .put("accelerator", accelerator.get().name())
          .put("emulated", accelerator.get().isEmulated())
          .put("why", accelerator.get().why());
    } else {
      root.putNull("vm");
    }
    var kinds = root.putArray("kinds");
    for (var result : measured) {
      var node =
          kinds
              .addObject()
              .put("kind", result.kind.id())
              .put("title", result.kind.title())
              .put("how", result.how);
      result.samples.putInto(node);
      of("process")
          .ifPresentOrElse(
              it -> node.put("ratioToProcess", Samples.rounded(result.median() / it.median())),
              () -> node.putNull("ratioToProcess"));
      var faster = node.putObject("timesFasterThan");
      machines()
          .forEach(vm -> faster.put(vm.kind.id(), Samples.rounded(vm.median() / result.median())));
      result.idle.putInto(node);
    }
    var absent = root.putArray("notMeasured");
    missing.forEach(
        it ->
            absent
                .addObject()
                .put("kind", it.kind.id())
                .put("failed", it.failed)
                .put("reason", it.reason));
    answer()
        .ifPresentOrElse(
            it ->
                root.putObject("answer")
                    .put("container", it.container.kind.id())
                    .put("vm", it.vm.kind.id())
                    .put("containerToProcess", Samples.rounded(it.containerRatio()))
                    .put("vmToProcess", Samples.rounded(it.vmRatio()))
                    .put("text", answerLine()),
            () -> root.putNull("answer"));
    var notes = root.putArray("caveats");
    caveats().forEach(notes::add);
    return root;
  }

  String html() {
    var page = new Page("Start times: process, container, virtual machine");
    page.paragraph("answer", answerLine());
    var caveats = caveats();
    if (accelerator.isPresent()) {
      page.paragraph("warning", caveats.getFirst());
    }
    page.paragraph("soft", WHAT).paragraph("soft", "Measured on " + machine.described() + ".");
    if (!measured.isEmpty()) {
      page.chart(
          new LogChart(
              "From asked-for to READY, logarithmic scale",
              measured.stream()
                  .map(
                      it -> new LogChart.Bar(it.kind.title(), it.samples, it.kind.family().style()))
                  .toList()));
      page.paragraph(
          "soft", "A bar ends at the median; the line reaches from the shortest to the longest.");
      page.heading("Figures").table("Times in milliseconds", heads(), rows());
      page.heading("How each was started")
          .list(measured.stream().map(it -> it.kind.title() + ": " + it.how).toList());
    }
    if (!missing.isEmpty()) {
      page.heading("Not measured").list(missingLines());
    }
    return page.heading("What to know of these figures").list(caveats).html();
  }
}
