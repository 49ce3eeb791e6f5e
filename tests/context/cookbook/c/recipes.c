// One program that holds all recipes, since they are not libraries of their own.
#include "../../../../context/dowse/context/cookbook/c/files_and_processes.c"
#include "../../../../context/dowse/context/cookbook/c/strings_and_data.c"

#undef NDEBUG
#include <assert.h>

static char seen[100];

static void note(const char *line, void *context)
{
    strcat(seen, line);
    strcat(seen, context);
}

static size_t last(size_t limit)
{
    return limit - 1;
}

static size_t first(size_t limit)
{
    return limit * 0;
}

static void test_files(const char *path)
{
    char large[10000];
    size_t length = 0;
    memset(large, 'x', sizeof large);
    assert(write_atomically(path, large, sizeof large) == 0);
    char *data = read_file(path, &length);
    assert(data != NULL && length == sizeof large && memcmp(data, large, length) == 0);
    assert(data[length] == '\0');
    free(data);
    assert(write_atomically(path, "one\n\ntwo", 8) == 0);
    assert(each_line(path, note, "|") == 0 && strcmp(seen, "one||two|") == 0);
    assert(write_atomically(path, "", 0) == 0);
    data = read_file(path, &length);
    assert(data != NULL && length == 0 && *data == '\0');
    free(data);
    assert(remove(path) == 0 && read_file(path, &length) == NULL);
    assert(each_line(path, note, "|") == -1);
    assert(write_atomically("/no/such/folder/x", "a", 1) == -1);
    assert(crc32_of("123456789", 9) == 0xCBF43926);
}

static void test_processes(void)
{
    char *success[] = {"true", NULL}, *failure[] = {"false", NULL}, *none[] = {"no-such", NULL};
    assert(run_program(success) == 0 && run_program(failure) == 1 && run_program(none) == 127);
    long port = 80;
    assert(env_number("COOKBOOK_PORT", 1, 65535, &port) && port == 80);
    setenv("COOKBOOK_PORT", "8080", 1);
    assert(env_number("COOKBOOK_PORT", 1, 65535, &port) && port == 8080);
    setenv("COOKBOOK_PORT", "80x", 1);
    assert(!env_number("COOKBOOK_PORT", 1, 65535, &port));
    setenv("COOKBOOK_PORT", "70000", 1);
    assert(!env_number("COOKBOOK_PORT", 1, 65535, &port) && port == 8080);
    char *arguments[] = {"program", "-vo", "out", "in", NULL};
    bool verbose = false;
    const char *output = NULL;
    assert(parse_options(4, arguments, &verbose, &output) == 3);
    assert(verbose && strcmp(output, "out") == 0);
    char text[21];
    assert(format_utc(1714566601, text) && strcmp(text, "2024-05-01T12:30:01Z") == 0);
    double start = monotonic_seconds();
    assert(monotonic_seconds() >= start);
}

static void test_strings(void)
{
    long number = 5;
    assert(parse_long("-42", &number) && number == -42);
    assert(!parse_long("", &number) && !parse_long("4x", &number));
    assert(!parse_long("99999999999999999999", &number) && number == -42);
    char padded[] = " \t a b \n", blank[] = "  ";
    assert(strcmp(trim(padded), "a b") == 0 && strcmp(trim(blank), "") == 0);
    char row[] = "a,,b,c", *parts[3];
    assert(split(row, ',', parts, 3) == 3);
    assert(strcmp(parts[0], "a") == 0 && *parts[1] == '\0' && strcmp(parts[2], "b,c") == 0);
    char *text = format_string("%s-%d", "a", 7);
    assert(strcmp(text, "a-7") == 0);
    free(text);
    text = replace_all("aXbXX", "X", "--");
    assert(strcmp(text, "a--b----") == 0);
    free(text);
    text = replace_all("abc", "", "x");
    assert(strcmp(text, "abc") == 0);
    free(text);
    char hex[7];
    to_hex((const unsigned char *)"\x00\xff\x1a", 3, hex);
    assert(strcmp(hex, "00ff1a") == 0);
    assert(hash_string("a") == 0xaf63dc4c8601ec8c);
}

static void test_arrays(void)
{
    int numbers[] = {5, -2147483647, 2147483647, 0};
    qsort(numbers, 4, sizeof *numbers, compare_ints);
    assert(numbers[0] == -2147483647 && numbers[1] == 0 && numbers[3] == 2147483647);
    assert(binary_search(numbers, 4, 5) == 2 && binary_search(numbers, 4, 6) == -1);
    assert(binary_search(numbers, 0, 5) == -1);
    const char *names[] = {"b", "a"};
    qsort(names, 2, sizeof *names, compare_strings);
    assert(strcmp(names[0], "a") == 0);
    int *items = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 100; i++)
        assert(append_int(&items, &count, &capacity, i));
    assert(count == 100 && items[99] == 99);
    free(items);
    int order[] = {1, 2, 3};
    shuffle_ints(order, 3, last);
    assert(order[0] == 1 && order[2] == 3);
    shuffle_ints(order, 3, first);
    assert(order[0] == 2 && order[1] == 3 && order[2] == 1);
}

int main(int argc, char *argv[])
{
    assert(argc == 2);
    test_files(argv[1]);
    test_processes();
    test_strings();
    test_arrays();
    puts("passed");
    return 0;
}
