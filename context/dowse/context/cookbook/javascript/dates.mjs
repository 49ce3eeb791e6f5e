// SPDX-License-Identifier: CC0-1.0

/**
 * Parse an ISO 8601 date and time with time zone; other texts raise an error.
 *
 * `new Date(text)` alone accepts much more and takes a text without zone for local time.
 */
export function parseIsoDate(text) {
  const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  const date = new Date(text);
  if (!pattern.test(text) || Number.isNaN(date.getTime())) {
    throw new RangeError(`not an ISO date with time zone: ${text}`);
  }
  return date;
}

/** Format a date as YYYY-MM-DD in a time zone such as `Europe/Berlin`. */
export function formatDay(date, timeZone = "UTC") {
  const options = { timeZone, year: "numeric", month: "2-digit", day: "2-digit" };
  const parts = new Intl.DateTimeFormat("en", options).formatToParts(date);
  const value = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return `${value.year}-${value.month}-${value.day}`;
}

/** Format a date and time for people in their language and time zone. */
export function formatDateTime(date, locale = "en-GB", timeZone = "UTC") {
  const options = { dateStyle: "medium", timeStyle: "short", timeZone };
  return new Intl.DateTimeFormat(locale, options).format(date);
}

/** Add days to a date in UTC without changing the original; days may be negative. */
export function addDays(date, days) {
  const result = new Date(date);
  result.setUTCDate(result.getUTCDate() + days);
  return result;
}

/** Add months to a date in UTC; January 31 plus one month is the last day of February. */
export function addMonths(date, months) {
  const result = new Date(date);
  const day = result.getUTCDate();
  result.setUTCDate(1);
  result.setUTCMonth(result.getUTCMonth() + months);
  const last = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0));
  result.setUTCDate(Math.min(day, last.getUTCDate()));
  return result;
}

/** Count the whole days between two dates, by their calendar days in UTC. */
export function daysBetween(start, end) {
  const day = (date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  return Math.round((day(end) - day(start)) / 86_400_000);
}

/** Say how long ago a date was in words of a language, such as "3 days ago". */
export function timeAgo(date, now = new Date(), locale = "en") {
  const seconds = (date - now) / 1000;
  const units = { year: 31_556_952, month: 2_629_746, day: 86_400, hour: 3_600, minute: 60 };
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, length] of Object.entries(units)) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(Math.trunc(seconds), "second");
}

/** Format a duration in milliseconds as hours, minutes and seconds, such as `1:02:03`. */
export function formatDuration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const pad = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours}:${pad(minutes)}:${pad(seconds % 60)}`;
}
