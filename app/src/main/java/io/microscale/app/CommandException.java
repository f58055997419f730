package io.microscale.app;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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

  /// Why a file could not be used, without its name, which the exceptions of the JDK give as
  /// message.
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "not allowed";
      case MalformedInputException _ -> "not in UTF-8";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  public int exitCode() {
    return exitCode;
  }
}
