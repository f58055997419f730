package io.microscale.app.custom;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.Mistake;
import io.microscale.app.config.ResourceConfiguration;
import io.microscale.app.config.ResourceConfiguration.Findings;
import io.microscale.app.config.ResourceConfiguration.Place;
import io.microscale.app.config.ResourceConfiguration.Resource;
import io.microscale.orchestrators.kubernetes.custom.CustomResource;
import io.microscale.orchestrators.kubernetes.custom.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes one configuration of a pool and its services. One resource that is wrong does not stop the
/// others: its version that was accepted last stays in force, and if there is none, or it does not
/// fit any more, the service is left out.
///
/// Not thread-safe.
public final class Reconciler {
  static final String VALID = "Valid";
  static final String INVALID = "Invalid";
  static final String POOL_NOT_FOUND = "PoolNotFound";
  static final String POOL_NOT_ACCEPTED = "PoolNotAccepted";
  static final String WORKLOAD_TAKEN = "WorkloadTaken";

  /// Turns texts into a configuration.
  @FunctionalInterface
  interface Reader {
    ResourceConfiguration.Result read(Resource pool, List<Resource> services);
  }

  /// One version of what a resource wants.
  private record Version(String uid, long generation, String spec) {
    private static Version of(CustomResource resource) {
      return new Version(resource.uid(), resource.generation(), resource.specJson());
    }
  }

  private final Reader reader;
  private final Map<String, Version> accepted = new HashMap<>(); // by UID

  Reconciler(Reader reader) {
    this.reader = reader;
  }

  /// @param place where the resources are
  public Reconciler(Place place) {
    this((pool, services) -> ResourceConfiguration.read(place, pool, services));
  }

  /// Makes of the resources what can be made of them.
  ///
  /// @param pool empty if there is none
  public Reconciliation reconcile(Optional<CustomResource> pool, List<CustomResource> services) {
    if (pool.isEmpty()) {
      accepted.clear();
      return new Reconciliation(
          Optional.empty(),
          Map.of(),
          services.stream()
              .map(s -> new Verdict(s, false, POOL_NOT_FOUND, "there is no such pool: " + ref(s)))
              .toList(),
          "there is no pool");
    }
    var attempt = new Attempt(pool.get(), services);
    var result = attempt.run();
    accepted.keySet().retainAll(attempt.uids());
    return result;
  }

  private static String ref(CustomResource service) {
    return service.namespace() + "/" + service.poolRef().orElse("");
  }

  /// One way to a configuration: what is refused is put back to what was accepted before, and left
  /// out if that is refused too.
  private final class Attempt {
    private final CustomResource pool;
    private final List<CustomResource> services;
    private final Map<CustomResource, Verdict> refused = new LinkedHashMap<>();
    private final Map<CustomResource, Version> candidates = new LinkedHashMap<>();
    private Version poolVersion;

    private Attempt(CustomResource pool, List<CustomResource> services) {
      this.pool = pool;
      this.services = services;
      this.poolVersion = Version.of(pool);
      var taken = new HashMap<Optional<CustomResource.Workload>, CustomResource>();
      services.stream()
          .sorted(Comparator.comparing(CustomResource::created).thenComparing(CustomResource::name))
          .forEach(
              service -> {
                var first = taken.putIfAbsent(service.workload(), service);
                if (first != null) {
                  refused.put(
                      service,
                      new Verdict(
                          service,
                          false,
                          WORKLOAD_TAKEN,
                          "spec.workloadRef: need one of its own, got that of %s, which is older"
                              .formatted(first.name())));
                }
              });
      services.stream()
          .filter(service -> !refused.containsKey(service))
          .forEach(service -> candidates.put(service, Version.of(service)));
    }

    private List<String> uids() {
      var uids = new ArrayList<>(services.stream().map(CustomResource::uid).toList());
      uids.add(pool.uid());
      return uids;
    }

