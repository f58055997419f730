package io.microscale.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.microscale.server.page.Chromium.Tab;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The page shows what the engine does while it does it.
class LivePageIT {
  private static Chromium chromium;
  private Stage stage;
  private Tab tab;
  private Page page;

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
  }

  @AfterAll
  static void quit() {
    chromium.close();
  }

  @BeforeEach
  void open() {
    stage = Stage.open();
    stage.demand(Stage.WEB, 370);
    tab = chromium.open(stage.uri());
    page = tab.page();
  }

  @AfterEach
  void close() {
    tab.close();
    stage.close();
  }

  @Test
  void loadsWithoutErrorAndAsksNobodyElse() {
    assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
    assertThat(cell("web", "Ready")).hasText("8");
    assertThat(page).hasTitle("kittens · Microscale");
    assertThat(tab.problems()).isEmpty();
  }

  @Test
  void theChartShowsDemandServiceAndRemainder() {
    assertThat(cell("web", "Ready")).hasText("8");
    knowColours();
    for (var name : new String[] {"demand", "d0-fill", "r0-fill"}) {
      page.waitForFunction(PIXELS_OF, name);
    }
  }

  /// A condition that is awaited must not be a promise: any promise is true.
  private void knowColours() {
    page.evaluate("async () => { window.colourOf = (await import('/palette.js')).colour; }");
  }

  /// Whether enough pixels of the canvas have the colour of this name.
  private static final String PIXELS_OF =
      """
      (name) => {
        const canvas = document.querySelector('#chart canvas');
        if (!canvas) return false;
        const [r, g, b] = window.colourOf(name).match(/\\d+/g).map(Number);
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let pixels = 0;
        for (let i = 0; i < data.length; i += 4) {
          if (data[i] === r && data[i + 1] === g && data[i + 2] === b) pixels++;
        }
        return pixels > 20;
      }""";

  @Test
  void theChartMovesAtLeastTenTimesASecond() {
    page.waitForFunction(
        """
        () => {
          if (!window.drawings) {
            window.drawings = [];
            const context = document.querySelector('#chart canvas')?.getContext('2d');
            if (!context) { window.drawings = undefined; return false; }
            const clear = context.clearRect;
            context.clearRect = function (...box) {
              window.drawings.push(performance.now());
              if (window.drawings.length > 50) window.drawings.shift();
              return clear.apply(this, box);
            };
          }
          const { length } = window.drawings;
          return length > 10 && window.drawings[length - 1] - window.drawings[length - 11] <= 1000;
        }""");
  }

  @Test
  void numbersFollowTheEngine() {
    assertThat(cell("web", "Ready")).hasText("8");
    assertThat(cell("batch", "Ready")).hasText("12");
    stage.demand(Stage.WEB, 620);
    assertThat(cell("web", "Demand")).containsText("12.4");
    assertThat(cell("web", "Ready")).hasText("13");
    assertThat(cell("batch", "Ready")).hasText("7");
    assertThat(service("web")).containsText("12.40 replicas; claims 13");
    assertThat(page.locator("#summary")).containsText("web needs 12.4 replicas and has 13 ready");
    assertThat(page.locator("#legend")).containsText(Pattern.compile("web\\s*13"));
  }

  @Test
  void figuresComeFromTheEngine() {
    // The first demand of a run is its start, not a change to react to.
    assertThat(cell("web", "Ready")).hasText("8");
    stage.demand(Stage.WEB, 620);
    assertThat(page.locator("#figures"))
        .containsText(Pattern.compile("Reaction p50\\s*[\\d.]+ ms"));
    assertThat(page.locator("#figures")).containsText(Pattern.compile("Utilisation\\s*[\\d.]+ %"));
    assertThat(page.locator("#figures"))
        .containsText(Pattern.compile("Batch work done\\s*[1-9]\\d* units"));
  }

  @Test
  void theLogSaysWhatWasDoneAndWhy() {
    assertThat(cell("web", "Ready")).hasText("8");
    stage.demand(Stage.WEB, 620);
    var log = page.locator("#log");
    assertThat(log).containsText("web claims 13 (was 8)");
    assertThat(log).containsText("gives room to web (priority 100 over 10)");
    assertThat(log).containsText("after the demand of web was known");
  }

  @Test
  void aPausedLogStandsStillAndThenCatchesUp() {
    assertThat(cell("web", "Ready")).hasText("8");
    page.locator("#pause-log").click();
    stage.demand(Stage.WEB, 620);
    assertThat(cell("web", "Ready")).hasText("13");
    assertThat(page.locator("#log")).not().containsText("web claims 13");
    page.locator("#pause-log").click();
    assertThat(page.locator("#log")).containsText("web claims 13");
  }

  @Test
  void eachReplicaIsACellThatNamesItself() {
    assertThat(page.locator("#nodes .cell.running[role=img]")).hasCount(20);
    assertThat(page.locator("#nodes .cell.paused[role=img]").first()).isVisible();
    var cell = page.locator("#nodes .cell.running").first();
    cell.hover();
    assertThat(page.locator("#tip")).containsText(Pattern.compile("(web|batch)-\\S+.*old"));
  }

  @Test
  void aReplicaThatDiesGoesFromTheGridAndAnotherComes() {
    assertThat(page.locator("#nodes .cell.running[role=img]")).hasCount(20);
    var victim = stage.truth().of(Stage.BATCH).replicas().getFirst();
    var cell = page.locator("#nodes [aria-label^='%s,']".formatted(victim.id()));
    assertThat(cell).hasCount(1);
    stage.kill(victim);
    assertThat(cell).hasCount(0);
    assertThat(page.locator("#nodes .cell.running[role=img]")).hasCount(20);
  }

  @Test
  void cellsCanBeWalkedThroughByKeyboard() {
    assertThat(page.locator("#nodes .cell.running[role=img]")).hasCount(20);
    page.locator("#nodes .cells [tabindex='0']").first().focus();
    var first = page.locator("#tip b").textContent();
    page.keyboard().press("ArrowRight");
    assertThat(page.locator("#tip b")).not().hasText(first);
  }

  @Test
  void theChartIsATableOnDemand() {
    assertThat(cell("web", "Ready")).hasText("8");
    page.getByText("The chart as a table").click();
    var table = page.locator("#chart-table");
    assertThat(table.getByRole(AriaRole.COLUMNHEADER))
        .hasText(new String[] {"Time", "Capacity", "Demand of web", "web ready", "batch ready"});
    assertThat(table.locator("tbody tr")).hasCount(13);
    page.locator("#chart-data-refresh").click();
    assertThat(table.locator("tbody tr").first()).containsText(Pattern.compile("20.*7\\.4.*8.*12"));
  }

  @Test
  void aServiceCanBeHiddenInTheChart() {
    assertThat(cell("web", "Ready")).hasText("8");
    var entry =
        page.locator("#legend")
            .getByRole(AriaRole.BUTTON)
            .filter(new Locator.FilterOptions().setHasText("batch"));
    knowColours();
    page.waitForFunction(PIXELS_OF, "r0-fill");
    entry.click();
    assertThat(entry).hasAttribute("aria-pressed", "false");
    page.waitForFunction("() => !(%s)('r0-fill')".formatted(PIXELS_OF));
  }

  @Test
  void whatIsWrongWithAServiceIsSaid() {
    assertThat(cell("web", "Ready")).hasText("8");
    stage.missing(Stage.WEB, "the source answered with a page of HTML");
    assertThat(cell("web", "Demand")).hasText("missing");
    assertThat(service("web")).containsText("No reading: the source answered with a page of HTML");
    assertThat(cell("web", "Ready")).hasText("8");
    stage.backoff(Stage.BATCH, Duration.ofMinutes(5), "5 starts in a row ended within 1 s");
    stage.kill(stage.truth().of(Stage.BATCH).replicas().getFirst());
    assertThat(service("batch")).containsText("5 starts in a row ended within 1 s");
  }

  @Test
  void anOrchestratorThatCannotBeSeenIsSaidOverEverything() {
    assertThat(cell("web", "Ready")).hasText("8");
    stage.blind(true);
    var banner = page.locator("#banners");
    assertThat(banner)
        .containsText("The orchestrator cannot be seen: the cluster cannot be reached");
    assertThat(page.locator("#log")).containsText("The orchestrator cannot be seen");
    stage.blind(false);
    assertThat(banner).isEmpty();
  }

  private Locator service(String name) {
    return page.locator("#services tbody")
        .filter(
            new Locator.FilterOptions()
                .setHas(
                    page.getByRole(AriaRole.ROWHEADER)
                        .getByText(name, new Locator.GetByTextOptions().setExact(true))));
  }

  private Locator cell(String service, String column) {
    return service(service).locator("[data-label='%s']".formatted(column));
  }
}
