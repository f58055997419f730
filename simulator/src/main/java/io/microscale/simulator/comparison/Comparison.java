package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// Which policies are compared, on which traces, under which terms. Each setting of each policy
/// makes one [standard run][StandardRun] on each trace under each of the terms.
///
/// It keeps one score for each run and no steps.
public record Comparison(List<Family> families, List<Demand> traces, List<Terms> terms) {
  public Comparison {
    families = List.copyOf(families);
    traces = List.copyOf(traces);
    terms = List.copyOf(terms);
    require(!families.isEmpty(), "families");
    require(!traces.isEmpty(), "traces");
    require(!terms.isEmpty(), "terms");
  }

  private static void require(boolean some, String what) {
    if (!some) {
      throw new IllegalArgumentException(what + ": need at least one, got none");
    }
  }

  /// How many runs it takes.
  public int runs() {
    return families.stream().mapToInt(family -> family.settings().size()).sum()
        * terms.size()
        * traces.size();
  }

  /// Makes all runs. The same comparison gives the same standings, whatever the number of threads.
  ///
  /// @param threads how many runs are made at the same time, at least 1
  /// @return for each of the terms, in their order, the policies in theirs
  /// @throws InterruptedException if the calling thread is interrupted; no run goes on then
  public List<Standing> run(int threads, Progress progress) throws InterruptedException {
    var jobs = new ArrayList<Callable<Choice>>();
    for (var term : terms) {
      var runs = traces.stream().map(trace -> new StandardRun(trace, term)).toList();
      for (var family : families) {
        family.settings().forEach(setting -> jobs.add(() -> onAll(runs, setting)));
      }
    }
    var tried =
        Workers.all(
                jobs,
                threads,
                done -> progress.made(done * traces.size(), jobs.size() * traces.size()))
            .iterator();
    var standings = new ArrayList<Standing>();
    for (var term : terms) {
      for (var family : families) {
        standings.add(
            new Standing(family, term, family.settings().stream().map(_ -> tried.next()).toList()));
      }
    }
    return standings;
  }

  private static Choice onAll(List<StandardRun> runs, Policy setting) {
    return new Choice(runs.stream().map(run -> new Cell(setting, run.run(setting))).toList());
  }
}
