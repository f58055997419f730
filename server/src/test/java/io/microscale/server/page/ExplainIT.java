package io.microscale.server.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.AriaRole;
import io.microscale.server.page.Chromium.Tab;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Why a service had what it had, now and before.
class ExplainIT {
  private static Chromium chromium;
  private Stage stage;
  private Tab tab;
  private Page page;
  private Locator dialog;

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
    dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(page.locator("#services")).containsText("7.40 replicas; claims 8");
  }

  @AfterEach
  void close() {
    tab.close();
    stage.close();
  }

  @Test
  void isReachedReadAndLeftByKeyboardAlone() {
    for (int presses = 0; !focused().contains("Explain web"); presses++) {
      assertThat(presses).as("presses of Tab before 'Explain web'").isLessThan(40);
      page.keyboard().press("Tab");
    }
    page.keyboard().press("Enter");
    assertThat(dialog).containsText("Why web has what it has");
    assertThat(dialog).containsText("A reading of 370");
    assertThat(dialog).containsText("claims 8");
    assertThat(dialog).containsText("Gets what it claims", ignoringCase());
    assertThat(page.locator("#explain-at")).hasValue(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT.+"));
    page.keyboard().press("Tab");
    assertThat(page.locator("dialog :focus")).hasCount(1);
    page.keyboard().press("Escape");
    assertThat(dialog).isHidden();
    assertThat(focused()).contains("Explain web");
  }

  @Test
  void goesBackToEarlierDecisionsAndForthAgain() {
    stage.demand(Stage.WEB, 620);
    assertThat(page.locator("#services")).containsText("claims 13");
    explain("web");
    assertThat(dialog).containsText("A reading of 620");
    var earlier = dialog.getByText("Earlier decision");
    var later = dialog.getByText("Later decision");
    assertThat(later).isDisabled();
    for (int steps = 0; !dialog.textContent().contains("claims 8"); steps++) {
      assertThat(steps).as("decisions between 370 and 620").isLessThan(20);
      var shown = page.locator("#explain-outcome").textContent();
      earlier.click();
      assertThat(page.locator("#explain-outcome")).not().hasText(shown);
    }
    assertThat(dialog).containsText("A reading of 370");
    var shown = page.locator("#explain-outcome").textContent();
    later.click();
    assertThat(page.locator("#explain-outcome")).not().hasText(shown);
    dialog.getByText("Now", new Locator.GetByTextOptions().setExact(true)).click();
    assertThat(dialog).containsText("A reading of 620");
  }

  @Test
  void tellsOfAnotherServiceAndOfATimeBeforeEverything() {
    explain("web");
    assertThat(dialog).containsText("A reading of 370");
    page.locator("#explain-service").selectOption("batch");
    assertThat(dialog).containsText("Why batch has what it has");
    assertThat(dialog).containsText("Gets what is left", ignoringCase());
    page.locator("#explain-at").fill("2001-01-01T00:00");
    page.locator("#explain-at").blur();
    assertThat(page.locator("#explain-outcome")).containsText("the oldest decision that is kept");
  }

  @Test
  void aClickIntoTheChartAsksWhyItWasSoThen() {
    page.waitForFunction("() => document.querySelector('#legend').textContent.includes('web')");
    var over = page.locator("#chart .u-over");
    var box = over.boundingBox();
    // The last moments of the window, low down: where the blue of the web is. The chart moves on
    // while the mouse does, so one hover or click may fall beside it.
    boolean told = false;
    for (int tries = 0; tries < 20 && !dialog.isVisible(); tries++) {
      over.hover(new Locator.HoverOptions().setPosition(box.width - 3, box.height - 10));
      told |= String.valueOf(page.locator(".chart-tip").textContent()).contains("web");
      over.click(new Locator.ClickOptions().setPosition(box.width - 3, box.height - 10));
      try {
        dialog.waitFor(new Locator.WaitForOptions().setTimeout(1_000));
      } catch (TimeoutError _) {
        // Once more.
      }
    }
    assertThat(told).as("the tip names the service").isTrue();
    assertThat(dialog).containsText("Why web has what it has");
    assertThat(dialog).containsText("A reading of 370");
  }

  private void explain(String service) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Explain " + service))
        .click();
  }

  private String focused() {
    return (String) page.evaluate("document.querySelector('button:focus')?.textContent ?? ''");
  }

  private static com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions
      ignoringCase() {
    return new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
        .setIgnoreCase(true);
  }
}
