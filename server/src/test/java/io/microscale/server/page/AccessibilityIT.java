package io.microscale.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The page is for everybody: axe finds nothing, nothing is cut off on a narrow screen, and what
/// moves can be calmed. Leaves pictures in `target/page`.
class AccessibilityIT {
  private static final Path PICTURES = Path.of("target", "page");
  private static Chromium chromium;
  private static Stage stage;

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
    stage = Stage.open();
    stage.demand(Stage.WEB, 370);
  }

  @AfterAll
  static void quit() {
    chromium.close();
    stage.close();
  }

  @ParameterizedTest
  @CsvSource({"400, LIGHT", "400, DARK", "1600, LIGHT", "1600, DARK"})
  void axeFindsNothing(int width, ColorScheme scheme) {
    try (var tab = chromium.open(stage.uri(), width, 1000, scheme)) {
      var page = tab.page();
      loaded(page);
      page.getByText("The chart as a table").click();
      page.getByText("All replicas as a table").click();
      axe(page, "the page");
      picture(page, "page-%d-%s".formatted(width, scheme), true);
      page.getByText("Explain").first().click();
      assertThat(page.locator("#explain-body")).containsText("Claim");
      axe(page, "the explanation");
      picture(page, "explain-%d-%s".formatted(width, scheme), false);
    }
  }

  @ParameterizedTest
  @CsvSource({"400, LIGHT", "1600, DARK"})
  void axeFindsNothingWhereThereIsTrouble(int width, ColorScheme scheme) {
    try (var troubled = Stage.open();
        var tab = chromium.open(troubled.uri(), width, 1000, scheme)) {
      var page = tab.page();
      troubled.demand(Stage.WEB, 370);
      loaded(page);
      troubled.backoff(Stage.BATCH, Duration.ofMinutes(5), "5 starts in a row ended within 1 s");
      troubled.missing(Stage.WEB, "no answer within 2 s");
      troubled.kill(troubled.truth().of(Stage.BATCH).replicas().getFirst());
      page.locator("#services [aria-label='Suspend batch']").click();
      assertThat(page.locator("#services")).containsText("No reading: no answer within 2 s");
      page.locator("#hand-value").fill("-1");
      page.locator("#hand-value").press("Enter");
      assertThat(page.locator("#hand .error").first()).isVisible();
      troubled.blind(true);
      assertThat(page.locator("#banners")).containsText("cannot be seen");
      axe(page, "with trouble");
      picture(page, "trouble-%d-%s".formatted(width, scheme), true);
      troubled.stop();
      assertThat(page.locator("#banners")).containsText("No connection");
      axe(page, "without a connection");
      picture(page, "lost-%d-%s".formatted(width, scheme), false);
    }
  }

  @ParameterizedTest
  @CsvSource({"320", "400", "768", "1160", "1600"})
  void nothingIsWiderThanTheScreen(int width) {
    try (var tab = chromium.open(stage.uri(), width, 1000, ColorScheme.LIGHT)) {
      var page = tab.page();
      loaded(page);
      page.getByText("The chart as a table").click();
      page.getByText("All replicas as a table").click();
      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
      assertThat(page.evaluate(CUT_OFF)).asString().isEmpty();
    }
  }

  /// The visible elements that reach beyond the screen or their card, apart from what scrolls by
  /// itself.
  private static final String CUT_OFF =
      """
      () => [...document.querySelectorAll('body *')]
        .filter((e) => !e.closest('.scroll, .hidden, .skip, dialog, .uplot, thead'))
        .filter((e) => e.getClientRects().length > 0)
        .filter((e) => e.getBoundingClientRect().right > (e.closest('.card')?.getBoundingClientRect().right ?? innerWidth) + 1)
        .map((e) => `${e.tagName}#${e.id}.${e.className}`)
        .join(' ')""";

  @Test
  void theThemeCanBeChosenAndIsKept() {
    try (var tab = chromium.open(stage.uri())) {
      var page = tab.page();
      loaded(page);
      var theme = page.locator("#theme");
      var background = "getComputedStyle(document.body).backgroundColor";
      var light = page.evaluate(background);
      theme.click();
      assertThat(theme).hasText("Theme: light");
      theme.click();
      assertThat(theme).hasText("Theme: dark");
      assertThat(page.evaluate(background)).isNotEqualTo(light);
      page.reload();
      loaded(page);
      assertThat(theme).hasText("Theme: dark");
      axe(page, "dark by choice");
    }
  }

  @Test
  void whoAsksForCalmGetsIt() {
    try (var tab = chromium.blank(1600, 1000, ColorScheme.LIGHT)) {
      var page = tab.page();
      page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.REDUCE));
      page.navigate(stage.uri().toString());
      loaded(page);
      // Five drawings must take at least three seconds.
      page.waitForFunction(
          """
          () => {
            if (!window.drawings) {
              window.drawings = [];
              const context = document.querySelector('#chart canvas').getContext('2d');
              const clear = context.clearRect;
              context.clearRect = function (...box) {
                window.drawings.push(performance.now());
                return clear.apply(this, box);
              };
            }
            return window.drawings.length >= 5;
          }""");
      var millis = (Number) page.evaluate("window.drawings[4] - window.drawings[0]");
      assertThat(millis.doubleValue()).isGreaterThan(3000);
    }
  }

  @Test
  void headingsAndLandmarksAreThere() {
    try (var tab = chromium.open(stage.uri())) {
      var page = tab.page();
      loaded(page);
      assertThat(page.locator("h2:visible, h2.hidden"))
          .hasText(
              new String[] {
                "Figures since the start",
                "Demand, and what serves it",
                "Services",
                "By hand",
                "What it did, and why",
                "Replicas by node"
              });
      assertThat(page.locator("header")).hasCount(1);
      assertThat(page.locator("main")).hasCount(1);
      assertThat(page.locator("footer")).hasCount(1);
      page.keyboard().press("Tab");
      assertThat(page.locator(".skip")).isFocused();
      page.keyboard().press("Enter");
      assertThat(page.locator("#main")).isFocused();
    }
  }

  private static void loaded(Page page) {
    assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
    assertThat(page.locator("#services [data-label=Ready]").first()).hasText("8");
    assertThat(page.locator("#nodes .cell.running[role=img]")).hasCount(20);
  }

  private static void axe(Page page, String what) {
    var violations = new AxeBuilder(page).analyze().getViolations();
    assertThat(violations)
        .as(what)
        .extracting(
            rule -> rule.getId() + ": " + rule.getNodes().stream().map(n -> n.getHtml()).toList())
        .isEmpty();
  }

  private static void picture(Page page, String name, boolean whole) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(PICTURES.resolve(name.toLowerCase(java.util.Locale.ROOT) + ".png"))
            .setFullPage(whole));
  }
}
