package io.microscale.orchestrators.kubernetes.custom;

/// What was made of a resource.
///
/// @param accepted whether it says something that can be done
/// @param reason one word in CamelCase
/// @param message for people; of what cannot be done each mistake, with what is in force instead
public record Verdict(CustomResource resource, boolean accepted, String reason, String message) {}
