/* Numbers and times as people read them. */

export const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`);

export const number = (value, digits = 1) =>
  (value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−"));

export const withUnit = (value, unit, digits = 0) =>
  (value === null || value === undefined ? "–" : `${number(value, digits)} ${unit}`);

/** Seconds as "12 s", "4 min", "3 h". */
export function age(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A moment in the reader's language; null when the clock of whoever wrote it was never set. */
export function moment(iso, hass) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || at.getFullYear() < 2020) return null;
  const isToday = at.toDateString() === new Date().toDateString();
  const style = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(hass?.locale?.language ?? "en", style).format(at);
}
