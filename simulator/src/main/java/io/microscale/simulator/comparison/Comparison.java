package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Clairvoyant;
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
///
/// @param backlog the batch work; one that is finite is scaled for each run, as [#backlog(Demand,
///   Terms)] says
public record Comparison(
    List<Family> families, List<Demand> traces, List<Terms> terms, Backlog backlog) {
  public Comparison {
    families = List.copyOf(families);
    traces = List.copyOf(traces);
    terms = List.copyOf(terms);
    require(!families.isEmpty(), "families");
    require(!traces.isEmpty(), "traces");
    require(!terms.isEmpty(), "terms");
  }

  /// A comparison with endless batch work.
  public Comparison(List<Family> families, List<Demand> traces, List<Terms> terms) {
    this(families, traces, terms, Backlog.endless());
  }

  /// The batch work of the runs on a trace under one of the terms. A finite backlog is scaled so
  /// that as much of it arrives in the run as the clairvoyant could do of endless work: when it
  /// arrives then decides how much can be done.
  public Backlog backlog(Demand trace, Terms under) {
    return Double.isInfinite(backlog.total())
        ? backlog
        : backlog.scaledTo(trace.length(), Clairvoyant.batch(trace, under));
  }

  /// The run on a trace under one of the terms, for any policy.
  StandardRun standardRun(Demand trace, Terms under) {
    return new StandardRun(trace, under, backlog(trace, under));
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
    var standings = new ArrayList<Standing>();
    int before = 0;
    for (var term : terms) {
      standings.addAll(run(term, threads, before, progress));
      before += runs() / terms.size();
    }
    return standings;
  }

  /// @param before how many runs have been made under other terms
  private List<Standing> run(Terms term, int threads, int before, Progress progress)
      throws InterruptedException {
    var runs = traces.stream().map(trace -> standardRun(trace, term)).toList();
    var jobs = new ArrayList<Callable<Choice>>();
    for (var family : families) {
      family.settings().forEach(setting -> jobs.add(() -> onAll(runs, setting)));
    }
    var tried =
        Workers.all(jobs, threads, done -> progress.made(before + done * traces.size(), runs()))
            .iterator();
    return families.stream()
        .map(
            family ->
                new Standing(
                    family, term, family.settings().stream().map(_ -> tried.next()).toList()))
        .toList();
  }

  private static Choice onAll(List<StandardRun> runs, Policy setting) {
    return new Choice(runs.stream().map(run -> new Cell(setting, run.run(setting))).toList());
  }
}
