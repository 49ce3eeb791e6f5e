// One program that holds all recipes, since they are not libraries of their own.
#include "../../../../context/dowse/context/cookbook/cpp/collections_and_threads.cpp"
#include "../../../../context/dowse/context/cookbook/cpp/files_and_text.cpp"

#undef NDEBUG
#include <cassert>
#include <iostream>

using Strings = std::vector<std::string>;
using Numbers = std::vector<int>;

template <typename Error, typename Action>
bool throws(Action action)
{
    try {
        action();
    } catch (const Error&) {
        return true;
    }
    return false;
}

static void test_files(const std::filesystem::path& folder)
{
    const auto path = folder / "a.txt";
    write_atomically(path, "one\n\ntwo");
    assert(read_file(path) == "one\n\ntwo");
    assert((read_lines(path) == Strings{"one", "", "two"}));
    std::filesystem::create_directory(folder / "sub");
    write_atomically(folder / "sub" / "b.txt", "");
    write_atomically(folder / "c.md", "");
    assert(find_files(folder, ".txt").size() == 2 && find_files(folder, ".txt")[0] == path);
    assert(throws<std::system_error>([&] { read_lines(folder / "none"); }));
    assert(throws<std::system_error>([&] { read_file(folder / "none"); }));
    assert(throws<std::ios_base::failure>([&] { write_atomically(folder / "none" / "a", "x"); }));
}

static void test_text()
{
    assert((split("a,,b", ',') == Strings{"a", "", "b"}));
    assert(split("", ',').size() == 1);
    assert(join({"a", "b", "a"}, ", ") == "a, b, a" && join({}, ",").empty());
    assert(trim(" \t a b\n") == "a b" && trim(" \n").empty());
    assert(to_lower("ABC-ä") == "abc-ä");
    assert(replace_all("aXbXX", "X", "XY") == "aXYbXYXY" && replace_all("a", "", "x") == "a");
    assert(parse_long("-42") == -42 && !parse_long("4x") && !parse_long(""));
    assert(!parse_long("99999999999999999999"));
    const std::chrono::system_clock::time_point moment{std::chrono::seconds(1714566601)};
    assert(format_utc(moment) == "2024-05-01T12:30:01Z");
    assert(environment_or("COOKBOOK_NONE", "x") == "x" && environment_or("PATH", "") != "");
    assert(crc32("123456789") == 0xCBF43926);
}

static void test_collections()
{
    const auto groups = group_by(Strings{"a", "bb", "c"}, [](const auto& s) { return s.size(); });
    assert((groups.at(1) == Strings{"a", "c"}) && groups.size() == 2);
    assert((unique_in_order(Numbers{3, 1, 3, 2, 1}) == Numbers{3, 1, 2}));
    std::vector<std::pair<std::string, int>> players{{"b", 1}, {"a", 1}, {"c", 2}};
    sort_by_score(players);
    assert(players[0].first == "c" && players[1].first == "a");
    assert((largest(Numbers{5, 1, 9, 7}, 2) == Numbers{9, 7}));
    assert((largest(Numbers{1}, 5) == Numbers{1}));
    Numbers numbers{1, 2, 3, 4};
    remove_if_matching(numbers, [](int n) { return n % 2 == 0; });
    assert((numbers == Numbers{1, 3}));
    for (int i = 0; i < 100; ++i) {
        const int number = random_int(2, 4);
        assert(number >= 2 && number <= 4);
    }
    LruCache<std::string, int> cache(2);
    cache.put("a", 1);
    cache.put("b", 2);
    assert(cache.get("a") == 1);
    cache.put("c", 3);
    cache.put("c", 4);
    assert(cache.get("a") == 1 && !cache.get("b") && cache.get("c") == 4);
}

static void test_threads()
{
    int calls = 0;
    const auto fail = [&](int times) {
        return [&calls, times] {
            if (++calls <= times) {
                throw std::runtime_error("no");
            }
            return calls;
        };
    };
    const std::chrono::milliseconds delay(1);
    assert(retry(3, delay, fail(2)) == 3);
    calls = 0;
    assert(throws<std::runtime_error>([&] { retry(3, delay, fail(9)); }) && calls == 3);
    Numbers items(200), doubled(200);
    for (int i = 0; i < 200; ++i) {
        items[i] = i;
        doubled[i] = 2 * i;
    }
    assert(parallel_map(items, 4, [](int n) { return 2 * n; }) == doubled);
    assert(throws<std::runtime_error>([&] {
        parallel_map(items, 2, [](int n) -> int { throw std::runtime_error(std::to_string(n)); });
    }));
    BlockingQueue<int> queue;
    auto sum = std::async(std::launch::async, [&] {
        int total = 0;
        while (const auto item = queue.pop()) {
            total += *item;
        }
        return total;
    });
    for (int i = 1; i <= 100; ++i) {
        queue.push(i);
    }
    queue.close();
    assert(sum.get() == 5050);
    assert(measure_seconds([&] { std::this_thread::sleep_for(delay); }) >= 0.001);
    bool cleaned = false;
    assert(throws<int>([&] {
        const ScopeExit guard([&] { cleaned = true; });
        throw 1;
    }));
    assert(cleaned);
}

int main(int argc, char* argv[])
{
    assert(argc == 2);
    test_files(argv[1]);
    test_text();
    test_collections();
    test_threads();
    std::cout << "passed\n";
}
