// SPDX-License-Identifier: CC0-1.0
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Read a whole file into memory, with a final zero byte; the caller frees it, NULL is an error.
char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t used = 0, capacity = 4096;
    char *data = malloc(capacity);
    while (data != NULL) {
        used += fread(data + used, 1, capacity - used - 1, file);
        if (used < capacity - 1)
            break;
        capacity *= 2;
        char *larger = realloc(data, capacity);
        if (larger == NULL)
            free(data);
        data = larger;
    }
    if (data != NULL && ferror(file)) {
        free(data);
        data = NULL;
    }
    fclose(file);
    if (data != NULL) {
        data[used] = '\0';
        *length = used;
    }
    return data;
}

// Read a text file line by line with getline and call a function for each line, without newline.
int each_line(const char *path, void (*action)(const char *line, void *context), void *context)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, file)) != -1) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        action(line, context);
    }
    int result = ferror(file) ? -1 : 0;
    free(line);
    fclose(file);
    return result;
}

// Write data to a file atomically: readers see the old content or the new one, never a half.
int write_atomically(const char *path, const void *data, size_t length)
{
    char temporary[4096];
    int size = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (size < 0 || (size_t)size >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return -1;
    }
    FILE *file = fopen(temporary, "wb");
    if (file == NULL)
        return -1;
    bool written = fwrite(data, 1, length, file) == length && fflush(file) == 0
                   && fsync(fileno(file)) == 0;
    written = fclose(file) == 0 && written;
    if (written && rename(temporary, path) == 0)
        return 0;
    remove(temporary);
    return -1;
}

// Calculate the CRC-32 checksum of data, as zip and PNG use it.
uint32_t crc32_of(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
    }
    return ~crc;
}

// Run a program without a shell, wait for it and return its exit status, or -1.
int run_program(char *const arguments[])
{
    pid_t child = fork();
    if (child == -1)
        return -1;
    if (child == 0) {
        execvp(arguments[0], arguments);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) == -1) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Read an environment variable as a number in a range, or use a default when it is not set.
bool env_number(const char *name, long minimum, long maximum, long *value)
{
    const char *text = getenv(name);
    if (text == NULL)
        return true;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < minimum || number > maximum)
        return false;
    *value = number;
    return true;
}

// Parse command-line options with getopt: a flag -v and an option -o with a value.
int parse_options(int argc, char *argv[], bool *verbose, const char **output)
{
    int option;
    while ((option = getopt(argc, argv, "vo:")) != -1) {
        switch (option) {
        case 'v':
            *verbose = true;
            break;
        case 'o':
            *output = optarg;
            break;
        default:
            fprintf(stderr, "usage: %s [-v] [-o FILE] INPUT...\n", argv[0]);
            return -1;
        }
    }
    return optind;
}

// Format a time as an ISO 8601 date and time in UTC; the buffer needs 21 bytes.
bool format_utc(time_t moment, char buffer[static 21])
{
    struct tm parts;
    return gmtime_r(&moment, &parts) != NULL
           && strftime(buffer, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) != 0;
}

// Measure elapsed time in seconds with a clock that never goes back.
double monotonic_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
