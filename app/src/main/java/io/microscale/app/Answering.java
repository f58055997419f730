package io.microscale.app;

import java.net.URI;

/// What has a page and an API.
interface Answering extends AutoCloseable {
  /// Where they are.
  URI uri();

  @Override
  void close();
}
