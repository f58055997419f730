package io.microscale.app.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Comparison;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.comparison.Progress;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  private static final int MOST_BYTES = 5_000_000;

  @Test
  void theChartsHaveEveryChosenCellOnce() throws Exception {
    var data = data(page(List.of(constant("a", 20), constant("b", 30)), fixed(50, 30)));
    // Two traces under two terms, with the searched setting, 30, and the usual one, 50.
    assertThat(data.path("charts")).hasSize(8);
    var cell = data.path("terms").path(0).path("rows").path(0).path("searched").path(1);
    assertThat(data.path("settings").path(cell.path("setting").asInt()).asText())
        .isEqualTo("fixed-30");
    var chart = data.path("charts").path(cell.path("chart").asInt());
    // 30 of 36 in two digits to the base 36.
    assertThat(chart.path("ready").asText()).matches("(0u)+").hasSize(2 * 500);
    assertThat(chart.path("unserved").asText()).matches("(00)+");
    assertThat(chart.path("steepest").path("demand")).hasSize(60);
    assertThat(chart.path("worst").isMissingNode()).isTrue();
    assertThat(data.path("traces").path(1).path("most")).hasSize(500);
  }

  @Test
  void theFrontierHasEverySetting() throws Exception {
    var frontier =
        data(page(List.of(constant("a", 20)), fixed(10, 20, 60)))
            .path("terms")
            .path(0)
            .path("rows")
            .path(0)
            .path("frontier");
    assertThat(frontier.path("unserved").toString()).isEqualTo("[50,0,0]");
    assertThat(frontier.path("batch").toString()).isEqualTo("[112.5,100,50]");
  }

  @Test
  void namesCannotBecomeMarkup() throws Exception {
    var evil = "</script><img src=x onerror=alert(1)>@DATA@&\"";
    var page = page(List.of(constant(evil, 20)), fixed(50));
    assertThat(page)
        .doesNotContain("<img")
        .contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;@DATA@&amp;&quot;");
    assertThat(data(page).path("traces").path(0).path("name").asText()).isEqualTo(evil);
  }

  @Test
  void nothingIsFetchedFromAnywhere() throws Exception {
    var page = page(List.of(constant("a", 20)), fixed(50));
    assertThat(page).contains("default-src 'none'");
    assertThat(page.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("@import")
        .doesNotContain("src=");
  }

  @Test
  void aPageOfManyLongRunsStaysSmall() throws Exception {
    long seed = 20_261_124;
    var random = new SplittableRandom(seed);
    var traces =
        IntStream.range(0, 50)
            .mapToObj(i -> Demand.of("trace-" + i, random.doubles(2_000, 0, 100).toArray()))
            .toList();
    var families =
        IntStream.range(0, 15)
            .mapToObj(
                i -> new Family("policy-" + i, new Fixed(i), List.of(new Fixed(i), new Fixed(90))))
            .toList();
    var terms = IntStream.range(0, 12).mapToObj(i -> Terms.stopping(i * 30)).toList();
    var page = page(new Comparison(families, traces, terms), "policy-0");
    assertThat(page.length()).as("seed %d", seed).isLessThan(MOST_BYTES);
    var data = data(page);
    assertThat(data.path("charts").size()).isPositive();
    var last = data.path("terms").path(11).path("rows").path(14).path("usual").path(49);
    assertThat(last.path("chart").asInt()).as("a chart too many").isEqualTo(-1);
  }

  @Test
  void theTablesNeedNoScript() throws Exception {
    var page = page(List.of(constant("a", 20), constant("b", 80)), fixed(50, 80));
    assertThat(page)
        .contains("<th scope=\"row\">fixed</th>")
        .contains("<td class=\"setting\">fixed-80</td>")
        .contains("37.500<span class=\"hidden\"> (not safe)</span>");
  }

  private static String page(List<Demand> traces, Family family) throws InterruptedException {
    return page(
        new Comparison(List.of(family), traces, List.of(Terms.pausing(), Terms.stopping(1))),
        family.name());
  }

  private static String page(Comparison comparison, String focus) throws InterruptedException {
    var ways = List.of(Way.SEARCHED, Way.USUAL, Way.HINDSIGHT);
    var findings = Findings.of(comparison, comparison.run(2, Progress.NONE), ways);
    return ReportPage.of(findings, focus, 2, Progress.NONE);
  }

  private static JsonNode data(String page) throws IOException {
    var matcher =
        Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(page);
    assertThat(matcher.find()).isTrue();
    return new ObjectMapper().readTree(matcher.group(1));
  }

  private static Demand constant(String name, double demand) {
    var steps = new double[500];
    Arrays.fill(steps, demand);
    return Demand.of(name, steps);
  }

  /// A family of fixed numbers of slots; the first is the usual one.
  private static Family fixed(int... slots) {
    List<Policy> settings = Arrays.stream(slots).<Policy>mapToObj(Fixed::new).toList();
    return new Family("fixed", settings.getFirst(), settings);
  }

  private record Fixed(int slots) implements Policy {
    @Override
    public String name() {
      return "fixed-" + slots;
    }

    @Override
    public Rule start(Terms terms) {
      return _ -> slots;
    }
  }
}
