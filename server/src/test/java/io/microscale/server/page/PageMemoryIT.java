package io.microscale.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A page that is open for days keeps a bounded amount.
class PageMemoryIT {
  @Test
  void aDayOfFramesTakesNoMoreThanHalfAnHour() {
    try (var chromium = new Chromium();
        var stage = Stage.open();
        var tab = chromium.open(stage.uri())) {
      var counted =
          tab.page()
              .evaluate(
                  """
                  async () => {
                    const { Timeline, groupsOf } = await import('/timeline.js');
                    const service = { name: 'web', colour: 'd0', perReplica: 1, spec: { remainder: false } };
                    const timeline = new Timeline(groupsOf([service]));
                    const counts = { demand: 1, running: 2, starting: 0, stopping: 0 };
                    const day = 86_400_000;
                    for (let t = 0; t <= day; t += 50) timeline.add(t, 20, () => counts);
                    const points = (seconds) => {
                      let n = 0;
                      let first = NaN;
                      timeline.read(day - seconds * 1000, day, (t) => { n++; first = Math.min(first || t, t); }, () => { n = -1e9; });
                      return [n, day - first];
                    };
                    return JSON.stringify([points(60), points(1800), points(86_400)]);
                  }""");
      assertThat(counted).isEqualTo("[[1202,60050],[3602,1800050],[3700,1849050]]");
    }
  }

  @Test
  void theLogKeepsAHundredEntries() {
    try (var chromium = new Chromium();
        var stage = Stage.open();
        var tab = chromium.open(stage.uri())) {
      tab.page()
          .evaluate(
              """
              async () => {
                const { Log } = await import('/log.js');
                const list = document.createElement('ol');
                list.id = 'another-log';
                document.body.append(list);
                const log = new Log(list, document.createElement('p'), () => '');
                for (let i = 0; i < 1000; i++) {
                  log.note('2026-01-01T00:00:00.000000Z', `note ${i}`);
                  if (i % 300 === 0) log.draw({ lastPass: null });
                }
                log.draw({ lastPass: null });
              }""");
      assertThat(tab.page().locator("#another-log li").count()).isEqualTo(100);
      assertThat(tab.page().locator("#another-log li").first().textContent()).contains("note 999");
    }
  }

  @Test
  void manyServicesAreDrawnAsFew() {
    try (var chromium = new Chromium();
        var stage = Stage.open();
        var tab = chromium.open(stage.uri())) {
      var names =
          tab.page()
              .evaluate(
                  """
                  async () => {
                    const { groupsOf } = await import('/timeline.js');
                    const services = Array.from({ length: 1000 }, (_, i) => ({ name: `s${i}`, colour: 'd0' }));
                    return groupsOf(services).map(({ name }) => name).join();
                  }""");
      assertThat(names).isEqualTo("s0,s1,s2,s3,s4,s5,s6,s7,991 others,s999");
    }
  }
}
