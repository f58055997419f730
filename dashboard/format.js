/** How values are written. Times are the browser's local ones; ages count by the engine's clock. */

const decimals = [0, 1, 2, 3].map(
  (digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const upTo = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat("en", { maximumFractionDigits: digits }));

/** With exactly so many decimals, so that a changing figure does not jump. */
export const fixed = (value, digits) => decimals[digits].format(value);
/** With at most so many decimals. */
export const number = (value, digits = 2) => upTo[digits].format(value);

/** About three significant digits, for measurements of any size. */
export function measured(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return fixed(value, 0);
  return fixed(value, size >= 10 ? 1 : 2);
}

export function percent(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0 || value >= 99.995) return fixed(value, 0);
  return fixed(value, value < 1 ? 3 : value < 10 ? 2 : 1);
}

export const count = (amount, noun, nouns = `${noun}s`) => `${number(amount, 0)} ${amount === 1 ? noun : nouns}`;

const pad = (value, length = 2) => String(value).padStart(length, "0");

/** 12:03:04 */
export function clock(millis) {
  const date = new Date(millis);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** 12:03:04.512 */
export const clockMillis = (millis) => `${clock(millis)}.${pad(new Date(millis).getMilliseconds(), 3)}`;

/** An instant with its day, for people. */
export function dayAndClock(millis) {
  const date = new Date(millis);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockMillis(millis)}`;
}

/** What an input of type datetime-local takes. */
export const localInput = (millis) => dayAndClock(millis).replace(" ", "T");

export const millisOf = (instant) => Date.parse(instant);

/** The instant one nanosecond before, in the same form. A Date knows milliseconds only. */
export function justBefore(instant) {
  const [seconds, fraction] = instant.slice(0, -1).split(".");
  if (Number(fraction) > 0) return `${seconds}.${pad(Number(fraction) - 1, 9)}Z`;
  return `${new Date(Date.parse(`${seconds}Z`) - 1000).toISOString().slice(0, 19)}.999999999Z`;
}

/** Seconds of an ISO duration such as PT1H2M3.5S. */
export function secondsOf(duration) {
  const parts = /^(-?)P(?:(\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?$/.exec(duration);
  if (!parts) return NaN;
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  return (sign ? -1 : 1) * (Number(days) * 86400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** 43 µs, 9.1 ms, 3.2 s, 4 min 10 s, 2 h 5 min, 3 d 4 h */
export function span(seconds) {
  const size = Math.max(0, seconds);
  if (size < 0.000_999_5) return `${number(size * 1e6, 0)} µs`;
  if (size < 0.9995) return `${number(size * 1e3, size < 0.01 ? 2 : size < 0.1 ? 1 : 0)} ms`;
  if (size < 10) return `${number(size, 1)} s`;
  if (size < 60) return `${number(size, 0)} s`;
  if (size < 3600) return `${Math.floor(size / 60)} min ${Math.floor(size % 60)} s`;
  if (size < 86400) return `${Math.floor(size / 3600)} h ${Math.floor((size % 3600) / 60)} min`;
  return `${Math.floor(size / 86400)} d ${Math.floor((size % 86400) / 3600)} h`;
}

/** Whole seconds, for what ticks before the reader's eyes. */
export const wholeSpan = (seconds) => (seconds < 60 ? `${Math.max(0, Math.floor(seconds))} s` : span(seconds));

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** An amount of a resource without its name: 500 thousandths of a core are 0.5. */
export function amount(resource, value) {
  if (resource === "cpu") return number(value / 1000, 2);
  if (resource !== "memory") return number(value, 2);
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < BYTES.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${number(size, size < 10 ? 1 : 0)} ${BYTES[unit]}`;
}

/** The name that stands behind an amount. */
export const unit = (resource) => ({ cpu: "cores", memory: "of memory" })[resource] ?? resource;

/** What the engine says, with its instants as local times. */
export const said = (text) =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (instant) => clockMillis(Date.parse(instant)));

/** The same as the beginning of a sentence. */
export const sentence = (text) => text.charAt(0).toUpperCase() + said(text.slice(1));
