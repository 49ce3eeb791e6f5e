// SPDX-License-Identifier: CC0-1.0
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

final class CollectionsAndText {
    /** Groups the items of a list by a key function into a map of lists. */
    static <T, K> Map<K, List<T>> groupBy(List<T> items, Function<T, K> key) {
        return items.stream()
                .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    /** Counts how often each word occurs in a text, sorted by word. */
    static Map<String, Long> countWords(String text) {
        return Stream.of(text.toLowerCase(Locale.ROOT).split("\\W+"))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.groupingBy(
                        Function.identity(), TreeMap::new, Collectors.counting()));
    }

    /** Sorts the entries of a map by value, largest first, and keeps this order. */
    static <K, V extends Comparable<V>> Map<K, V> sortByValue(Map<K, V> map) {
        Map<K, V> sorted = new LinkedHashMap<>();
        map.entrySet().stream()
                .sorted(Map.Entry.<K, V>comparingByValue().reversed())
                .forEachOrdered(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /** Sorts a list by several keys: the length descending, then the alphabet. */
    static List<String> sortByLengthThenName(List<String> names) {
        return names.stream()
                .sorted(Comparator.comparingInt(String::length)
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    /** Splits a list into chunks of a fixed size; the last one may be shorter. */
    static <T> List<List<T>> chunks(List<T> items, int size) {
        List<List<T>> chunks = new ArrayList<>();
        for (int start = 0; start < items.size(); start += size) {
            chunks.add(List.copyOf(items.subList(start, Math.min(start + size, items.size()))));
        }
        return chunks;
    }

    /** A cache of limited size that drops the least recently used entry (LRU). */
    static final class LruCache<K, V> extends LinkedHashMap<K, V> {
        private final int size;

        LruCache(int size) {
            super(16, 0.75f, true);
            this.size = size;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > size;
        }
    }

    /** An immutable value class (record) that checks its fields. */
    record Money(long cents, String currency) {
        Money {
            if (currency.length() != 3) {
                throw new IllegalArgumentException("no currency code: " + currency);
            }
        }

        /** Adds an amount of the same currency. */
        Money plus(Money other) {
            if (!currency.equals(other.currency)) {
                throw new IllegalArgumentException("cannot add " + other.currency);
            }
            return new Money(Math.addExact(cents, other.cents), currency);
        }
    }

    /** Parses an ISO 8601 date and time with time zone, such as 2024-05-01T12:30:00Z. */
    static Instant parseIsoDateTime(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    /** Formats a moment in a time zone by a pattern, in English. */
    static String formatInZone(Instant moment, String zone) {
        return DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ENGLISH)
                .withZone(ZoneId.of(zone))
                .format(moment);
    }

    /** Counts the days between two dates. */
    static long daysBetween(LocalDate start, LocalDate end) {
        return ChronoUnit.DAYS.between(start, end);
    }

    /** Formats a duration as hours, minutes and seconds, such as 1:02:03. */
    static String formatDuration(Duration duration) {
        return String.format(
                Locale.ROOT,
                "%d:%02d:%02d",
                duration.toHours(),
                duration.toMinutesPart(),
                duration.toSecondsPart());
    }

    /** Turns a title into a URL slug of lower-case ASCII letters, digits and hyphens. */
    static String slugify(String title) {
        String plain = Normalizer.normalize(title, Normalizer.Form.NFKD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT);
        return plain.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }
}
