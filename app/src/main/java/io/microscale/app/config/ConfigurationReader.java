package io.microscale.app.config;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Reads a configuration file as a whole: every mistake is found, not only the first.
public final class ConfigurationReader {
  private static final PoolSpec NO_POOL =
      PoolSpec.of("unnamed", List.of(ServiceSpec.named("unnamed").build()));

  private static final long LARGEST = 4 << 20;

  private final Mistakes mistakes;
  private final Path folder;

  private ConfigurationReader(Path folder, Mistakes mistakes) {
    this.folder = folder;
    this.mistakes = mistakes;
  }

  /// Reads a file.
  ///
  /// @throws IOException if it cannot be read
  /// @throws InvalidConfigurationException with everything that is wrong in it
  public static Configuration read(Path file) throws IOException, InvalidConfigurationException {
    if (Files.size(file) > LARGEST) {
      throw new IOException("need at most %d bytes, got %d".formatted(LARGEST, Files.size(file)));
    }
    return read(Files.readString(file), file);
  }

  /// Reads a text.
  ///
  /// @param file what `text` is from: names it in errors, and relative paths in it start at its
  ///   folder
  public static Configuration read(String text, Path file) throws InvalidConfigurationException {
    var folder = file.toAbsolutePath().normalize().getParent();
    var reader = new ConfigurationReader(folder == null ? Path.of("/") : folder, new Mistakes());
    var configuration = reader.document(text);
    var found = reader.mistakes.mistakes();
    if (configuration.isEmpty() || !found.isEmpty()) {
      throw new InvalidConfigurationException(file.toString(), found, reader.mistakes.warnings());
    }
    return configuration.get();
  }

  private Optional<Configuration> document(String text) {
    var nowhere = new Yaml.Scalar("", Yaml.Kind.NOTHING, 1, 1);
    var document = Yaml.parse(text, mistakes);
    if (document.isPresent() && document.get() instanceof Yaml.Mapping mapping) {
      return Optional.of(read(mapping));
    }
    if (mistakes.mistakes().isEmpty()) {
      mistakes.add(
          "",
          document.orElse(nowhere),
          "need a mapping with the keys pool and services",
          document.map(Yaml::shown).orElse("nothing"));
    }
    return Optional.empty();
  }

  /// Reads a document that was put together of others.
  ///
  /// @param mistakes takes what is wrong with it; what is returned holds only if there is nothing
  static Configuration read(Yaml.Mapping document, Path folder, Mistakes mistakes) {
    return new ConfigurationReader(folder, mistakes).read(document);
  }

  private Configuration read(Yaml.Mapping document) {
    var root = new Section("", document, mistakes);
    var configuration = root(root);
    root.finish();
    return configuration;
  }

  private Configuration root(Section root) {
    var pool = root.section("pool");
    if (pool.isEmpty() && !root.has("pool")) {
      root.missing("pool", "need a pool");
    }
    var driver = pool.flatMap(this::driver).orElseGet(() -> Driver.none(folder));
    // A pool that cannot be read is taken to count in slots, so that it does not make mistakes of
    // its services.
    var given = pool.flatMap(p -> p.section("capacity"));
    boolean other = given.isPresent() && driver.otherCapacity().test(given.get());
    boolean inSlots = pool.isEmpty() || (pool.get().has("capacity") && !other);
    var slots = inSlots ? given.flatMap(ConfigurationReader::slots) : Optional.<Resources>empty();
    var capacity =
        inSlots ? Optional.of(slots.orElse(Resources.slots(Integer.MAX_VALUE))) : driver.capacity();
    var services = services(root, capacity, inSlots, driver);
    var spec = together(root, pool.map(ConfigurationReader::pool).orElse(NO_POOL), services);
    pool.ifPresent(Section::finish);
    capacity.ifPresent(known -> warnOfMinimums(root, spec, known));
    var server = root.section("server").map(this::server).orElse(ServerConfig.DEFAULT);
    var demands = new LinkedHashMap<ServiceId, DemandConfig>();
    var specs = new LinkedHashMap<Section, ServiceSpec>();
    for (var service : services) {
      service.demand.ifPresent(demand -> demands.put(service.spec.id(), demand));
      specs.put(service.section, service.spec);
    }
    var orchestrator = driver.read(specs);
    services.forEach(service -> service.section.finish());
    return new Configuration(
        spec,
        orchestrator,
        inSlots ? slots : Optional.empty(),
        demands,
        server,
        mistakes.warnings());
  }

  private record Service(Section section, ServiceSpec spec, Optional<DemandConfig> demand) {}

