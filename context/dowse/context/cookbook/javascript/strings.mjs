// SPDX-License-Identifier: CC0-1.0

/** Turn a title into a URL slug of lower-case ASCII letters, digits and hyphens. */
export function slugify(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

/** Escape the special characters of HTML in a text, against script injection. */
export function escapeHtml(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (sign) => names[sign]);
}

/** Escape the special characters of a regular expression in a text. */
export function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Convert a name from snake_case, kebab-case or words to camelCase. */
export function camelCase(text) {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return words
    .map((word, index) => {
      const lower = word.toLowerCase();
      return index === 0 ? lower : lower[0].toUpperCase() + lower.slice(1);
    })
    .join("");
}

/** Convert a name from camelCase to kebab-case or, with `_`, to snake_case. */
export function kebabCase(text, separator = "-") {
  const parts = text.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu) ?? [];
  return parts.join(separator).toLowerCase();
}

/** Make the first letter of each word a capital. */
export function titleCase(text) {
  return text.replace(/(?<![\p{L}\p{M}'’])\p{L}/gu, (letter) => letter.toUpperCase());
}

/** Shorten a text to a maximum length at a word boundary and add an ellipsis. */
export function truncate(text, length, ellipsis = "…") {
  if (text.length <= length) return text;
  const head = text.slice(0, length - ellipsis.length + 1);
  const words = head.replace(/\s+\S*$/, "");
  return (words === head ? head.slice(0, -1) : words) + ellipsis;
}

/** Fill `{name}` placeholders in a template; a missing value raises an error. */
export function fillTemplate(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => {
    if (!Object.hasOwn(values, name)) throw new Error(`no value for {${name}}`);
    return String(values[name]);
  });
}

/** Count characters as people see them, so that an emoji or an accented letter is one. */
export function countCharacters(text, locale = "en") {
  return [...new Intl.Segmenter(locale).segment(text)].length;
}

/** Sort texts in the alphabet of a language, with numbers in them by value. */
export function sortTexts(texts, locale = "en") {
  const { compare } = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
  return texts.toSorted(compare);
}

/** Format an amount of money for people in a currency and language. */
export function formatMoney(amount, currency = "EUR", locale = "en") {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
}

/** Format a number of bytes for people, such as `1.5 MB`. */
export function formatBytes(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`;
}

/** Parse a CSV text into an array of objects; quoted fields may hold commas and line breaks. */
export function parseCsv(text) {
  const rows = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  for (const [, quoted, plain, end] of text.replace(/^\uFEFF|\r?\n$/g, "").matchAll(pattern)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  const [header, ...lines] = rows;
  return lines.map((line) => Object.fromEntries(header.map((name, i) => [name, line[i] ?? ""])));
}
