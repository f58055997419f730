package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineAnswer;
import io.microscale.orchestrators.docker.engine.EngineCall;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/// What is asked of the engine for each action: two calls for a start, one for anything else.
final class Actions {
  private static final Pattern CONTAINER_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,180}");
  private static final Set<String> RESIZABLE =
      Set.of(Resources.CPU, Resources.SLOTS, Resources.MEMORY);
  private static final int TRIES = 3;
  private static final long NANO_PER_MILLI = 1_000_000;
  private static final Duration APART = Duration.ofMillis(100);

  private final Engine engine;
  private final Containers containers;
  private final Map<ServiceId, Template> templates;
  private final Sizing sizing;
  private final Stops stops;
  private final ReadinessChecks readiness;
  private final Aftermath aftermath;
  private final Inspector inspector;

  Actions(
      Engine engine,
      Containers containers,
      Map<ServiceId, Template> templates,
      Sizing sizing,
      Stops stops,
      ReadinessChecks readiness,
      Aftermath aftermath,
      Inspector inspector) {
    this.engine = engine;
    this.containers = containers;
    this.templates = templates;
    this.sizing = sizing;
    this.stops = stops;
    this.readiness = readiness;
    this.aftermath = aftermath;
    this.inspector = inspector;
  }

  void perform(Action.OfReplica action) {
    switch (action) {
      case Action.Start start -> start(start);
      case Action.Stop stop -> containers.find(stop).ifPresent(this::stop);
      case Action.Pause pause -> pause(known(pause), pause);
      case Action.Resume resume -> resume(known(resume), resume);
      case Action.Resize resize -> resize(known(resize), resize);
    }
  }

  private Held known(Action.OfReplica action) {
    return containers
        .find(action)
        .orElseThrow(() -> Containers.refused(Kind.UNKNOWN, action, "no such replica"));
  }

  /// The name of the container of a replica, which engines want to be of few characters.
  static String name(String pool, ReplicaId id) {
    var value = id.value();
    return CONTAINER_NAME.matcher(value).matches()
        ? pool + "-" + value
        : "%s-%s-%08x"
            .formatted(
                pool,
                value
                    .substring(0, Math.min(value.length(), 100))
                    .replaceAll("[^a-zA-Z0-9_.-]", "_"),
                value.hashCode());
  }

  private void start(Action.Start start) {
    var template = templates.get(start.service());
    if (template == null) {
      throw Containers.refused(Kind.UNKNOWN, start, "no workload is configured for this service");
    }
    for (int i = 0; i < TRIES; i++) {
      var reserved = containers.reserve(start, template.milliCpu(sizing, start.resources()));
      if (reserved.isPresent()) {
        try {
          start(start, template, reserved.get());
        } finally {
          reserved.get().acting.unlock();
        }
        return;
      }
      if (containers.has(start.replica())) {
        return;
      }
      // Another caller starts it: how that ends is our answer too.
      containers.find(start.replica()).ifPresent(held -> alone(held, () -> {}));
    }
    throw Containers.refused(Kind.UNAVAILABLE, start, "its start by another caller failed");
  }

  private void start(Action.Start start, Template template, Held held) {
    var name = name(engine.pool(), held.id);
    boolean launched = false;
    try {
      if (!create(start, template, held, name)) {
        return;
      }
      connect(template, held);
      launch(held);
      launched = true;
    } catch (OrchestratorException e) {
      // After an error it has not been started; without an answer it may have been.
      inspector.look(held.id, held.container.isEmpty() ? name : held.container);
      throw told(start, e);
    } finally {
      if (!launched) {
        containers.dropped(held);
      }
    }
    boolean ready = template.readiness() instanceof Readiness.Started;
    aftermath.of(containers.started(held, ready));
    readiness.begin(held);
  }

  /// An image or a network that is not there is no replica that is not known.
  private static OrchestratorException told(Action.Start start, OrchestratorException e) {
    var kind = e.kind() == Kind.UNKNOWN ? Kind.REJECTED : e.kind();
    return new OrchestratorException(
        kind, "start %s of %s: %s".formatted(start.replica(), start.service(), e.getMessage()), e);
  }

  /// @return false if there is one already that an earlier try of the same start has begun
  private boolean create(Action.Start start, Template template, Held held, String name) {
    var call =
        EngineCall.post("/containers/create")
            .query(Map.of("name", name))
            .body(template.create(engine.pool(), start, held.started, sizing));
    var answer = engine.client().send(call);
    if (answer.isError() && engine.dialect().isNameInUse(answer)) {
      var there = Found.of(engine.inspect(name).json(), engine.pool(), engine.dialect());
      if (there.isEmpty() || !there.get().id().equals(held.id)) {
        throw answer.failure();
      }
      if (there.get().life() != Dialect.Life.CREATED) {
        containers.dropped(held);
        inspector.adopt(name);
        return false;
      }
      // It may have been made for other resources.
      engine.client().send(EngineCall.delete("/containers/" + there.get().container()));
      answer = engine.client().send(call);
    }
    if (answer.isError()) {
      throw answer.failure();
    }
    containers.created(held, answer.json().path("Id").asText());
    return true;
  }

  private void connect(Template template, Held held) {
    template
        .networks()
        .forEach(
            (network, settings) -> {
              var body = JsonNodeFactory.instance.objectNode().put("Container", held.container);
              body.set("EndpointConfig", settings);
              // Podman answers with a word instead of JSON.
              engine
                  .client()
                  .expect(
                      EngineCall.post("/networks/" + EngineCall.encoded(network) + "/connect")
                          .body(body));
            });
  }

  private void launch(Held held) {
    engine.client().expect(EngineCall.post("/containers/" + held.container + "/start"));
  }

  private void stop(Held held) {
    alone(held, () -> {}); // what is asked of it first
    if (held.shown) {
      stops.stop(held);
    }
  }

  private void pause(Held held, Action.Pause pause) {
    alone(
        held,
        () -> {
          containers.asking(held, pause, held.resources);
          if (held.paused) {
            containers.answered(held, () -> {});
            return;
          }
          change(held, () -> switchTo(held, true), () -> held.paused = true);
        });
  }

  private void resume(Held held, Action.Resume resume) {
    alone(
        held,
        () -> {
          containers.asking(held, resume, held.resources);
          if (!held.paused) {
            containers.answered(held, () -> {});
            return;
          }
          boolean checked = readiness.of(held.service) instanceof Readiness.Tcp;
          change(
              held,
              () -> switchTo(held, false),
              () -> {
                held.paused = false;
                held.ready &= !checked;
              });
          if (checked) {
            readiness.begin(held);
          }
        });
  }

  /// Pauses or resumes. Docker keeps a mark of its own of what is paused, which late messages from
  /// below can turn after a quick change to and fro: then what it takes for paused runs, or the
  /// other way round. So changes are kept apart, and where it says that there is nothing to do
  /// although there should be, it is made to do the opposite first, which fails if the mark is
  /// wrong.
  private void switchTo(Held held, boolean paused) {
    long since = System.nanoTime() - held.switchedNanos;
    if (since < APART.toNanos()) {
      LockSupport.parkNanos(APART.toNanos() - since);
    }
    try {
      var answer = switchOnce(held, paused);
      if (answer.isError() && isSaidToBe(answer, paused)) {
        var opposite = switchOnce(held, !paused);
        if (opposite.isError()) {
          throw opposite.failure();
        }
        answer = switchOnce(held, paused);
      }
      if (answer.isError() && (paused || !engine.dialect().isRunningAnyhow(answer))) {
        throw answer.failure();
      }
    } finally {
      held.switchedNanos = System.nanoTime();
    }
  }

  private EngineAnswer switchOnce(Held held, boolean paused) {
    var what = paused ? "/pause" : "/unpause";
    return engine.client().send(EngineCall.post("/containers/" + held.container + what));
  }

  private boolean isSaidToBe(EngineAnswer answer, boolean paused) {
    return paused ? engine.dialect().isPausedAlready(answer) : engine.dialect().isNotPaused(answer);
  }

  private void resize(Held held, Action.Resize resize) {
    var wanted = resize.resources();
    alone(
        held,
        () -> {
          var change = wanted.minus(held.resources);
          var names = new TreeSet<>(change.names());
          names.removeIf(name -> change.get(name) == 0);
          var others = new TreeSet<>(names);
          others.removeAll(RESIZABLE);
          if (!others.isEmpty()) {
            throw Containers.refused(
                Kind.REJECTED,
                resize,
                "only cpu, memory and slots of a container can change, got another "
                    + String.join(" and ", others));
          }
          containers.asking(held, resize, wanted);
          if (names.isEmpty()) {
            containers.answered(held, () -> {});
            return;
          }
          var body = JsonNodeFactory.instance.objectNode();
          if (!names.equals(Set.of(Resources.MEMORY))) {
            body.put(
                "NanoCpus", sizing.milliCpu(held.full, held.cpuLimit, wanted) * NANO_PER_MILLI);
          }
          if (names.contains(Resources.MEMORY)) {
            body.put("Memory", wanted.get(Resources.MEMORY));
            body.put("MemorySwap", wanted.get(Resources.MEMORY));
          }
          var call = EngineCall.post("/containers/" + held.container + "/update").body(body);
          change(held, () -> engine.client().expect(call), () -> held.resources = wanted);
        });
  }

  private static void alone(Held held, Runnable work) {
    held.acting.lock();
    try {
      work.run();
    } finally {
      held.acting.unlock();
    }
  }

  /// Asks the engine for a change, and takes it for done if that does not fail.
  private void change(Held held, Runnable asking, Runnable change) {
    boolean done = false;
    try {
      asking.run();
      done = true;
    } finally {
      containers.answered(held, done ? change : () -> {});
      if (!done) {
        inspector.look(held.id, held.container);
      }
    }
  }
}
