package io.microscale.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ServiceId;
import io.microscale.server.page.Chromium.Tab;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a person sets on the page reaches the engine, and what is refused is said beside it.
class HandIT {
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
    stage.demand(Stage.WEB, 100);
    tab = chromium.open(stage.uri());
    page = tab.page();
    assertThat(page.locator("#hand-value")).hasValue("100");
  }

  @AfterEach
  void close() {
    tab.close();
    stage.close();
  }

  @Test
  void theDemandSetByHandCountsUntilItIsTakenBack() {
    page.locator("#hand-value").fill("480");
    page.locator("#hand-value").press("Enter");
    await()
        .untilAsserted(
            () -> assertThat(override(Stage.WEB).demand()).isEqualTo(OptionalDouble.of(480)));
    await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(10));
    assertThat(page.locator("#hand")).containsText("Set by hand to 480");
    assertThat(page.locator("#services")).containsText("by hand: 480");

    page.getByText("Follow the source again").click();
    await().untilAsserted(() -> assertThat(override(Stage.WEB).demand()).isEmpty());
    await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(2));
    assertThat(page.locator("#hand")).containsText("Follows its source");
    assertThat(page.locator("#hand-value")).hasValue("100");
  }

  @Test
  void theSliderSetsTheDemandWhileItMoves() {
    page.locator("#hand-slider").focus();
    page.keyboard().press("End");
    await()
        .untilAsserted(() -> assertThat(override(Stage.WEB).demand().orElse(0)).isGreaterThan(900));
    await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(18));
    assertThat(page.locator("#services")).containsText(Pattern.compile("by hand: [\\d,]+"));
  }

  @Test
  void aSpikeIsAddedForSomeSeconds() {
    page.locator("#hand-amount").fill("300");
    page.locator("#hand-seconds").fill("2");
    page.getByText("Inject").click();
    await().untilAsserted(() -> assertThat(override(Stage.WEB).spike()).isEqualTo(300));
    await().untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(8));
    assertThat(page.locator("#services")).containsText("spike +300");
    // It ends by itself.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(stage.running(Stage.WEB)).isEqualTo(2));
    assertThat(page.locator("#services")).not().containsText("spike");
  }

  @Test
  void batchIsSuspendedAndLetGoOnFromItsRow() {
    var button = page.locator("#services [aria-label='Suspend batch']");
    button.click();
    await().untilAsserted(() -> assertThat(override(Stage.BATCH).suspended()).isTrue());
    await().untilAsserted(() -> assertThat(stage.running(Stage.BATCH)).isZero());
    var goOn = page.locator("#services [aria-label='Let go on batch']");
    assertThat(goOn).hasAttribute("aria-pressed", "true");
    assertThat(page.locator("#log")).containsText("batch is suspended");
    goOn.click();
    await().untilAsserted(() -> assertThat(override(Stage.BATCH).suspended()).isFalse());
    await().untilAsserted(() -> assertThat(stage.running(Stage.BATCH)).isEqualTo(18));
  }

  @Test
  void aServiceThatTakesTheRestHasNoDemandToSet() {
    page.locator("#hand-service").selectOption("batch");
    assertThat(page.locator("#hand-value")).isHidden();
    assertThat(page.locator("#hand")).containsText("It takes whatever is left");
    page.getByText("Suspend batch", new Page.GetByTextOptions().setExact(true)).click();
    await().untilAsserted(() -> assertThat(override(Stage.BATCH).suspended()).isTrue());
  }

  @Test
  void whatIsRefusedIsSaidBesideTheControl() {
    page.locator("#hand-value").fill("-5");
    page.locator("#hand-value").press("Enter");
    var outcome = page.locator("#hand form").first().locator(".outcome");
    assertThat(outcome).containsText(Pattern.compile("Not done: .*-5"));
    page.locator("#hand-value").fill("");
    page.locator("#hand-value").press("Enter");
    assertThat(outcome).containsText("Not done: need a finite number >= 0");
    page.locator("#hand-seconds").fill("100000");
    page.getByText("Inject").click();
    assertThat(page.locator("#hand form").nth(1).locator(".outcome"))
        .containsText(Pattern.compile("Not done: .*3600"));
    assertThat(override(Stage.WEB)).isEqualTo(ManualOverride.NONE);
  }

  @Test
  void aControlSaysThatThereIsNoEngine() {
    stage.stop();
    page.locator("#hand-value").fill("480");
    page.locator("#hand-value").press("Enter");
    assertThat(page.locator("#hand form").first().locator(".outcome"))
        .hasText("Not done: no answer from the engine");
  }

  private ManualOverride override(ServiceId service) {
    return stage.engine().status().overrides().getOrDefault(service, ManualOverride.NONE);
  }
}
