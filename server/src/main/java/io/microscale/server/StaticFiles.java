package io.microscale.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files of the page and its chart library, out of the class path. A browser keeps them and
/// asks whether they changed.
final class StaticFiles {
  private static final String PAGE = "dashboard/";
  private static final String CHART_LIBRARY = "META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final Pattern CHART_FILE =
      Pattern.compile("lib/uplot/(uPlot\\.(?:esm\\.js|iife\\.min\\.js|min\\.css))");
  private static final Pattern PATH =
      Pattern.compile(
          "(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,5}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final int BYTES_AT_MOST = 2 << 20;
  private static final int CACHED_AT_MOST = 100;
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("yaml", "application/yaml"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"));

  private final Map<String, Asset> cached = new ConcurrentHashMap<>();

  /// A file; its bytes are shared and never changed.
  private static final class Asset {
    final byte[] content;
    final String type;
    final String tag;

    Asset(byte[] content, String type, String tag) {
      this.content = content;
      this.type = type;
      this.tag = tag;
    }
  }

  /// Answers with a file of the page.
  ///
  /// @param path without the leading slash; nothing for the page itself
  /// @return false if there is no such file
  boolean answer(Context call, String path) throws IOException {
    if (!path.isEmpty() && !PATH.matcher(path).matches()) {
      return false;
    }
    var chartFile = CHART_FILE.matcher(path);
    return answerResource(
        call,
        chartFile.matches()
            ? CHART_LIBRARY + chartFile.group(1)
            : PAGE + (path.isEmpty() ? "index.html" : path));
  }

  /// Answers with the description of the calls.
  void answerDescription(Context call) throws IOException {
    answerResource(call, "openapi.yaml");
  }

  private boolean answerResource(Context call, String resource) throws IOException {
    var asset = asset(resource);
    if (asset.isEmpty()) {
      return false;
    }
    call.header("ETag", asset.get().tag).header("Cache-Control", "no-cache");
    if (isKnown(call.header("If-None-Match"), asset.get().tag)) {
      call.status(304);
    } else {
      call.contentType(asset.get().type).result(asset.get().content);
    }
    return true;
  }

  private static boolean isKnown(@Nullable String tags, String tag) {
    return tags != null && tags.contains(tag);
  }

  private Optional<Asset> asset(String resource) throws IOException {
    var known = cached.get(resource);
    if (known != null) {
      return Optional.of(known);
    }
    // Without this a folder of the class path would be read as a list of its files.
    var type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      var content = in.readNBytes(BYTES_AT_MOST);
      var asset = new Asset(content, type, tag(content));
      if (cached.size() < CACHED_AT_MOST) {
        cached.put(resource, asset);
      }
      return Optional.of(asset);
    }
  }

  private static String tag(byte[] content) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + HexFormat.of().formatHex(hash, 0, 12) + '"';
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
