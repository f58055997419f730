package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.core.orchestrator.OrchestratorException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// An engine in a process of its own, which writes without a rest while it leads, and goes on
/// trying after that: what a test pauses in the middle of it. It ends with its standard input, and
/// says on standard output
///
/// ```text
/// leads                 each time it is elected
/// written N             every 20 writes that the server took since
/// stopping              before it pauses itself
/// refused REASON        when a write is refused for another reason than the one before
/// tried                 every 100 refusals
/// ```
final class WriterProcess {
  /// When the process that was told to pauses itself.
  private static final int STOPS_AFTER = 20;

  private final Leadership leadership;
  private final Scaled workload;
  private final boolean blind;
  private boolean stops;
  private int written;
  private int refused;
  private String reason = "";

  private WriterProcess(Leadership leadership, Scaled workload, boolean blind, boolean stops) {
    this.leadership = leadership;
    this.workload = workload;
    this.blind = blind;
    this.stops = stops;
  }

  /// Leads and writes.
  ///
  /// @param args an [Account]'s, a namespace, the name of both the Lease and the Deployment; then
  ///   `blind` to write without a `resourceVersion`, and `stops` to pause once between the check
  ///   and the write
  public static void main(String[] args) throws IOException {
    var arguments = List.of(args);
    var account = Account.from(arguments);
    String namespace = arguments.get(3);
    String name = arguments.get(4);
    var first = new CountDownLatch(1);
    var candidate =
        new Candidate() {
          @Override
          public void elected(Term term) {
            System.out.println("leads");
            first.countDown();
          }

          @Override
          public void deposed(Term term, String why) {}
        };
    try (var client = account.client();
        var leadership =
            Leadership.start(
                account.config(), Elections.quick(namespace, name, "writer"), candidate, l -> {})) {
      var writer =
          new WriterProcess(
              leadership,
              new Scaled(client, namespace, name),
              arguments.contains("blind"),
              arguments.contains("stops"));
      first.await();
      while (System.in.available() == 0) {
        writer.write();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() throws IOException, InterruptedException {
    var version = blind ? Optional.<String>empty() : Optional.of(workload.version());
    try {
      leadership.check();
      if (stops && written == STOPS_AFTER) {
        stops = false;
        stop();
      }
      workload.scale(written % 2, version, leadership.fieldManager());
      written++;
      refused = 0;
      reason = "";
      if (written % 20 == 0) {
        System.out.println("written " + written);
      }
    } catch (OrchestratorException e) {
      written = 0;
      refused(e.getMessage());
    } catch (KubernetesClientException e) {
      refused(e.getCode() + " " + e.getStatus().getMessage());
    }
  }

  private void refused(String why) {
    if (!why.equals(reason)) {
      reason = why;
      System.out.println("refused " + why);
    }
    if (++refused % 100 == 0) {
      System.out.println("tried");
    }
  }

  private static void stop() throws IOException, InterruptedException {
    System.out.println("stopping");
    var self = Long.toString(ProcessHandle.current().pid());
    new ProcessBuilder("kill", "-STOP", self).start().waitFor();
  }
}
