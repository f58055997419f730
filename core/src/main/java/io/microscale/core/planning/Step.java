package io.microscale.core.planning;

import io.microscale.core.orchestrator.Action;

/// One action of a plan, and why, in a sentence for people.
public record Step(Action action, String reason) {}
