package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.microscale.testkit.engines.KubernetesCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;

/// The chart of `deploy/helm` as Helm renders it.
///
/// @param text all objects, as `kubectl apply -f` takes them
record Chart(String text) {
  static final Path DEPLOY = Path.of("../deploy").toAbsolutePath().normalize();
  static final String FOLDER = DEPLOY.resolve("helm/microscale").toString();

  /// The name of the release, its namespace, and so of all that it makes.
  static final String NAME = "microscale";

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /// What Helm makes of it for the release [#NAME] in the namespace of that name.
  ///
  /// @param options of `helm template`: `--set`, `key=value`, …
  static Chart rendered(KubernetesCluster cluster, String... options) {
    var words = new ArrayList<>(List.of("template", NAME, FOLDER, "--namespace", NAME));
    Collections.addAll(words, options);
    return new Chart(cluster.helm(words.toArray(String[]::new)));
  }

  static Chart read(Path file) throws IOException {
    return new Chart(Files.readString(file));
  }

  List<JsonNode> objects() {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      return documents.readAll().stream().filter(JsonNode::isObject).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<JsonNode> objects(String kind) {
    return objects().stream().filter(object -> object.path("kind").asText().equals(kind)).toList();
  }

  /// The only object of its kind.
  JsonNode only(String kind) {
    var found = objects(kind);
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  /// Has the API server take all objects, which must have no field that it does not know.
  ///
  /// @return what kubectl said, a line for each
  String apply(KubernetesCluster cluster, String... options) throws IOException {
    var file = Files.createTempFile("chart", ".yaml");
    try {
      Files.writeString(file, text);
      var words = new ArrayList<>(List.of("apply", "--validate=strict", "--filename=" + file));
      Collections.addAll(words, options);
      return cluster.kubectl(words.toArray(String[]::new));
    } finally {
      Files.delete(file);
    }
  }

  static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }
}
