package io.microscale.app;

import java.io.PrintWriter;
import java.io.StringWriter;

/// One command, run in this process, and what it printed.
public record Console(int exitCode, String out, String err) {
  public static Console run(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(args);
    return new Console(exitCode, out.toString(), err.toString());
  }
}
