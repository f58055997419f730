package io.microscale.server.page;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// The system's Chromium, with pages that note whatever goes wrong in them.
final class Chromium implements AutoCloseable {
  /// Slow machines are slow; nothing here waits so long unless it fails.
  static final int PATIENCE_MILLIS = 60_000;

  static {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");
  private static final List<String> OPTIONS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright =
      Playwright.create(
          new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  private final Browser browser =
      playwright
          .chromium()
          .launch(new BrowserType.LaunchOptions().setExecutablePath(EXECUTABLE).setArgs(OPTIONS));

  /// An open page.
  ///
  /// @param problems errors in the console, errors that nothing caught, and requests to elsewhere
  record Tab(Page page, List<String> problems) implements AutoCloseable {
    @Override
    public void close() {
      page.context().close();
    }
  }

  /// A page of its own, with nothing in its storage, that shows what is at an address.
  Tab open(URI address, int width, int height, ColorScheme scheme) {
    var tab = blank(width, height, scheme);
    notePlacesOtherThan(address, tab);
    tab.page.navigate(address.toString());
    return tab;
  }

  Tab open(URI address) {
    return open(address, 1600, 1000, ColorScheme.LIGHT);
  }

  Tab blank(int width, int height, ColorScheme scheme) {
    var context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.NO_PREFERENCE)
                .setLocale("en-GB"));
    context.setDefaultTimeout(PATIENCE_MILLIS);
    var page = context.newPage();
    var problems = new CopyOnWriteArrayList<String>();
    page.onPageError(problems::add);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            problems.add("%s: %s".formatted(message.type(), message.text()));
          }
        });
    return new Tab(page, problems);
  }

  static void notePlacesOtherThan(URI address, Tab tab) {
    tab.page.onRequest(
        request -> {
          if (!request.url().startsWith(address.toString()) && !request.url().startsWith("data:")) {
            tab.problems.add("a request to elsewhere: " + request.url());
          }
        });
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