    /// Ends, since each round takes a version away or is the last.
    private Reconciliation run() {
      while (!candidates.isEmpty()) {
        var tried = List.copyOf(candidates.keySet());
        var result =
            reader.read(
                new Resource(pool.name(), poolVersion.spec()),
                tried.stream().map(s -> new Resource(s.name(), version(s).spec())).toList());
        if (result.configuration().isPresent()) {
          return accept(result.configuration().get(), result, tried);
        }
        boolean services = false;
        for (int i = 0; i < tried.size(); i++) {
          var mistakes = result.ofServices().get(i).mistakes();
          if (!mistakes.isEmpty()) {
            services = true;
            refuse(tried.get(i), mistakes);
          }
        }
        var ofPool = result.ofPool().mistakes();
        if (!ofPool.isEmpty() || !services) {
          var before = accepted.get(pool.uid());
          boolean again = before != null && !before.equals(poolVersion);
          refused.putIfAbsent(pool, refusal(pool, ofPool, again ? before : null));
          if (before == null || !again) {
            return nothing("the pool is not accepted: " + said(ofPool));
          }
          poolVersion = before;
        }
      }
      return nothing(
          services.isEmpty() ? "the pool has no services" : "no service of the pool is accepted");
    }

    private Version version(CustomResource service) {
      var version = candidates.get(service);
      if (version == null) {
        throw new IllegalStateException(service.toString());
      }
      return version;
    }

    private void refuse(CustomResource service, List<Mistake> mistakes) {
      var before = accepted.get(service.uid());
      boolean again = before != null && !before.equals(candidates.get(service));
      var verdict = refusal(service, mistakes, again ? before : null);
      if (before != null && again) {
        refused.put(service, verdict);
        candidates.put(service, before);
      } else {
        var first = refused.get(service);
        refused.put(service, first == null ? verdict : leftOut(service, first, said(mistakes)));
        candidates.remove(service);
      }
    }

    private static Verdict leftOut(CustomResource service, Verdict first, String why) {
      var mistakes = first.message().replaceFirst("; generation \\d+ stays in force$", "");
      return new Verdict(
          service,
          false,
          INVALID,
          "%s; the one accepted before does not fit any more: %s; it is left out"
              .formatted(mistakes, why));
    }

    private static Verdict refusal(
        CustomResource resource, List<Mistake> mistakes, @Nullable Version inForce) {
      var instead =
          inForce != null
              ? "generation " + inForce.generation() + " stays in force"
              : resource.kind() == CustomResource.Kind.SERVICE
                  ? "it is left out"
                  : "nothing is run";
      return new Verdict(resource, false, INVALID, said(mistakes) + "; " + instead);
    }

    private Reconciliation accept(
        Configuration configuration,
        ResourceConfiguration.Result result,
        List<CustomResource> tried) {
      var inForce = new HashMap<String, String>();
      inForce.put("", poolVersion.spec());
      accepted.put(pool.uid(), poolVersion);
      var verdicts = new HashMap<CustomResource, Verdict>(refused);
      verdicts.putIfAbsent(pool, valid(pool, result.ofPool()));
      for (int i = 0; i < tried.size(); i++) {
        var service = tried.get(i);
        accepted.put(service.uid(), version(service));
        inForce.put(service.name(), version(service).spec());
        verdicts.putIfAbsent(service, valid(service, result.ofServices().get(i)));
      }
      return new Reconciliation(Optional.of(configuration), inForce, inOrder(verdicts), "");
    }

    private Reconciliation nothing(String why) {
      var verdicts = new HashMap<CustomResource, Verdict>(refused);
      boolean poolRefused = refused.containsKey(pool);
      verdicts.putIfAbsent(pool, new Verdict(pool, true, VALID, ""));
      for (var service : services) {
        verdicts.putIfAbsent(
            service,
            poolRefused
                ? new Verdict(service, false, POOL_NOT_ACCEPTED, why)
                : new Verdict(service, true, VALID, ""));
      }
      return new Reconciliation(Optional.empty(), Map.of(), inOrder(verdicts), why);
    }

    private List<Verdict> inOrder(Map<CustomResource, Verdict> verdicts) {
      var all = new ArrayList<Verdict>();
      Optional.ofNullable(verdicts.get(pool)).ifPresent(all::add);
      for (var service : services) {
        Optional.ofNullable(verdicts.get(service)).ifPresent(all::add);
      }
      return all;
    }

    private static Verdict valid(CustomResource resource, Findings findings) {
      var warnings = said(findings.warnings());
      return new Verdict(resource, true, VALID, warnings.isEmpty() ? "" : "warning: " + warnings);
    }

    private static String said(List<Mistake> mistakes) {
      return mistakes.stream()
          .map(
              m ->
                  "%s: %s%s"
                      .formatted(
                          m.path(), m.rule(), m.value().isEmpty() ? "" : ", got " + m.value()))
          .collect(Collectors.joining("; "));
    }
  }
}
