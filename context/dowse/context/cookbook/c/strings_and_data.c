// SPDX-License-Identifier: CC0-1.0
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Convert a string to an integer safely: false for anything but a whole number in range.
bool parse_long(const char *text, long *value)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return false;
    *value = number;
    return true;
}

// Remove white space from both ends of a string in place (trim) and return its start.
char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

// Split a string at a delimiter in place; empty parts count. Returns how many parts there are.
size_t split(char *text, char delimiter, char *parts[], size_t maximum)
{
    size_t count = 0;
    while (count < maximum) {
        parts[count++] = text;
        char *next = count < maximum ? strchr(text, delimiter) : NULL;
        if (next == NULL)
            break;
        *next = '\0';
        text = next + 1;
    }
    return count;
}

// Format a string like printf into new memory, which the caller frees; NULL is an error.
char *format_string(const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

// Replace every occurrence of a text in a string; the caller frees the result.
char *replace_all(const char *text, const char *old, const char *new)
{
    size_t old_length = strlen(old), new_length = strlen(new), count = 0;
    if (old_length == 0)
        return strdup(text);
    for (const char *at = text; (at = strstr(at, old)) != NULL; at += old_length)
        count++;
    size_t kept = strlen(text) - count * old_length;
    char *result = malloc(kept + count * new_length + 1);
    if (result == NULL)
        return NULL;
    char *target = result;
    for (const char *at; (at = strstr(text, old)) != NULL; text = at + old_length) {
        memcpy(target, text, (size_t)(at - text));
        target += at - text;
        memcpy(target, new, new_length);
        target += new_length;
    }
    strcpy(target, text);
    return result;
}

// Compare two integers for qsort; subtracting them could overflow.
int compare_ints(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;
    return (a > b) - (a < b);
}

// Sort an array of strings in the order of their bytes with qsort.
int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// Find the index of a number in a sorted array by binary search, or -1.
ptrdiff_t binary_search(const int *items, size_t count, int wanted)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && items[low] == wanted ? (ptrdiff_t)low : -1;
}

// Append a number to an array that grows as needed (dynamic array, doubling its capacity).
bool append_int(int **items, size_t *count, size_t *capacity, int value)
{
    if (*count == *capacity) {
        size_t larger = *capacity == 0 ? 8 : *capacity * 2;
        int *moved = larger > SIZE_MAX / sizeof **items ? NULL
                                                        : realloc(*items, larger * sizeof **items);
        if (moved == NULL)
            return false;
        *items = moved;
        *capacity = larger;
    }
    (*items)[(*count)++] = value;
    return true;
}

// Hash a string for a hash table (FNV-1a, 64 bits).
uint64_t hash_string(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    return hash;
}

// Shuffle an array of integers into a random order (Fisher-Yates) with a given random source.
void shuffle_ints(int *items, size_t count, size_t (*random_below)(size_t limit))
{
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(i);
        int swapped = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swapped;
    }
}

// Encode bytes as hexadecimal digits; the target needs twice the length plus one.
void to_hex(const unsigned char *bytes, size_t length, char *target)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        *target++ = digits[bytes[i] >> 4];
        *target++ = digits[bytes[i] & 15];
    }
    *target = '\0';
}
