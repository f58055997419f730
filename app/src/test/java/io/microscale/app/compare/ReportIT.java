package io.microscale.app.compare;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.SelectOption;
import io.microscale.app.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The report in a browser: every cell has its chart, it is for everybody, and it needs nothing but
/// its file. Leaves pictures in `target/compare`.
class ReportIT {
  private static final Path PICTURES = Path.of("target", "compare");

  @TempDir private static Path folder;
  private static Path report;
  private static Playwright playwright;
  private static Browser browser;

  @BeforeAll
  static void makeTheReport() throws IOException {
    trace("waves", t -> 40 + 35 * Math.sin(t / 60.0));
    trace("spikes", t -> t % 500 < 20 ? 90 : 10);
    report = folder.resolve("report.html");
    var console =
        Console.run(
            "compare",
            "--traces=" + folder,
            "--latency=1,pause,30",
            "--policies=clairvoyant,static,plain,knative",
            "--leave-one-out",
            "--report=" + report);
    assertThat(console.exitCode()).as(console.err()).isZero();
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    .setArgs(List.of("--no-sandbox", "--disable-gpu", "--no-first-run")));
  }

  @AfterAll
  static void quit() {
    browser.close();
    playwright.close();
  }

  @ParameterizedTest
  @CsvSource({"400, LIGHT", "400, DARK", "1600, LIGHT", "1600, DARK"})
  void axeFindsNothing(int width, ColorScheme scheme) {
    try (var tab = open(width, scheme)) {
      var page = tab.page();
      page.locator("#policy").selectOption("plain");
      page.locator("#way").selectOption("usual");
      page.locator("#terms").selectOption(new SelectOption().setIndex(2));
      page.getByText("These seconds as a table").click();
      assertThat(page.locator("#close-table tbody tr")).hasCount(90);
      assertThat(new AxeBuilder(page).analyze().getViolations())
          .extracting(
              rule -> rule.getId() + ": " + rule.getNodes().stream().map(n -> n.getHtml()).toList())
          .isEmpty();
      page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(
                  PICTURES.resolve(
                      "report-%d-%s.png".formatted(width, scheme).toLowerCase(Locale.ROOT)))
              .setFullPage(true));
    }
  }

  @ParameterizedTest
  @CsvSource({"320", "400", "768", "1600"})
  void nothingIsWiderThanTheScreen(int width) {
    try (var tab = open(width, ColorScheme.LIGHT)) {
      assertThat(tab.page().evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
    }
  }

  @Test
  void anotherCellHasAnotherChart() {
    try (var tab = open(1600, ColorScheme.LIGHT)) {
      var page = tab.page();
      assertThat(page.locator("#title")).containsText("static on spikes, L=1");
      var before = ready(page);
      page.locator("#trace").selectOption("waves");
      assertThat(page.locator("#title")).containsText("static on waves, L=1");
      page.locator("#policy").selectOption("plain");
      assertThat(page.locator("#title")).containsText("plain on waves, L=1: plain(");
      assertThat(ready(page)).isNotEqualTo(before);
      assertThat(page.locator("#frontier .chosen .point").first()).isAttached();

      page.locator("#trace").selectOption("spikes");
      page.locator("#way").selectOption("usual");
      assertThat(page.locator("#whole-text")).containsText("when demand was unserved");
      assertThat(page.locator("#figures .unsafe")).isVisible();
      page.locator("#look").selectOption("worst");
      assertThat(page.locator("#close .missed")).isAttached();
    }
  }

  @Test
  void theAddressNamesWhatIsShown() {
    try (var tab = open(1600, ColorScheme.LIGHT)) {
      var page = tab.page();
      page.locator("#policy").selectOption("knative");
      page.locator("#trace").selectOption("waves");
      page.locator("#way").selectOption("usual");
      var shown = page.locator("#title").textContent();
      var address = page.url();
      page.navigate("about:blank");
      page.navigate(address);
      assertThat(page.locator("#title")).hasText(shown);
      page.navigate(address.replace("knative", "no-such-policy").replace("waves", "spikes"));
      assertThat(page.locator("#title")).containsText("on spikes");
    }
  }

  @Test
  void theSecondsAreReadWithTheKeyboard() {
    try (var tab = open(1600, ColorScheme.LIGHT)) {
      var page = tab.page();
      page.locator("#second").focus();
      var text = page.locator("#close-text");
      var first = text.textContent();
      page.keyboard().press("ArrowRight");
      assertThat(text).not().hasText(first);
      assertThat(page.locator("#second")).hasAttribute("aria-valuetext", text.textContent());
    }
  }

  @Test
  void withoutAScriptTheTablesAreThere() {
    var context = browser.newContext(new Browser.NewContextOptions().setJavaScriptEnabled(false));
    try (context) {
      var page = context.newPage();
      page.navigate(report.toUri().toString());
      assertThat(page.locator("table").first()).containsText("waves");
      assertThat(page.locator("noscript p")).containsText("need a script");
      assertThat(page.locator("#controls")).isHidden();
    }
  }

  /// @param problems errors and warnings in the console, and requests to elsewhere
  private record Tab(Page page, List<String> problems) implements AutoCloseable {
    @Override
    public void close() {
      page.context().close();
      assertThat(problems).isEmpty();
    }
  }

  private static Tab open(int width, ColorScheme scheme) {
    var context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, 1000)
                .setColorScheme(scheme)
                .setLocale("de-DE"));
    context.setDefaultTimeout(60_000);
    var page = context.newPage();
    var problems = new CopyOnWriteArrayList<String>();
    page.onPageError(problems::add);
    page.onConsoleMessage(message -> problems.add(message.type() + ": " + message.text()));
    page.onRequest(
        request -> {
          if (!request.url().equals("about:blank")
              && !request.url().startsWith(report.toUri().toString())) {
            problems.add("a request to elsewhere: " + request.url());
          }
        });
    page.navigate(report.toUri().toString());
    assertThat(page.locator("#frontier svg")).isVisible();
    return new Tab(page, problems);
  }

  private static String ready(Page page) {
    return String.valueOf(page.locator("#whole .ready").getAttribute("d"));
  }

  private static void trace(String name, IntToDoubleFunction demand) throws IOException {
    Files.writeString(
        folder.resolve(name + ".csv"),
        IntStream.range(0, 2_000)
            .mapToObj(t -> t + "," + demand.applyAsDouble(t))
            .collect(Collectors.joining("\n", "t_s,demand\n", "\n")));
  }
}
