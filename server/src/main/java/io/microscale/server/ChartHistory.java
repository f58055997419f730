package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongToIntFunction;

/// The chart of the last hour, sampled every 250 ms, in arrays: what a page that was just opened
/// draws first. With very many services it reaches back less, so that it never takes more than
/// about 12 MB.
final class ChartHistory {
  static final Duration SAMPLE = Duration.ofMillis(250);
  static final int POINTS_IN_AN_ANSWER = 2_000;
  private static final int SAMPLES = (int) (Duration.ofHours(1).toMillis() / SAMPLE.toMillis());
  private static final int CELLS = 3_000_000;
  private static final int VALUES_IN_AN_ANSWER = 1_000_000;
  private static final List<String> COLUMNS =
      List.of("demand", "granted", "starting", "running", "paused", "stopping");

  private final List<String> services;
  private final int samples;
  private final long[] times;
  private final float[] capacity;
  private final float[] unserved;
  private final float[][] columns; // for each service all of COLUMNS
  private long count; // of samples ever taken; sample n lies at n modulo samples

  ChartHistory(List<String> services) {
    this(services, SAMPLES);
  }

  ChartHistory(List<String> services, int samplesAtMost) {
    this.services = services;
    samples = Math.max(16, Math.min(samplesAtMost, CELLS / (services.size() * COLUMNS.size())));
    times = new long[samples];
    capacity = new float[samples];
    unserved = new float[samples];
    columns = new float[services.size() * COLUMNS.size()][samples];
  }

  /// Takes a frame as a sample. Its services must be in the order of this history.
  synchronized void add(Frame frame) {
    int at = (int) (count % samples);
    times[at] = frame.at().toEpochMilli();
    capacity[at] = (float) frame.capacity();
    unserved[at] = (float) frame.unserved();
    for (int s = 0; s < services.size(); s++) {
      var point = frame.services().get(s);
      int column = s * COLUMNS.size();
      columns[column][at] = (float) point.demand();
      columns[column + 1][at] = point.granted();
      columns[column + 2][at] = point.starting();
      columns[column + 3][at] = point.running();
      columns[column + 4][at] = point.paused();
      columns[column + 5][at] = point.stopping();
    }
    count++;
  }

  /// Samples between two points for this time, so that the answer stays bounded.
  private int fitting(long from) {
    long all = count - from;
    long points =
        Math.max(
            1,
            Math.min(
                POINTS_IN_AN_ANSWER, VALUES_IN_AN_ANSWER / (services.size() * COLUMNS.size() + 3)));
    return (int) Math.max(1, (all + points - 1) / points);
  }

  /// The shortest step that an answer since `since` can have.
  synchronized Duration shortestStep(Instant since) {
    return SAMPLE.multipliedBy(fitting(first(since)));
  }

  /// Writes the columns since a time with a point every `step`, a multiple of [#SAMPLE] and at
  /// least [#shortestStep]; zero for that.
  synchronized void write(JsonGenerator json, String run, Instant since, Duration step)
      throws IOException {
    long from = first(since);
    int stride =
        step.isZero() ? fitting(from) : Math.toIntExact(step.toMillis() / SAMPLE.toMillis());
    // Counted from the first sample ever, so that an answer a moment later has the same points.
    long begin = from + (stride - 1 - from % stride);
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    json.writeStringField("run", run);
    Json.duration(json, "step", SAMPLE.multipliedBy(stride));
    json.writeArrayFieldStart("t");
    for (long n = begin; n < count; n += stride) {
      json.writeNumber(times[(int) (n % samples)]);
    }
    json.writeEndArray();
    decimals(json, "capacity", capacity, begin, stride);
    decimals(json, "unserved", unserved, begin, stride);
    json.writeArrayFieldStart("services");
    for (int s = 0; s < services.size(); s++) {
      json.writeStartObject();
      json.writeStringField("name", services.get(s));
      for (int c = 0; c < COLUMNS.size(); c++) {
        var column = columns[s * COLUMNS.size() + c];
        if (c == 0) {
          decimals(json, COLUMNS.get(c), column, begin, stride);
        } else {
          counts(json, COLUMNS.get(c), at -> (int) column[(int) (at % samples)], begin, stride);
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void decimals(JsonGenerator json, String name, float[] column, long begin, int stride)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (long n = begin; n < count; n += stride) {
      json.writeNumber(Json.rounded(column[(int) (n % samples)], 3));
    }
    json.writeEndArray();
  }

  private void counts(
      JsonGenerator json, String name, LongToIntFunction column, long begin, int stride)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (long n = begin; n < count; n += stride) {
      json.writeNumber(column.applyAsInt(n));
    }
    json.writeEndArray();
  }

  private long first(Instant since) {
    long oldest = Math.max(0, count - samples);
    long low = oldest;
    long high = count;
    long millis = since.isBefore(Instant.EPOCH) ? 0 : since.toEpochMilli();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (times[(int) (middle % samples)] < millis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
