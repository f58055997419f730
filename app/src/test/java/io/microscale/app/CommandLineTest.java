package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"demo", "run", "validate", "status", "explain", "simulate"})
  void everyCommandHasHelp(String command) {
    var console = Console.run(command, "--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).startsWith("Usage: microscale " + command);
    assertThat(console.err()).isEmpty();
  }

  @Test
  void helpListsTheCommandsThatPeopleType() {
    var console = Console.run("--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .contains("demo", "run", "validate", "status", "explain")
        .doesNotContain("completion");
  }

  @Test
  void theVersionIsPrinted() {
    var console = Console.run("--version");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).startsWith("microscale ");
  }

  @Test
  void shellCompletionIsThereForThoseWhoAsk() {
    var console = Console.run("generate-completion");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).contains("complete -F");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"|Missing command",
        "rnu|Unmatched argument",
        "run|Missing required argument (specify one of these): (-f=FILE | [--custom-resources=",
        "run -f x --custom-resources a/b|mutually exclusive",
        "run --kubeconfig x|Missing required argument(s): --custom-resources=NAMESPACE/POOL",
        "run --custom-resources kittens|--custom-resources: need NAMESPACE/POOL, got 'kittens'",
        "run --custom-resources shop/Kit|--custom-resources: need a DNS label",
        "validate --file|Missing required parameter for option",
        "run -f x --port many|'many' is not an int",
        "explain|Missing required parameter: 'SERVICE'",
        "validate -f none.yaml|none.yaml: no such file",
        "run -f none.yaml|none.yaml: no such file",
        "validate -f src|src: need a file, got a folder",
        "status --url nowhere|--url: need an address such as http://127.0.0.1:7700, got 'nowhere'",
        "status --url ftp://x|--url: need an address",
        "status --url http://[|--url: need an address",
      })
  void wrongUseIsTwoAndSaysWhatIsWrong(String args, String message) {
    var console = Console.run(args.isEmpty() ? new String[0] : args.split(" ", -1));
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).startsWith("microscale: ").contains(message).doesNotContain("\tat ");
  }

  @Test
  void withoutAnEngineStatusSaysHowToGetOne() {
    var console = Console.run("status", "--json", "--url", "http://127.0.0.1:1");
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .isEqualTo(
            "microscale: no engine answers at http://127.0.0.1:1: start one with"
                + " 'microscale run' or 'microscale demo',"
                + " or say where it is with --url\n");
  }

  @Test
  void aValidFileIsSaidToBe() throws IOException {
    var file =
        file(
            """
        pool: {name: kittens, orchestrator: {process: {}}, capacity: {slots: 4}}
        services:
          - {name: batch, remainder: true, min: 5, workload: {command: [sleep, 60]}}
        """);
    var console = Console.run("validate", "-f", file.toString());
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).isEqualTo(file + ": valid; pool kittens with 1 service on process\n");
    assertThat(console.err())
        .isEqualTo(
            ("warning: %s:2:1: services: the minimums alone need more than the pool has,"
                    + " which is slots=4, got slots=5\n")
                .formatted(file));
  }

  @Test
  void mistakesNameFileLineColumnPathRuleAndValue() throws IOException {
    var file = file("pool: {}\nservices: [7]\n");
    var console = Console.run("validate", "-f", file.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).isEqualTo(file + ": 3 mistakes\n");
    assertThat(console.err().lines())
        .containsExactly(
            file
                + ":1:7: pool.orchestrator: need an orchestrator; this version has:"
                + " process, docker, podman, swarm, kubernetes, got nothing",
            file + ":1:7: pool.name: need a name, got nothing",
            file + ":2:12: services[0]: need a mapping, got 7");
  }

  @Test
  void asJsonTheyAreOneDocumentAndNothingElse() throws IOException {
    var file = file("pool: {}\nservices: [7]\n");
    var console = Console.run("validate", "--json", "-f", file.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).isEmpty();
    var mapper = new ObjectMapper();
    var tree = mapper.readTree(console.out());
    assertThat(tree.path("valid").asBoolean()).isFalse();
    assertThat(tree.path("mistakes")).hasSize(3);
    assertThat(tree.path("mistakes").get(2))
        .isEqualTo(
            mapper.readTree(
                """
                {"path": "services[0]", "line": 2, "column": 12,
                 "rule": "need a mapping", "value": "7"}
                """));
  }

  @Test
  void anInvalidFileIsNotRun() throws IOException {
    var file = file("pool: {}\n");
    var console = Console.run("run", "-f", file.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).contains(":1:1: services: need", "is not valid (see above)");
  }

  @Test
  void aFileThatIsNoTextIsSaidToBe() throws IOException {
    var file = Files.write(folder.resolve("x.yaml"), new byte[] {'a', (byte) 0xff});
    var console = Console.run("validate", "-f", file.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err())
        .isEqualTo("microscale: %s: cannot be read: not in UTF-8\n".formatted(file));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("microscale.yaml"), text);
  }
}
