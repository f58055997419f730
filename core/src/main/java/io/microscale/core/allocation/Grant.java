package io.microscale.core.allocation;

import io.microscale.core.model.ServiceId;

/// What one service gets.
///
/// @param claimed what it asked for
/// @param granted replicas at full size, standby ones being warmed up included
/// @param reason why it is what it is, for people; says so where it differs from the claim
public record Grant(ServiceId service, int claimed, int granted, String reason) {}
