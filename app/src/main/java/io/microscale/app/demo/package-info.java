/// The command `demo`: the whole product over real processes that do real work.
@NullMarked
package io.microscale.app.demo;

import org.jspecify.annotations.NullMarked;
