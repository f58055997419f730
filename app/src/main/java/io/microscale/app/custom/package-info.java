/// A pool and its services as custom resources: what of them is in force.
@NullMarked
package io.microscale.app.custom;

import org.jspecify.annotations.NullMarked;
