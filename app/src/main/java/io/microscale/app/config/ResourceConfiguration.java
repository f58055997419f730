package io.microscale.app.config;

import io.microscale.core.model.Names;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// Reads a pool and its services that are custom resources of Kubernetes. Their keys are those of
/// the file, and they are read by the same rules; only what says which workload a service is has
/// other names.
public final class ResourceConfiguration {
  private static final Pattern SERVICE = Pattern.compile("services\\[\\d+]");
  private static final Path FOLDER = Path.of("/");
  private static final String WORKLOAD_REF = "workloadRef";
  private static final String TAKE_OVER = "takeOver";

  private ResourceConfiguration() {}

  /// Which cluster the resources are in, as the keys of `pool.orchestrator.kubernetes` say it.
  public record Place(String namespace, Optional<Path> kubeconfig, Optional<String> context) {
    public Place {
      Names.requireLabel("namespace", namespace);
    }
  }

  /// One resource.
  ///
  /// @param specJson its `spec`, a JSON object
  public record Resource(String name, String specJson) {}

  /// What came of it.
  ///
  /// @param configuration empty if anything is wrong
  /// @param ofPool what is wrong with the pool, or doubtful
  /// @param ofServices the same of each service, in the order in which they were given
  public record Result(
      Optional<Configuration> configuration, Findings ofPool, List<Findings> ofServices) {}

  /// What is wrong with one resource, and what is allowed and probably not meant. Their paths begin
  /// with `spec`.
  public record Findings(List<Mistake> mistakes, List<Mistake> warnings) {}

  /// Reads them. Asks the cluster what the workloads say of themselves.
  public static Result read(Place place, Resource pool, List<Resource> services) {
    var mistakes = new Mistakes();
    var parts = new ArrayList<Yaml>();
    for (int i = 0; i < services.size(); i++) {
      parts.add(service(services.get(i), line(i), mistakes));
    }
    var document = entries();
    put(document, "pool", pool(place, pool, mistakes), 1);
    put(document, "services", new Yaml.Sequence(parts, 1, 1), 1);
    var read = ConfigurationReader.read(new Yaml.Mapping(document, 1, 1), FOLDER, mistakes);
    var ofServices = new ArrayList<Findings>();
    for (int i = 0; i < services.size(); i++) {
      ofServices.add(findings(mistakes, line(i)));
    }
    return new Result(
        mistakes.count() == 0 ? Optional.of(read) : Optional.empty(),
        findings(mistakes, 1),
        ofServices);
  }

  /// Each resource stands on a line of its own, which tells the mistakes in it from all others.
  private static int line(int service) {
    return service + 2;
  }

  private static Findings findings(Mistakes mistakes, int line) {
    return new Findings(on(line, mistakes.mistakes()), on(line, mistakes.warnings()));
  }

  private static List<Mistake> on(int line, List<Mistake> found) {
    return found.stream()
        .filter(mistake -> mistake.line() == line)
        .map(m -> new Mistake(inResource(m.path()), m.line(), m.column(), m.rule(), m.value()))
        .toList();
  }

  /// Where a key of the file is in a resource.
  private static String inResource(String path) {
    if (path.equals("pool") || path.startsWith("pool.")) {
      return renamed(path.substring("pool".length()));
    }
    var service = SERVICE.matcher(path);
    return service.lookingAt() ? renamed(path.substring(service.end())) : path;
  }

  private static String renamed(String key) {
    if (key.equals(".name")) {
      return "metadata.name";
    }
    if (key.equals(".workload." + TAKE_OVER)) {
      return "spec." + TAKE_OVER;
    }
    boolean workload = key.equals(".workload") || key.startsWith(".workload.");
    return "spec" + (workload ? "." + WORKLOAD_REF + key.substring(".workload".length()) : key);
  }

  private static Yaml.Mapping pool(Place place, Resource resource, Mistakes mistakes) {
    var pool = entries(resource, 1, mistakes);
    var kubernetes = below(below(pool, "orchestrator"), "kubernetes");
    put(kubernetes, "namespace", text(place.namespace(), 1), 1);
    place
        .kubeconfig()
        .ifPresent(
            file -> put(kubernetes, "kubeconfig", text(file.toAbsolutePath().toString(), 1), 1));
    place.context().ifPresent(context -> put(kubernetes, "context", text(context, 1), 1));
    var orchestrator = entries();
    put(orchestrator, "kubernetes", new Yaml.Mapping(kubernetes, 1, 1), 1);
    put(pool, "orchestrator", new Yaml.Mapping(orchestrator, 1, 1), 1);
    put(pool, "name", text(resource.name(), 1), 1);
    return new Yaml.Mapping(pool, 1, 1);
  }

  private static Yaml.Mapping service(Resource resource, int line, Mistakes mistakes) {
    var service = entries(resource, line, mistakes);
    service.remove("poolRef");
    var workload = below(service, WORKLOAD_REF);
    service.remove(WORKLOAD_REF);
    var takeOver = service.remove(TAKE_OVER);
    if (takeOver != null) {
      workload.put(TAKE_OVER, takeOver);
    }
    put(service, "workload", new Yaml.Mapping(workload, line, 1), line);
    put(service, "name", text(resource.name(), line), line);
    return new Yaml.Mapping(service, line, 1);
  }

  private static SequencedMap<String, Yaml.Entry> entries(
      Resource resource, int line, Mistakes mistakes) {
    var own = new Mistakes();
    var spec = Yaml.parse(resource.specJson(), own).map(yaml -> yaml.at(line, 1));
    if (own.count() == 0 && spec.isPresent() && spec.get() instanceof Yaml.Mapping mapping) {
      return new LinkedHashMap<>(mapping.entries());
    }
    mistakes.add("spec", text("", line), "need a mapping", "something else");
    return entries();
  }

  private static SequencedMap<String, Yaml.Entry> entries() {
    return new LinkedHashMap<>();
  }

  private static SequencedMap<String, Yaml.Entry> below(
      Map<String, Yaml.Entry> entries, String key) {
    var entry = entries.get(key);
    return entry != null && entry.value() instanceof Yaml.Mapping mapping
        ? new LinkedHashMap<>(mapping.entries())
        : entries();
  }

  private static void put(Map<String, Yaml.Entry> entries, String key, Yaml value, int line) {
    entries.put(key, new Yaml.Entry(text(key, line), value));
  }

  private static Yaml.Scalar text(String text, int line) {
    return new Yaml.Scalar(text, Yaml.Kind.TEXT, line, 1);
  }
}
