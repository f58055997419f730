package io.microscale.core.model;

import java.time.Instant;

/// Why a service starts nothing for now, and until when: its replicas end as soon as they start, an
/// image is missing, …
public record Backoff(Instant until, String reason) {}
