package io.microscale.simulator.standard;

/// What a run is judged by: fix the unserved demand, then rank by the batch work.
///
/// @param unservedPercent demand without a ready replica, of all demand; 0 if there was none
/// @param batchOfClairvoyantPercent batch work done, of the most that a clairvoyant could do; 100
///   if there was none to do, never below 0
/// @param usefulUtilisationPercent demand served and batch work done, of all slot-seconds
/// @param violationSeconds steps with any unserved demand
/// @param batchLostSeconds slot-seconds of batch work that stops lost
/// @param startsPerHour slots of the service and of batch work that were started (or resumed, where
///   the terms pause), an hour; what runs when the run begins is not counted
/// @param batchDone slot-seconds of batch work done, less what was lost
/// @param clairvoyantBatch slot-seconds of batch work that a clairvoyant could do
public record Score(
    double unservedPercent,
    double batchOfClairvoyantPercent,
    double usefulUtilisationPercent,
    int violationSeconds,
    double batchLostSeconds,
    double startsPerHour,
    double batchDone,
    double clairvoyantBatch) {}
