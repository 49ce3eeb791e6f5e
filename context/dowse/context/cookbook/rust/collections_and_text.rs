// SPDX-License-Identifier: CC0-1.0
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::error::Error;
use std::hash::Hash;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Group the items of a collection by a key function into a HashMap of vectors.
pub fn group_by<T, K, F>(items: impl IntoIterator<Item = T>, key: F) -> HashMap<K, Vec<T>>
where
    K: Eq + Hash,
    F: Fn(&T) -> K,
{
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    groups
}

/// Count how often each word occurs in a text, sorted by word.
pub fn count_words(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

/// Remove duplicates from a vector while keeping the order of first occurrence.
pub fn unique<T: Eq + Hash + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}

/// Sort records by several keys: the score descending, then the name ascending.
pub fn sort_by_score(players: &mut [(String, u32)]) {
    players.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}

/// Sort floating-point numbers, which have no total order by themselves (NaN goes last).
pub fn sort_floats(numbers: &mut [f64]) {
    numbers.sort_by(f64::total_cmp);
}

/// Find the N largest items of an iterator with a heap, largest first.
pub fn largest<T: Ord>(items: impl IntoIterator<Item = T>, count: usize) -> Vec<T> {
    let mut heap = BinaryHeap::with_capacity(count + 1);
    for item in items {
        heap.push(Reverse(item));
        if heap.len() > count {
            heap.pop();
        }
    }
    heap.into_sorted_vec()
        .into_iter()
        .map(|Reverse(item)| item)
        .collect()
}

/// Parse numbers from a text with commas; the first broken one is the error.
pub fn parse_numbers(text: &str) -> Result<Vec<f64>, std::num::ParseFloatError> {
    text.split(',').map(|part| part.trim().parse()).collect()
}

/// Convert a name from camelCase or PascalCase to snake_case.
pub fn snake_case(name: &str) -> String {
    let mut result = String::with_capacity(name.len() + 4);
    let mut previous_is_lower = false;
    for char in name.chars() {
        if char.is_uppercase() && previous_is_lower {
            result.push('_');
        }
        previous_is_lower = char.is_lowercase() || char.is_numeric();
        result.extend(char.to_lowercase());
    }
    result
}

/// Shorten a text to a maximum number of characters, never in the middle of one.
pub fn truncate(text: &str, length: usize) -> &str {
    match text.char_indices().nth(length) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Format a number of bytes for people, such as `1.5 MiB`.
pub fn format_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{size:.1} {}", UNITS[unit])
    }
}

/// Format a time as an ISO 8601 date and time in UTC, without any crate.
pub fn format_utc(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years start in March here, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Parse a configuration text of `key = value` lines, with `Box<dyn Error>` for any error.
pub fn parse_config(text: &str) -> Result<HashMap<String, i64>, Box<dyn Error>> {
    let mut values = HashMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let number = index + 1;
        let (key, value) = line
            .split_once('=')
            .ok_or(format!("line {number}: no `=`"))?;
        let value = value
            .trim()
            .parse()
            .map_err(|error| format!("line {number}: {error}"))?;
        values.insert(key.trim().to_string(), value);
    }
    Ok(values)
}
