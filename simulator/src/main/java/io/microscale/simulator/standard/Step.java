package io.microscale.simulator.standard;

/// One second of a run, as charts and tables show it.
///
/// @param t the step, from 0
/// @param demand of the time-critical service, in replicas
/// @param ready its replicas that serve
/// @param starting its replicas that hold a slot and do not serve yet
/// @param standby its replicas that are started and paused, without a slot
/// @param batchRunning batch replicas with a slot
/// @param batchPaused batch replicas that are started and paused, without a slot
/// @param unserved demand without a ready replica, in replicas
/// @param batchDone slot-seconds of batch work done in this second, less what its stops lost: below
///   zero where they lost more
public record Step(
    int t,
    double demand,
    int ready,
    int starting,
    int standby,
    int batchRunning,
    int batchPaused,
    double unserved,
    double batchDone) {}
