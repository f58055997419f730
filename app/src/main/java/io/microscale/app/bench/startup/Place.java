package io.microscale.app.bench.startup;

import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the benchmark works: a temporary folder, the cache, engines and virtual machines; and what
/// can be started there. Each engine is opened when the first kind asks for it.
final class Place implements AutoCloseable {
  private static final List<String> NETWORKS = List.of("host", "none", "bridge");

  private final Addresses addresses;
  private final Optional<String> image;
  private final Cache cache;
  private final Path folder;
  private final VirtualMachines machines;
  private final Map<EngineAddress, Engine> engines = new HashMap<>();
  private @Nullable Busybox busybox;

  /// Where an engine listens.
  @FunctionalInterface
  interface Address {
    /// Known when it is asked for.
    ///
    /// @throws Unavailable if what the environment says is no address
    EngineAddress find() throws Unavailable;
  }

  /// Where the engines listen.
  record Addresses(Address docker, Address podman, Address swarm) {}

  /// Makes the folder and nothing else.
  ///
  /// @param image what containers are made of; empty for an image that is made for it
  /// @param progress is told of what takes long
  Place(Addresses addresses, Optional<String> image, Cache cache, Consumer<String> progress)
      throws IOException {
    this.addresses = addresses;
    this.image = image;
    this.cache = cache;
    this.folder = Files.createTempDirectory("microscale-bench-");
    this.machines = new VirtualMachines(new VmFiles(cache, progress), cache, folder);
  }

  /// Everything that can be measured, in the order in which it is.
  List<Kind> kinds() {
    return Stream.of(
            List.of(
                new Kind(
                    "process", "process", Kind.Family.PROCESS, () -> ProcessWay.plain(busybox()))),
            List.of(runtime("crun"), runtime("runc")),
            NETWORKS.stream().map(n -> container("podman", "Podman API", n)).toList(),
            NETWORKS.stream().map(n -> container("docker", "Docker API", n)).toList(),
            List.of(
                new Kind(
                    "swarm",
                    "Docker Swarm task",
                    Kind.Family.ENGINE,
                    () -> SwarmWay.open(engine("swarm"))),
                new Kind(
                    "vm-micro", "VM: microvm with busybox alone", Kind.Family.VM, machines::micro),
                new Kind(
                    "vm-debian", "VM: PC with a whole Debian", Kind.Family.VM, machines::debian)))
        .flatMap(List::stream)
        .toList();
  }

  private Kind runtime(String name) {
    return new Kind(
        name, name + " run", Kind.Family.RUNTIME, () -> RuntimeWay.open(name, busybox(), folder));
  }

  private Kind container(String engine, String title, String network) {
    return new Kind(
        engine + "-" + network,
        title + ", network " + network,
        Kind.Family.ENGINE,
        () -> new ContainerWay(engine(engine), network));
  }

  /// What ran the virtual machines; empty if none was to be started.
  Optional<Accelerator> accelerator() {
    return machines.accelerator();
  }

  private Busybox busybox() throws Unavailable, IOException, InterruptedException {
    if (busybox == null) {
      busybox = Busybox.find(cache);
    }
    return busybox;
  }

  private Engine engine(String name) throws Unavailable, IOException, InterruptedException {
    var address =
        switch (name) {
          case "docker" -> addresses.docker().find();
          case "podman" -> addresses.podman().find();
          default -> addresses.swarm().find();
        };
    var engine = engines.get(address);
    if (engine == null) {
      // Without it there is no image to make, which is a reason to skip.
      busybox();
      engine = Engine.open(address, name.equals("podman"), image, folder.resolve("pipe-" + name));
      engines.put(address, engine);
    }
    return engine;
  }

  /// Removes what was made in the engines, and the folder.
  ///
  /// @throws IOException naming what may be left
  @Override
  public void close() throws IOException {
    IOException problem = null;
    for (var engine : engines.values()) {
      try {
        engine.close();
      } catch (IOException e) {
        problem = e;
      }
    }
    Folders.remove(folder);
    if (problem != null) {
      throw problem;
    }
  }
}
