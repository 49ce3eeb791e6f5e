// SPDX-License-Identifier: CC0-1.0

package recipes

import (
	"crypto/rand"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
	"unicode"
)

// GroupBy groups the items of a slice by a key function into a map of slices.
func GroupBy[T any, K comparable](items []T, key func(T) K) map[K][]T {
	groups := make(map[K][]T)
	for _, item := range items {
		groups[key(item)] = append(groups[key(item)], item)
	}
	return groups
}

// Map transforms every item of a slice by a function.
func Map[T, R any](items []T, change func(T) R) []R {
	results := make([]R, len(items))
	for i, item := range items {
		results[i] = change(item)
	}
	return results
}

// Filter keeps the items of a slice that pass a test.
func Filter[T any](items []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// Unique removes duplicates from a slice while keeping the order of first occurrence.
func Unique[T comparable](items []T) []T {
	seen := make(map[T]struct{}, len(items))
	var result []T
	for _, item := range items {
		if _, ok := seen[item]; !ok {
			seen[item] = struct{}{}
			result = append(result, item)
		}
	}
	return result
}

// Chunk splits a slice into chunks of a fixed size; the last one may be shorter.
func Chunk[T any](items []T, size int) [][]T {
	var chunks [][]T
	for size < len(items) {
		// The third index keeps an append to a chunk from overwriting the next one.
		chunks = append(chunks, items[:size:size])
		items = items[size:]
	}
	if len(items) > 0 {
		chunks = append(chunks, items)
	}
	return chunks
}

// SortedKeys returns the keys of a map in order, since a loop over a map has none.
func SortedKeys[V any](values map[string]V) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// TopWords counts the words of a text and sorts them by count descending, then by word.
func TopWords(text string, limit int) []string {
	counts := make(map[string]int)
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	for _, word := range words {
		counts[word]++
	}
	top := make([]string, 0, len(counts))
	for word := range counts {
		top = append(top, word)
	}
	sort.Slice(top, func(i, j int) bool {
		if counts[top[i]] != counts[top[j]] {
			return counts[top[i]] > counts[top[j]]
		}
		return top[i] < top[j]
	})
	if len(top) > limit {
		top = top[:limit]
	}
	return top
}

// Truncate shortens a text to a number of characters, never in the middle of one.
func Truncate(text string, length int) string {
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	return string(runes[:length-1]) + "…"
}

// ParseISOTime parses an ISO 8601 / RFC 3339 date and time with time zone.
func ParseISOTime(text string) (time.Time, error) {
	return time.Parse(time.RFC3339, text)
}

// FormatInZone formats a time in a time zone such as "Europe/Berlin".
func FormatInZone(moment time.Time, zone string) (string, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return "", err
	}
	return moment.In(location).Format("2006-01-02 15:04 MST"), nil
}

// ParseFlags parses command-line arguments: an option with a default, a flag and the rest.
func ParseFlags(arguments []string, output io.Writer) (
	port int, verbose bool, rest []string, err error,
) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.IntVar(&port, "port", 8080, "port to listen on")
	flags.BoolVar(&verbose, "verbose", false, "say what is done")
	err = flags.Parse(arguments)
	return port, verbose, flags.Args(), err
}

// RandomToken generates a cryptographically secure random token that is safe in URLs.
func RandomToken(size int) (string, error) {
	token := make([]byte, size)
	if _, err := rand.Read(token); err != nil {
		return "", fmt.Errorf("no random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(token), nil
}
