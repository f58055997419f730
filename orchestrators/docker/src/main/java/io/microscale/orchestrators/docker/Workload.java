package io.microscale.orchestrators.docker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What one replica of a service runs. Besides what it says, each replica finds `MICROSCALE_POOL`,
/// `MICROSCALE_SERVICE` and `MICROSCALE_REPLICA` in its environment. The engine never restarts it:
/// what ends is replaced.
public sealed interface Workload {
  String OWN_NAMES = "MICROSCALE_";
  String OWN_LABELS = "io.microscale.";
  Duration STOP_GRACE = Duration.ofSeconds(10);

  /// A container of an image.
  ///
  /// @param image as `docker run` takes it; it must be there, nothing is pulled
  /// @param command empty for that of the image; likewise `entrypoint`
  /// @param mounts as `docker run --volume` takes them: `SOURCE:TARGET[:ro]`, the source an
  ///   absolute path or the name of a volume
  /// @param network `bridge`, `host`, `none`, `container:NAME` or the name of a network; empty for
  ///   that of the engine
  /// @param stopGrace how long it may take to end before it is killed; 0s for at once. Counted in
  ///   whole seconds, rounded up
  /// @param stopSignal for example `SIGQUIT`; empty for that of the image
  record Container(
      String image,
      List<String> command,
      List<String> entrypoint,
      Map<String, String> environment,
      List<String> mounts,
      Optional<String> network,
      Limits limits,
      Duration stopGrace,
      Optional<String> stopSignal,
      Optional<String> user,
      Map<String, String> labels,
      Readiness readiness)
      implements Workload {
    private static final Pattern MOUNT =
        Pattern.compile("(/[^:]*|[a-zA-Z0-9][a-zA-Z0-9_.-]*):/[^:]*(:[a-zA-Z,]+)?");
    private static final Pattern SIGNAL = Pattern.compile("(SIG)?[A-Z][A-Z0-9+-]*|[1-9][0-9]?");

    public Container {
      command = List.copyOf(command);
      entrypoint = List.copyOf(entrypoint);
      environment = Map.copyOf(environment);
      mounts = List.copyOf(mounts);
      labels = Map.copyOf(labels);
      if (image.isBlank() || image.chars().anyMatch(Character::isWhitespace)) {
        throw new IllegalArgumentException(
            "workload.image: need a name without spaces, got '" + image + "'");
      }
      for (var name : environment.keySet()) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.startsWith(OWN_NAMES)) {
          throw new IllegalArgumentException(
              "workload.environment: need names without '=' that do not begin with %s, got '%s'"
                  .formatted(OWN_NAMES, name));
        }
      }
      for (var mount : mounts) {
        if (!MOUNT.matcher(mount).matches()) {
          throw new IllegalArgumentException(
              "workload.mounts: need SOURCE:TARGET[:ro] with an absolute path or a volume's name"
                  + " as the source and an absolute path as the target, got '%s'".formatted(mount));
        }
      }
      for (var name : labels.keySet()) {
        if (name.isBlank() || name.startsWith(OWN_LABELS)) {
          throw new IllegalArgumentException(
              "workload.labels: need names that do not begin with %s, got '%s'"
                  .formatted(OWN_LABELS, name));
        }
      }
      requireGrace(stopGrace);
      if (stopSignal.isPresent() && !SIGNAL.matcher(stopSignal.get()).matches()) {
        throw new IllegalArgumentException(
            "workload.stopSignal: need a name such as SIGTERM or a number, got '%s'"
                .formatted(stopSignal.get()));
      }
      if (readiness instanceof Readiness.Tcp && network.filter("none"::equals).isPresent()) {
        throw new IllegalArgumentException(
            "workload.readiness.tcp: need a network, got 'none', where nothing can connect");
      }
    }

    /// A container of an image with the defaults: all as the image has it, no limits, 10 s of
    /// grace, ready when started.
    public static Container of(String image) {
      return new Container(
          image,
          List.of(),
          List.of(),
          Map.of(),
          List.of(),
          Optional.empty(),
          Limits.NONE,
          STOP_GRACE,
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          new Readiness.Started());
    }

    public Container command(String... value) {
      return new Container(
          image,
          List.of(value),
          entrypoint,
          environment,
          mounts,
          network,
          limits,
          stopGrace,
          stopSignal,
          user,
          labels,
          readiness);
    }

    public Container environment(Map<String, String> value) {
      return new Container(
          image,
          command,
          entrypoint,
          value,
          mounts,
          network,
          limits,
          stopGrace,
          stopSignal,
          user,
          labels,
          readiness);
    }

    public Container network(String value) {
      return new Container(
          image,
          command,
          entrypoint,
          environment,
          mounts,
          Optional.of(value),
          limits,
          stopGrace,
          stopSignal,
          user,
          labels,
          readiness);
    }

    public Container limits(Limits value) {
      return new Container(
          image,
          command,
          entrypoint,
          environment,
          mounts,
          network,
          value,
          stopGrace,
          stopSignal,
          user,
          labels,
          readiness);
    }

    public Container stopGrace(Duration value) {
      return new Container(
          image,
          command,
          entrypoint,
          environment,
          mounts,
          network,
          limits,
          value,
          stopSignal,
          user,
          labels,
          readiness);
    }

    public Container readiness(Readiness value) {
      return new Container(
          image,
          command,
          entrypoint,
          environment,
          mounts,
          network,
          limits,
          stopGrace,
          stopSignal,
          user,
          labels,
          value);
    }
  }

  /// A copy of a container that somebody else runs: its environment, mounts, networks, limits and
  /// health check, whatever the engine knows of them. Its names, host name, addresses and published
  /// ports stay its own. It is read again each time the orchestrator is opened.
  ///
  /// @param container the name of a container, or `PROJECT/SERVICE` of Docker Compose
  /// @param stopGrace empty for that of the container
  /// @param readiness empty for its health check if it has one, else as soon as it runs
  record Like(String container, Optional<Duration> stopGrace, Optional<Readiness> readiness)
      implements Workload {
    private static final Pattern NAME =
        Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*(/[a-zA-Z0-9][a-zA-Z0-9_.-]*)?");

    public Like {
      if (!NAME.matcher(container).matches()) {
        throw new IllegalArgumentException(
            "workload.like: need the name of a container or PROJECT/SERVICE, got '%s'"
                .formatted(container));
      }
      stopGrace.ifPresent(Workload::requireGrace);
    }

    public static Like of(String container) {
      return new Like(container, Optional.empty(), Optional.empty());
    }
  }

  private static void requireGrace(Duration stopGrace) {
    if (stopGrace.isNegative() || stopGrace.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("workload.stopGrace: need 0s to 1h, got " + stopGrace);
    }
  }
}
