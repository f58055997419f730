package io.microscale.app.bench.reaction.kubernetes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// The same changes by plain calls of somebody who knows beforehand what to do. Each way of
/// ordering them is tried in turn until one has been the fastest; then that is kept.
final class Direct implements Contestant {
  private final Stage stage;
  private final Rung rung;
  private final Map<Order, Double> tried = new EnumMap<>(Order.class);

  /// In which order room is made and used.
  private enum Order {
    AT_ONCE,
    /// The second waits until the first is accepted, not until it has come about.
    ROOM_FIRST,
    GROWTH_FIRST;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  Direct(Stage stage, Rung rung) {
    this.stage = stage;
    this.rung = rung;
  }

  @Override
  public String name() {
    return rung == Rung.STOP ? "plain calls, stop" : "plain calls, throttle and standby";
  }

  @Override
  public Turn turn(Quietness quiet) throws InterruptedException {
    var order = next();
    if (rung == Rung.THROTTLE) {
      stage.fillWithStandby();
    } else {
      stage.fillWith(Stage.WEB);
    }
    var accepted = new ArrayList<Long>();
    var turn =
        new Race(stage, Stage.WEB)
            .run(quiet, order.toString(), () -> send(order, accepted), () -> copy(accepted));
    tried.merge(order, turn.all(), Math::min);
    return turn;
  }

  private Order next() {
    for (var order : Order.values()) {
      if (!tried.containsKey(order)) {
        return order;
      }
    }
    return tried.entrySet().stream()
        .min(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }

  private void send(Order order, List<Long> accepted) throws InterruptedException {
    switch (order) {
      case AT_ONCE -> {
        var calls = new ArrayList<>(room(accepted));
        calls.addAll(growth(accepted));
        Calls.together(calls);
      }
      case ROOM_FIRST -> {
        Calls.together(room(accepted));
        Calls.together(growth(accepted));
      }
      case GROWTH_FIRST -> {
        Calls.together(growth(accepted));
        Calls.together(room(accepted));
      }
    }
  }

  private List<CompletableFuture<Void>> room(List<Long> accepted) {
    var step = stage.step();
    return rung == Rung.STOP
        ? List.of(noted(stage.calls().scale(Stage.BATCH, step.slots() - step.to()), accepted))
        : stage.pods().all(pod -> pod.app().equals(Stage.BATCH)).stream()
            .limit(step.rise())
            .map(pod -> noted(stage.calls().resize(pod.name(), stage.size().floor()), accepted))
            .toList();
  }

  private List<CompletableFuture<Void>> growth(List<Long> accepted) {
    return rung == Rung.STOP
        ? List.of(noted(stage.calls().scale(Stage.WEB, stage.step().to()), accepted))
        : stage
            .pods()
            .all(pod -> pod.app().equals(Stage.WEB) && pod.cpu() < stage.size().full())
            .stream()
            .map(pod -> noted(stage.calls().resize(pod.name(), stage.size().full()), accepted))
            .toList();
  }

  private static CompletableFuture<Void> noted(CompletableFuture<Void> call, List<Long> accepted) {
    return call.thenRun(
        () -> {
          synchronized (accepted) {
            accepted.add(System.nanoTime());
          }
        });
  }

  private static List<Long> copy(List<Long> accepted) {
    synchronized (accepted) {
      return List.copyOf(accepted);
    }
  }
}
