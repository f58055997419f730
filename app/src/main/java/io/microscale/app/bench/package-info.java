/// The command `bench`: how fast things are here, measured. This package holds what its subcommands
/// share: the machine, waiting until it is quiet, samples, a chart, a page.
@NullMarked
package io.microscale.app.bench;

import org.jspecify.annotations.NullMarked;
