package io.microscale.server.page;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.scaling.ScalingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Serves the page over a cluster in memory, for work on the page: `Preview PORT SERVICES NODES`.
final class Preview {
  private static final ServiceId API = new ServiceId("api");

  private Preview() {}

  public static void main(String[] arguments) throws InterruptedException {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8080;
    int services = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
    int nodes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
    var pool = services == 2 ? Stage.webAndBatch() : many(services, nodes * 10);
    var stage = new Stage(pool, nodes, port, Optional.empty());
    stage.start();
    var random = new SplittableRandom(1);
    var demand = new double[] {6, 3};
    try (var changes = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          changes.scheduleWithFixedDelay(
              () -> {
                demand[0] = Math.clamp(demand[0] + random.nextDouble(-2, 2), 1, nodes * 8.0);
                stage.demand(Stage.WEB, Math.rint(50 * demand[0]));
                if (services > 2) {
                  demand[1] = Math.clamp(demand[1] + random.nextDouble(-1, 1), 0, nodes * 3.0);
                  stage.demand(API, demand[1]);
                }
              },
              0,
              400,
              TimeUnit.MILLISECONDS);
      System.out.println(stage.uri());
      Thread.currentThread().join();
    }
  }

  private static PoolSpec many(int count, int slots) {
    var specs = new ArrayList<>(Stage.webAndBatch().services());
    specs.add(ServiceSpec.named("api").priority(90).replicas(0, slots).build());
    for (int i = 3; i < count; i++) {
      specs.add(
          ServiceSpec.named("job-" + i)
              .priority(50 - i)
              .replicas(1, 2)
              .scaling(new ScalingPolicy.QueueDrainTime(2, java.time.Duration.ofSeconds(10)))
              .reclaim(Reclaim.STOP)
              .build());
    }
    return PoolSpec.of("kittens", List.copyOf(specs));
  }
}
