/// The configuration file: YAML with locations, the typed reader that reports every mistake at
/// once, and the records it makes.
@NullMarked
package io.microscale.app.config;

import org.jspecify.annotations.NullMarked;
