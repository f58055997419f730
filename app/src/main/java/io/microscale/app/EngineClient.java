package io.microscale.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Asks a running engine. An option group of the commands that do.
final class EngineClient {
  private static final int LARGEST = 64 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7700",
      description =
          "Where the engine answers (default: ${DEFAULT-VALUE})."
              + " A token is taken from MICROSCALE_TOKEN.")
  private String url = "";

  /// An answer, as it came and as a tree.
  record Answer(String text, JsonNode tree) {}

  /// @param path absolute, with its query
  /// @throws CommandException saying what to do, if there is no good answer
  Answer get(String path) {
    var base = base();
    var request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(PATIENCE)
            .header("Accept", "application/json");
    Token.ofEnvironment(System.getenv())
        .ifPresent(token -> request.header("Authorization", "Bearer " + token));
    try (var client =
        HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .version(HttpClient.Version.HTTP_1_1)
            .build()) {
      var response = client.send(request.build(), BodyHandlers.ofInputStream());
      String text;
      try (var body = response.body()) {
        text = new String(body.readNBytes(LARGEST), StandardCharsets.UTF_8);
      }
      if (response.statusCode() == 200) {
        return new Answer(text, new ObjectMapper().readTree(text));
      }
      throw CommandException.failed(refusal(response.statusCode(), text, base));
    } catch (ConnectException e) {
      throw CommandException.failed(
          ("no engine answers at %s: start one with 'microscale run' or 'microscale demo',"
                  + " or say where it is with --url")
              .formatted(base));
    } catch (HttpTimeoutException e) {
      throw CommandException.failed(
          "%s does not answer within %s".formatted(base, Times.span(PATIENCE)));
    } catch (IOException e) {
      throw CommandException.failed(
          "%s gives no good answer: %s".formatted(base, Times.printable(e.toString())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failed("interrupted");
    }
  }

  private URI base() {
    try {
      var base = URI.create(url);
      if (base.getHost() != null
          && ("http".equals(base.getScheme()) || "https".equals(base.getScheme()))) {
        return base;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw CommandException.wrongUse(
        "--url: need an address such as http://127.0.0.1:7700, got '%s'".formatted(url));
  }

  private static String refusal(int status, String text, URI base) {
    var message = messageOf(text).map(m -> ": " + m).orElse("");
    return switch (status) {
      case 401 -> "%s wants a token%s. Set MICROSCALE_TOKEN to it.".formatted(base, message);
      case 404 ->
          message.isEmpty() ? "%s is no Microscale engine".formatted(base) : message.substring(2);
      default -> "%s answers with status %d%s".formatted(base, status, message);
    };
  }

  private static Optional<String> messageOf(String text) {
    try {
      var message = new ObjectMapper().readTree(text).path("error").path("message");
      return message.isTextual()
          ? Optional.of(Times.printable(message.textValue()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
