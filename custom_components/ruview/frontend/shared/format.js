/* Numbers and times as whoever looks has chosen to read them. */

/** Which language writes numbers as each choice in a user's profile says. */
const NUMBERS = { comma_decimal: "en-US", decimal_comma: "de", space_comma: "fr", quote_decimal: "de-CH", none: "en-US" };

let language = "en";
let numbers = "en";
let clock = {};
let made = {};

/** Write for this user from now on. */
export function writeFor(hass) {
  const { language: chosen = "en", number_format: format, time_format: hours, time_zone: zone } = hass.locale ?? {};
  language = chosen;
  numbers = NUMBERS[format] ?? (format === "system" ? undefined : chosen);
  clock = { ...(hours === "12" || hours === "24" ? { hour12: hours === "12" } : {}),
    ...(zone === "server" ? { timeZone: hass.config?.time_zone } : {}) };
  made = {};
}

function written(value, digits, style) {
  if (value === null || value === undefined) return "–";
  const format = (made[`${style}${digits}`] ??= new Intl.NumberFormat(numbers,
    { style, minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }));
  return format.format(value).replace("-", "−");
}

/** A share of one. */
export const percent = (share, digits = 0) => written(share, digits, "percent");

export const number = (value, digits = 1) => written(value, digits, "decimal");

export const withUnit = (value, unit, digits = 0) =>
  (value === null || value === undefined ? "–" : `${number(value, digits)} ${unit}`);

/** Seconds as "12 s", "4 min", "3 h". */
export function age(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A moment in the reader's language; null when the clock of whoever wrote it was never set. */
export function moment(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || at.getFullYear() < 2020) return null;
  const day = (time) => new Intl.DateTimeFormat("en", { dateStyle: "short", timeZone: clock.timeZone }).format(time);
  const style = day(at) === day(new Date()) ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, { ...style, ...clock }).format(at);
}
