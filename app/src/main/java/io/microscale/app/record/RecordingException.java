package io.microscale.app.record;

/// A line that no recorder wrote; the message names the file, the line, the rule and the value.
public final class RecordingException extends Exception {
  private static final long serialVersionUID = 1L;

  RecordingException(String place, String rule) {
    super(place + ": " + rule);
  }
}
