package io.microscale.app.config;

import io.microscale.core.demand.Burst;
import io.microscale.core.demand.Generator;
import io.microscale.core.demand.RandomWalk;
import io.microscale.core.demand.Steps;
import io.microscale.core.demand.Trace;
import io.microscale.core.demand.TraceCsv;
import io.microscale.core.demand.Wave;
import io.microscale.sources.http.HttpPoll;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Reads where the demand of a service comes from.
final class DemandReader {
  private static final DemandConfig NONE = new DemandConfig.Push();
  private static final URI ANYWHERE = URI.create("http://localhost");
  private static final Steps.Level NO_LEVEL = new Steps.Level(0, Duration.ofSeconds(1));

  private final Section service;
  private final Path folder;

  DemandReader(Section service, Path folder) {
    this.service = service;
    this.folder = folder;
  }

  /// Empty if the service names none or it cannot be read.
  Optional<DemandConfig> read() {
    var menu = new LinkedHashMap<String, Function<Section, DemandConfig>>();
    menu.put("push", _ -> new DemandConfig.Push());
    menu.put("http", DemandReader::http);
    menu.put("trace", this::trace);
    menu.put("random", random -> generated(random, "random", () -> random(random)));
    menu.put("wave", wave -> generated(wave, "wave", () -> wave(wave)));
    menu.put("step", step -> generated(step, "step", () -> step(step)));
    menu.put("burst", burst -> generated(burst, "burst", () -> burst(burst)));
    return service.section("demand").flatMap(demand -> demand.oneOf("demand sources", menu));
  }

  private static DemandConfig http(Section http) {
    need(http, "url", "need the address to ask");
    var url = http.made("url", DemandReader::address).orElse(ANYWHERE);
    return http.build(
            "http",
            () ->
                new HttpPoll.Settings(
                    http.counts("url") ? url : ANYWHERE,
                    http.text("pointer").orElse(""),
                    http.duration("interval").orElse(Duration.ofSeconds(1)),
                    http.duration("deadline").orElse(Duration.ofSeconds(1))))
        .<DemandConfig>map(DemandConfig.Http::new)
        .orElse(NONE);
  }

  private static URI address(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("need an address such as http://localhost:8080/demand", e);
    }
  }

  private static DemandConfig generated(
      Section section, String kind, Supplier<Generator> generator) {
    return section
        .build(kind, generator)
        .<DemandConfig>map(DemandConfig.Generated::new)
        .orElse(NONE);
  }

  private static Generator random(Section random) {
    need(random, "max", "need the highest demand");
    return new RandomWalk(
        random.integer("seed").orElse(1),
        random.number("max").orElse(1.0),
        random.duration("interval").orElse(Duration.ofMillis(500)),
        random.number("stride").orElse(0.1),
        random.number("jump").orElse(0.5));
  }

  private static Generator wave(Section wave) {
    need(wave, "high", "need the highest demand");
    double low = wave.number("low").orElse(0.0);
    return new Wave(
        wave.duration("period").orElse(Duration.ofMinutes(1)),
        low,
        wave.number("high").orElse(low),
        wave.duration("interval").orElse(Duration.ofMillis(250)));
  }

  private static Generator step(Section step) {
    need(step, "levels", "need a list of levels such as {demand: 10, lasts: 30s}");
    var levels =
        step.sections("levels").stream()
            .map(
                level -> {
                  need(level, "demand", "need the demand of the level");
                  need(level, "lasts", "need how long the level lasts");
                  var read =
                      level.build(
                          "step.levels",
                          () ->
                              new Steps.Level(
                                  level.number("demand").orElse(0.0),
                                  level.duration("lasts").orElse(Duration.ofSeconds(1))));
                  level.finish();
                  return read.orElse(NO_LEVEL);
                })
            .toList();
    return new Steps(step.counts("levels") ? levels : List.of(NO_LEVEL));
  }

  private static Generator burst(Section burst) {
    need(burst, "size", "need how much a burst adds");
    return new Burst(
        burst.integer("seed").orElse(1),
        burst.number("base").orElse(0.0),
        burst.number("size").orElse(0.0),
        burst.duration("length").orElse(Duration.ofSeconds(5)),
        burst.duration("gap").orElse(Duration.ofMinutes(1)));
  }

  private DemandConfig trace(Section trace) {
    need(trace, "file", "need a file of lines t_s,demand");
    var points = trace.text("file").flatMap(file -> points(trace, file));
    double factor = trace.number("factor").orElse(1.0);
    var read =
        trace.build(
            "trace",
            () ->
                new Trace(
                        points.orElse(List.of(new Trace.Point(0, 0))),
                        trace.number("speed").orElse(1.0),
                        trace.flag("loop").orElse(false))
                    .times(trace.counts("factor") ? factor : 1));
    return read.<DemandConfig>map(DemandConfig.Generated::new).orElse(NONE);
  }

  private Optional<List<Trace.Point>> points(Section trace, String file) {
    try (var text = Files.newBufferedReader(folder.resolve(file))) {
      return Optional.of(TraceCsv.parse(text));
    } catch (IllegalArgumentException e) {
      trace.mistake("file", "%s, %s".formatted(file, e.getMessage()), "");
    } catch (IOException e) {
      trace.mistake("file", "need a file that can be read", "'%s'".formatted(file));
    }
    return Optional.empty();
  }

  private static void need(Section section, String key, String rule) {
    if (!section.has(key)) {
      section.missing(key, rule);
    }
  }
}
