package io.microscale.app;

import picocli.CommandLine.ExitCode;

/// Ends a command with a message for the person who gave it and an exit code; nothing else is
/// shown.
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /// The command was right and could not be carried out: exit code 1.
  public static CommandException failed(String message) {
    return new CommandException(ExitCode.SOFTWARE, message);
  }

  /// The command itself is wrong: exit code 2.
  public static CommandException wrongUse(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
