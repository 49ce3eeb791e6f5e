// SPDX-License-Identifier: CC0-1.0

/** Split an array into chunks of a fixed size; the last one may be shorter. */
export function chunk(items, size) {
  if (!(size >= 1)) throw new RangeError("the size must be at least 1");
  const chunks = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}

/** Group the items of an array by a key function into a Map of arrays. */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Count how often each value occurs in an array. */
export function countValues(items) {
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Remove duplicates from an array of objects by a key function; the first one stays. */
export function uniqueBy(items, keyOf) {
  const seen = new Set();
  return items.filter((item) => {
    const key = keyOf(item);
    return !seen.has(key) && seen.add(key);
  });
}

/** Sort an array of objects by several keys; a key that starts with `-` sorts descending. */
export function sortByKeys(items, ...keys) {
  return items.toSorted((a, b) => {
    for (const name of keys) {
      const key = name.replace(/^-/, "");
      const order = a[key] < b[key] ? -1 : Number(a[key] > b[key]);
      if (order !== 0) return name.startsWith("-") ? -order : order;
    }
    return 0;
  });
}

/** Split an array into two: the items that pass a test and those that do not. */
export function partition(items, test) {
  const [passed, failed] = [[], []];
  for (const item of items) (test(item) ? passed : failed).push(item);
  return [passed, failed];
}

/** Shuffle an array into a random order (Fisher-Yates) without changing the original. */
export function shuffle(items, random = Math.random) {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

/** Create an array of numbers from start to end (excluded) in steps. */
export function range(start, end, step = 1) {
  if (step === 0) throw new RangeError("the step must not be 0");
  const length = Math.max(0, Math.ceil((end - start) / step));
  return Array.from({ length }, (_, index) => start + index * step);
}

/** Combine several arrays item by item (zip), as long as the shortest. */
export function zip(...arrays) {
  const length = Math.min(...arrays.map((array) => array.length));
  return Array.from({ length }, (_, index) => arrays.map((array) => array[index]));
}

/** Find the items that two arrays have in common, and those that only one has. */
export function compareArrays(left, right) {
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return {
    both: [...inLeft].filter((item) => inRight.has(item)),
    onlyLeft: [...inLeft].filter((item) => !inRight.has(item)),
    onlyRight: [...inRight].filter((item) => !inLeft.has(item)),
  };
}

/** Calculate sum, mean, median, minimum and maximum of an array of numbers. */
export function summarize(numbers) {
  if (numbers.length === 0) throw new RangeError("there are no numbers");
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const sum = numbers.reduce((total, number) => total + number, 0);
  return {
    sum,
    mean: sum / numbers.length,
    median: sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    min: sorted[0],
    max: sorted.at(-1),
  };
}

/** Find the index of a value in a sorted array by binary search, or -1 when it is absent. */
export function binarySearch(sorted, wanted) {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] === wanted) return middle;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
