/// The ideas of Microscale: values in, values out. Nothing here reads a clock, does I/O or logs;
/// `java.base` is all it needs.
module io.microscale.core {
  requires static org.jspecify;

  exports io.microscale.core.allocation;
  exports io.microscale.core.demand;
  exports io.microscale.core.loop;
  exports io.microscale.core.model;
  exports io.microscale.core.orchestrator;
  exports io.microscale.core.planning;
  exports io.microscale.core.scaling;
}
