const EVERY_MILLIS = 30_000;

/** Tells screen readers how things stand, but not more often than one can listen to; news at once. */
export function announcer(region) {
  let spokenAt = -Infinity;
  let spoken = "";
  return {
    state(text, now) {
      if (now - spokenAt < EVERY_MILLIS || text === spoken || text === "") return;
      this.news(text, now);
    },
    news(text, now) {
      spokenAt = now;
      spoken = text;
      region.textContent = text;
    },
  };
}
