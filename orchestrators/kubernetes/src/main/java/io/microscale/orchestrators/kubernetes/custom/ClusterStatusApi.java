package io.microscale.orchestrators.kubernetes.custom;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The same in the API server.
final class ClusterStatusApi implements StatusApi {
  private static final String CONTROLLER = "microscale.io/engine";
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
  private static final int LONGEST_NOTE = 1_000;
  private static final int LONGEST_INSTANCE = 128;
  private static final int UIDS = 1_000;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final Function<CustomResource.Kind, ResourceDefinitionContext> contexts;
  private final String engine;

  /// `kubectl describe` finds the events of a workload by its UID.
  private final Map<String, String> uids =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > UIDS;
        }
      };

  ClusterStatusApi(
      KubernetesClient client,
      Function<CustomResource.Kind, ResourceDefinitionContext> contexts,
      String engine) {
    this.client = client;
    this.contexts = contexts;
    this.engine = engine.substring(0, Math.min(LONGEST_INSTANCE, engine.length()));
  }

  @Override
  public boolean write(CustomResource resource, Map<String, @Nullable Object> status) {
    try {
      client
          .genericKubernetesResources(contexts.apply(resource.kind()))
          .inNamespace(resource.namespace())
          .withName(resource.name())
          .subresource("status")
          .patch(MERGE, client.getKubernetesSerialization().asJson(Map.of("status", status)));
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw refusal("status of " + resource, e);
    }
  }

  @Override
  public String create(CustomResource service, Happening happening) {
    var note = happening.note();
    var event =
        new EventBuilder()
            .withNewMetadata()
            .withGenerateName(service.name() + "-")
            .withNamespace(service.namespace())
            .endMetadata()
            .withEventTime(new MicroTime(MICROS.format(happening.at())))
            .withReportingController(CONTROLLER)
            .withReportingInstance(engine)
            .withType(happening.warning() ? "Warning" : "Normal")
            .withReason(happening.reason())
            .withAction(happening.action())
            .withNote(note.substring(0, Math.min(LONGEST_NOTE, note.length())))
            .withRegarding(workload(service))
            .withRelated(itself(service))
            .build();
    try {
      return client
          .events()
          .v1()
          .events()
          .inNamespace(service.namespace())
          .resource(event)
          .create()
          .getMetadata()
          .getName();
    } catch (KubernetesClientException e) {
      throw refusal("event of " + service, e);
    }
  }

  @Override
  public void repeat(CustomResource service, String event, int count, Instant last) {
    var series = Map.of("count", count, "lastObservedTime", MICROS.format(last));
    try {
      client
          .events()
          .v1()
          .events()
          .inNamespace(service.namespace())
          .withName(event)
          .patch(MERGE, client.getKubernetesSerialization().asJson(Map.of("series", series)));
    } catch (KubernetesClientException e) {
      // Events are kept for an hour only: one that is gone is no loss.
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw refusal("event of " + service, e);
      }
    }
  }

  private static ObjectReference itself(CustomResource service) {
    return new ObjectReferenceBuilder()
        .withApiVersion(CustomResource.GROUP + "/" + CustomResource.VERSION)
        .withKind(service.kind().word())
        .withNamespace(service.namespace())
        .withName(service.name())
        .withUid(service.uid())
        .build();
  }

  private ObjectReference workload(CustomResource service) {
    if (service.workload().isEmpty()) {
      return itself(service);
    }
    var workload = service.workload().get();
    return new ObjectReferenceBuilder()
        .withApiVersion(workload.apiVersion())
        .withKind(workload.kind())
        .withNamespace(service.namespace())
        .withName(workload.name())
        .withUid(uids.computeIfAbsent(service.uid(), _ -> uid(service, workload)))
        .build();
  }

  private String uid(CustomResource service, CustomResource.Workload workload) {
    try {
      GenericKubernetesResource found =
          client
              .genericKubernetesResources(workload.apiVersion(), workload.kind())
              .inNamespace(service.namespace())
              .withName(workload.name())
              .get();
      return found == null ? "" : found.getMetadata().getUid();
    } catch (KubernetesClientException e) {
      return ""; // the event tells the same without it
    }
  }

  private static OrchestratorException refusal(String what, KubernetesClientException e) {
    boolean refused =
        e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
            || e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST
            || e.getCode() == 422;
    return new OrchestratorException(
        refused ? Kind.REJECTED : Kind.UNAVAILABLE, what + ": " + message(e), e);
  }

  private static String message(KubernetesClientException e) {
    var status = e.getStatus();
    return status != null && status.getMessage() != null
        ? status.getMessage()
        : String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause());
  }
}
