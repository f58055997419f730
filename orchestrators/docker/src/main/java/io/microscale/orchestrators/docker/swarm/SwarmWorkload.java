package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a service of the pool is in Swarm.
public sealed interface SwarmWorkload {
  /// What one replica uses. Where the pool counts processors and memory these are the reservations
  /// of the Swarm service.
  Resources resources();

  /// A Swarm service that somebody else made. Nothing of it is changed but its number of replicas.
  ///
  /// @param name empty for the service of this name in the pool's stack
  record Existing(Optional<String> name, Resources resources) implements SwarmWorkload {
    public static Existing named(String name, Resources resources) {
      return new Existing(Optional.of(name), resources);
    }
  }

  /// A Swarm service that is made when the pool is opened and it is missing, with no replicas; it
  /// is updated then if it runs anything else.
  ///
  /// @param command empty for the image's own
  /// @param networks names of overlay networks that exist
  /// @param mounts `SOURCE:TARGET[:ro]`, where a source that begins with `/` is a path of the node,
  ///   any other a volume
  /// @param constraints as Swarm writes them: `node.labels.disk == ssd`
  /// @param stopGrace how long a replica has to end after its stop signal
  /// @param stopSignal empty for the image's own
  /// @param restartDelay how long Swarm waits before it replaces a replica that ended
  /// @param virtualIp whether the service's name stands for one address in front of all replicas,
  ///   which needs IPVS in the kernel, or for the addresses of all (DNS round robin)
  record Image(
      String image,
      List<String> command,
      Map<String, String> environment,
      List<String> networks,
      List<String> mounts,
      List<String> constraints,
      Duration stopGrace,
      Optional<String> stopSignal,
      Duration restartDelay,
      boolean virtualIp,
      Resources resources)
      implements SwarmWorkload {
    public Image {
      command = List.copyOf(command);
      environment = new TreeMap<>(environment);
      networks = List.copyOf(networks);
      mounts = List.copyOf(mounts);
      constraints = List.copyOf(constraints);
      if (image.isBlank()) {
        throw new IllegalArgumentException("image: need a name, got '" + image + "'");
      }
      if (stopGrace.isNegative() || restartDelay.isNegative()) {
        throw new IllegalArgumentException(
            "stopGrace, restartDelay: need >= 0s, got %s and %s"
                .formatted(stopGrace, restartDelay));
      }
      for (var mount : mounts) {
        if (!mount.matches("[^:]+:/[^:]*(:ro)?")) {
          throw new IllegalArgumentException(
              "mounts: need SOURCE:TARGET or SOURCE:TARGET:ro with an absolute target, got '%s'"
                  .formatted(mount));
        }
      }
      for (var constraint : constraints) {
        Constraint.parse(constraint);
      }
    }

    /// An image with its own command, and Swarm's usual grace of 10 s.
    public static Image of(String image, Resources resources) {
      return new Image(
          image,
          List.of(),
          Map.of(),
          List.of(),
          List.of(),
          List.of(),
          Duration.ofSeconds(10),
          Optional.empty(),
          Duration.ZERO,
          false,
          resources);
    }

    public Image command(List<String> value) {
      return new Image(
          image,
          value,
          environment,
          networks,
          mounts,
          constraints,
          stopGrace,
          stopSignal,
          restartDelay,
          virtualIp,
          resources);
    }

    public Image environment(Map<String, String> value) {
      return new Image(
          image,
          command,
          value,
          networks,
          mounts,
          constraints,
          stopGrace,
          stopSignal,
          restartDelay,
          virtualIp,
          resources);
    }

    public Image constraints(List<String> value) {
      return new Image(
          image,
          command,
          environment,
          networks,
          mounts,
          value,
          stopGrace,
          stopSignal,
          restartDelay,
          virtualIp,
          resources);
    }
  }
}
