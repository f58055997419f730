package io.microscale.orchestrators.docker.engine;

/// The labels that say what is ours.
public final class Labels {
  /// All that begin so.
  public static final String OURS = "io.microscale.";

  /// The pool: without it nothing is touched.
  public static final String POOL = OURS + "pool";

  public static final String SERVICE = OURS + "service";
  public static final String REPLICA = OURS + "replica";

  /// When it was started, in milliseconds since 1970.
  public static final String STARTED = OURS + "started";

  /// What it was started with, as `name=amount` with commas between.
  public static final String RESOURCES = OURS + "resources";

  /// The processor limit it was started with, in thousandths of a core; 0 for none.
  public static final String CPU_LIMIT = OURS + "cpu-limit";

  private Labels() {}
}
