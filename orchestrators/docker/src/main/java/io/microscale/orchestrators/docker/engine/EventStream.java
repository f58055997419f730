package io.microscale.orchestrators.docker.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// What an engine tells on one connection of its own, from the moment it listens until it ends.
final class EventStream {
  private static final Duration ASK_EVERY = Duration.ofSeconds(2);
  private static final Duration ASK_WITHIN = Duration.ofSeconds(5);
  private static final ObjectReader EVENTS = EngineAnswer.JSON.readerFor(JsonNode.class);

  private final EngineClient client;
  private final EngineCall call;
  private final Runnable listening;
  private final Consumer<JsonNode> event;
  private volatile boolean begun;

  EventStream(
      EngineClient client,
      Map<String, List<String>> filters,
      Runnable listening,
      Consumer<JsonNode> event) {
    this.client = client;
    this.call = EngineCall.get("/events").query(Map.of("filters", EngineAnswer.filters(filters)));
    this.listening = listening;
    this.event = event;
  }

  /// Reads to the end, and says why it came.
  OrchestratorException read() {
    var connection = client.stream();
    var reading = new FutureTask<Void>(() -> readAll(connection), null);
    var reader = Thread.ofVirtual().name("engine events").start(reading);
    long deadline = System.nanoTime() + client.patience().toNanos();
    try {
      while (true) {
        try {
          reading.get(ASK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
          return client.failure(Kind.UNAVAILABLE, call, "the engine has ended it", null);
        } catch (TimeoutException _) {
          if (!begun && System.nanoTime() - deadline > 0) {
            return client.failure(Kind.UNAVAILABLE, call, "no answer", null);
          }
          client.ping(ASK_WITHIN);
        }
      }
    } catch (ExecutionException e) {
      return client.failed(call, e);
    } catch (OrchestratorException e) {
      return e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return client.failure(Kind.UNAVAILABLE, call, "interrupted", e);
    } finally {
      reader.interrupt();
      client.end(connection);
    }
  }

  private void readAll(Transport connection) {
    try (var response = connection.client().execute(client.request(call, Optional.empty()))) {
      if (response.getStatusCode() >= 400) {
        throw new EngineAnswer(
                call, response.getStatusCode(), response.getBody().readNBytes(10_000))
            .failure();
      }
      EngineClient.requireHeaders(response);
      begun = true;
      listening.run();
      var events = EVENTS.<JsonNode>readValues(response.getBody());
      while (events.hasNextValue()) {
        event.accept(events.nextValue());
      }
    } catch (JsonProcessingException e) {
      throw client.failure(Kind.UNAVAILABLE, call, "no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw client.failed(call, e);
    }
  }
}
