package io.microscale.orchestrators.process;

import java.nio.file.Path;
import java.util.OptionalInt;

/// The process behind a replica.
///
/// @param pid of the first process, which leads the replica's process group and session
/// @param port the one that `${PORT}` stood for, if the workload has it
/// @param log where its output goes
public record ReplicaProcess(int pid, OptionalInt port, Path log) {}