  private List<Service> services(
      Section root, Optional<Resources> capacity, boolean inSlots, Driver<?> driver) {
    if (!root.has("services")) {
      root.missing("services", "need at least one service");
    }
    var services = new ArrayList<Service>();
    for (var written : root.sections("services")) {
      var section = driver.completed().apply(written, inSlots);
      services.add(
          new Service(
              section,
              new ServiceReader(section, capacity, inSlots, driver).read(),
              new DemandReader(section, folder).read()));
    }
    return services;
  }

  private Optional<Driver<?>> driver(Section pool) {
    var menu = Driver.menu(folder, System.getenv());
    if (!pool.has("orchestrator")) {
      pool.missing(
          "orchestrator",
          "need an orchestrator; this version has: " + String.join(", ", menu.keySet()));
      return Optional.empty();
    }
    return pool.section("orchestrator").flatMap(section -> section.oneOf("orchestrators", menu));
  }

  private static Optional<Resources> slots(Section capacity) {
    if (!capacity.has("slots")) {
      capacity.missing(
          "slots", "need slots; leave capacity out to use what the orchestrator's nodes report");
    }
    var slots = capacity.integer("slots");
    capacity.finish();
    if (slots.isPresent() && slots.get() < 1) {
      capacity.mistake("slots", "need >= 1", String.valueOf(slots.get()));
      return Optional.empty();
    }
    return slots.map(Resources::slots);
  }

  private static PoolSpec pool(Section pool) {
    if (!pool.has("name")) {
      pool.missing("name", "need a name");
    }
    return pool.build(
            "pool",
            () ->
                new PoolSpec(
                    pool.text("name").orElse(NO_POOL.name()),
                    NO_POOL.services(),
                    pool.integer("stopsPerMinute")
                        .map(OptionalInt::of)
                        .orElse(NO_POOL.stopsPerMinute()),
                    pool.integer("actionsInFlight").orElse(NO_POOL.actionsInFlight()),
                    pool.duration("actionDeadline").orElse(NO_POOL.actionDeadline()),
                    pool.duration("resync").orElse(NO_POOL.resync())))
        .orElse(NO_POOL);
  }

  /// Puts the services into the pool, which checks them against each other; one that breaks a rule
  /// is reported and left out.
  private static PoolSpec together(Section root, PoolSpec own, List<Service> services) {
    if (root.isEmptyList("services")) {
      root.mistake("services", "need at least one service", "none");
    }
    var left = new ArrayList<>(services);
    while (!left.isEmpty()) {
      try {
        return new PoolSpec(
            own.name(),
            left.stream().map(Service::spec).toList(),
            own.stopsPerMinute(),
            own.actionsInFlight(),
            own.actionDeadline(),
            own.resync());
      } catch (IllegalArgumentException e) {
        var message = String.valueOf(e.getMessage());
        var culprit =
            left.reversed().stream()
                .filter(
                    s ->
                        message.startsWith(s.spec.id() + ": ")
                            || message.contains("'" + s.spec.id() + "'"))
                .findFirst()
                .orElse(left.getLast());
        if (message.startsWith("services: ")) {
          culprit.section.mistake(
              "name", "need one name each", "'%s' twice".formatted(culprit.spec.id()));
        } else {
          culprit.section.broken(culprit.spec.id().value(), e);
        }
        left.remove(culprit);
      }
    }
    return own;
  }

  private static void warnOfMinimums(Section root, PoolSpec pool, Resources capacity) {
    var minimums = Resources.NONE;
    for (var service : pool.services()) {
      minimums = minimums.plus(service.resources().times(service.min()));
    }
    if (!minimums.fitsIn(capacity)) {
      root.warn(
          "services",
          "the minimums alone need more than the pool has, which is " + capacity,
          minimums.toString());
    }
  }

  private ServerConfig server(Section server) {
    var tokenFile = server.made("tokenFile", this::resolve);
    var read =
        server.build(
            "server",
            () ->
                // The rules of the server itself; whether there is a token is known only when it
                // starts.
                new ServerSettings(
                    server.text("host").orElse(ServerConfig.DEFAULT.host()),
                    server.integer("port").orElse(ServerConfig.DEFAULT.port()),
                    Optional.of("no-token-yet")));
    server.finish();
    if (read.isEmpty()) {
      return ServerConfig.DEFAULT;
    }
    var config = new ServerConfig(read.get().host(), read.get().port(), tokenFile);
    if (tokenFile.isEmpty() && !config.isOpenToAll()) {
      server.warn(
          "host", "need MICROSCALE_TOKEN or tokenFile for any address but loopback", config.host());
    }
    return config;
  }

  private Path resolve(String path) {
    return folder.resolve(path).normalize();
  }
}
