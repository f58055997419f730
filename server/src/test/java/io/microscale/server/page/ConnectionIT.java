package io.microscale.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.options.ColorScheme;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.FaultProxy.Fault;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The page and an engine that comes and goes, or asks who is there.
class ConnectionIT {
  private static final String TOKEN = "miaow-miaow-miaow";
  private static Chromium chromium;

  @BeforeAll
  static void launch() {
    chromium = new Chromium();
  }

  @AfterAll
  static void quit() {
    chromium.close();
  }

  @Test
  void saysThatThereIsNoConnectionAndComesBackToANewRun() {
    try (var stage = Stage.open();
        var tab = chromium.open(stage.uri())) {
      stage.demand(Stage.WEB, 370);
      var page = tab.page();
      var ready = page.locator("#services [data-label=Ready]").first();
      assertThat(ready).hasText("8");
      page.evaluate("window.stillTheSamePage = true");

      stage.stop();
      assertThat(page.locator("#connection")).hasText("No connection");
      assertThat(page.getByText("No connection to the engine. What you see is old.")).isVisible();
      assertThat(page.locator("#banners")).containsText(Pattern.compile("Last data \\d+ s ago"));
      assertThat(ready).hasText("8");

      stage.start();
      stage.demand(Stage.WEB, 620);
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
      assertThat(page.getByText("No connection to the engine.")).hasCount(0);
      assertThat(page.locator("#log")).containsText("The engine was started anew");
      assertThat(ready).hasText("13");
      assertThat(page.evaluate("window.stillTheSamePage")).isEqualTo(true);
    }
  }

  @Test
  void hearsWhatItMissedWhileItWasAway() {
    try (var stage = Stage.open();
        var proxy = FaultProxy.to(stage.uri().getPort());
        var tab = chromium.open(through(proxy))) {
      stage.demand(Stage.WEB, 370);
      var page = tab.page();
      var ready = page.locator("#services [data-label=Ready]").first();
      assertThat(ready).hasText("8");
      proxy.set(new Fault.Cut());
      assertThat(page.locator("#connection")).hasText("No connection");
      stage.demand(Stage.WEB, 620);
      await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(13));
      stage.demand(Stage.WEB, 120);
      await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(3));
      assertThat(ready).hasText("8");
      proxy.set(new Fault.None());
      assertThat(ready).hasText("3");
      assertThat(page.locator("#log")).containsText("web claims 13");
      assertThat(page.locator("#log")).containsText("web claims 3");
      assertThat(page.locator("#log")).not().containsText("started anew");
    }
  }

  @Test
  void saysThatNothingComesWhereTheConnectionHangs() {
    try (var stage = Stage.open();
        var proxy = FaultProxy.to(stage.uri().getPort());
        var tab = chromium.open(through(proxy))) {
      var page = tab.page();
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
      proxy.set(new Fault.Hang());
      assertThat(page.getByText("The engine sends nothing. What you see is old.")).isVisible();
      proxy.set(new Fault.None());
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
      assertThat(page.locator("#banners")).isEmpty();
    }
  }

  @Test
  void isThereBeforeTheEngineAnswers() {
    try (var stage = Stage.open();
        var tab = chromium.blank(1600, 1000, ColorScheme.LIGHT)) {
      tab.page().route("**/v1/**", route -> route.abort());
      tab.page().navigate(stage.uri().toString());
      assertThat(tab.page().locator("#connection")).hasText("No connection");
      tab.page().unroute("**/v1/**");
      assertThat(tab.page().locator("#connection")).hasAttribute("data-state", "live");
    }
  }

  @Test
  void asksForTheTokenAndForAnotherIfItIsWrong() {
    try (var stage = withToken();
        var tab = chromium.open(stage.uri())) {
      var page = tab.page();
      var field = page.locator("#token-value");
      assertThat(field).isFocused();
      page.keyboard().press("Escape");
      assertThat(field).isVisible();
      field.fill("not this one");
      field.press("Enter");
      assertThat(page.locator("#token-outcome")).hasText("That is not the token of this engine.");
      field.fill(TOKEN);
      field.press("Enter");
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
      assertThat(page.locator("#token")).isHidden();
      page.reload();
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
    }
  }

  @Test
  void takesTheTokenOutOfTheAddress() {
    try (var stage = withToken();
        var tab = chromium.open(stage.uri().resolve("#token=" + TOKEN))) {
      var page = tab.page();
      assertThat(page.locator("#connection")).hasAttribute("data-state", "live");
      assertThat(page.url()).isEqualTo(stage.uri().toString());
      assertThat(page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})"))
          .asString()
          .doesNotContain(TOKEN);
      assertThat(page.evaluate("document.cookie")).isEqualTo("");
    }
  }

  private static URI through(FaultProxy proxy) {
    return URI.create("http://127.0.0.1:%d/".formatted(proxy.port()));
  }

  private static Stage withToken() {
    var stage = new Stage(Stage.webAndBatch(), 2, 0, Optional.of(TOKEN));
    stage.start();
    return stage;
  }
}
