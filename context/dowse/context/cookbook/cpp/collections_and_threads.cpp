// SPDX-License-Identifier: CC0-1.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

/// Group the items of a vector by a key function into a map of vectors.
template <typename T, typename Key>
auto group_by(const std::vector<T>& items, Key key)
{
    std::map<std::invoke_result_t<Key, const T&>, std::vector<T>> groups;
    for (const auto& item : items) {
        groups[key(item)].push_back(item);
    }
    return groups;
}

/// Remove duplicates from a vector while keeping the order of first occurrence.
template <typename T>
std::vector<T> unique_in_order(const std::vector<T>& items)
{
    std::unordered_set<T> seen;
    std::vector<T> result;
    for (const auto& item : items) {
        if (seen.insert(item).second) {
            result.push_back(item);
        }
    }
    return result;
}

/// Sort records by several keys: the score descending, then the name ascending.
void sort_by_score(std::vector<std::pair<std::string, int>>& players)
{
    std::sort(players.begin(), players.end(), [](const auto& a, const auto& b) {
        return std::tie(b.second, a.first) < std::tie(a.second, b.first);
    });
}

/// Find the N largest items of a vector, largest first, without sorting all of them.
template <typename T>
std::vector<T> largest(std::vector<T> items, std::size_t count)
{
    count = std::min(count, items.size());
    const auto middle = items.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(items.begin(), middle, items.end(), std::greater<>());
    items.erase(middle, items.end());
    return items;
}

/// Remove the items of a vector that match a condition (erase-remove idiom).
template <typename T, typename Test>
void remove_if_matching(std::vector<T>& items, Test test)
{
    items.erase(std::remove_if(items.begin(), items.end(), test), items.end());
}

/// Generate a random integer in a range, both ends included, from a well-seeded generator.
int random_int(int low, int high)
{
    thread_local std::mt19937 generator(std::random_device{}());
    return std::uniform_int_distribution<int>(low, high)(generator);
}

/// A cache of limited size that drops the least recently used entry (LRU).
template <typename Key, typename Value>
class LruCache {
public:
    explicit LruCache(std::size_t size) : size_(size) {}

    std::optional<Value> get(const Key& key)
    {
        const auto found = index_.find(key);
        if (found == index_.end()) {
            return std::nullopt;
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->second;
    }

    void put(const Key& key, Value value)
    {
        if (const auto found = index_.find(key); found != index_.end()) {
            entries_.erase(found->second);
        }
        entries_.emplace_front(key, std::move(value));
        index_[key] = entries_.begin();
        if (entries_.size() > size_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
    }

private:
    std::size_t size_;
    std::list<std::pair<Key, Value>> entries_;
    std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator> index_;
};

/// Retry a function with exponential backoff while it throws, until the attempts are used up.
template <typename Action>
auto retry(int attempts, std::chrono::milliseconds delay, Action action) -> decltype(action())
{
    for (int attempt = 1;; ++attempt) {
        try {
            return action();
        } catch (const std::exception&) {
            if (attempt >= attempts) {
                throw;
            }
        }
        std::this_thread::sleep_for(delay * (1 << (attempt - 1)));
    }
}

/// Run a function over many items in several threads (worker pool); results keep the order.
template <typename T, typename Work>
auto parallel_map(const std::vector<T>& items, unsigned workers, Work work)
{
    std::vector<std::invoke_result_t<Work, const T&>> results(items.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::future<void>> pool;
    for (unsigned worker = 0; worker < std::max(workers, 1u); ++worker) {
        pool.push_back(std::async(std::launch::async, [&] {
            for (std::size_t i = next++; i < items.size(); i = next++) {
                results[i] = work(items[i]);
            }
        }));
    }
    for (auto& running : pool) {
        running.get();
    }
    return results;
}

/// A queue through which threads hand items to others; `pop` waits, and ends after `close`.
template <typename T>
class BlockingQueue {
public:
    void push(T item)
    {
        {
            const std::lock_guard lock(mutex_);
            items_.push_back(std::move(item));
        }
        changed_.notify_one();
    }

    std::optional<T> pop()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) {
            return std::nullopt;
        }
        T item = std::move(items_.front());
        items_.pop_front();
        return item;
    }

    void close()
    {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> items_;
    bool closed_ = false;
};

/// Measure how long a function takes, in seconds.
template <typename Action>
double measure_seconds(Action action)
{
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Run a clean-up function at the end of the scope, also after an exception (RAII guard).
template <typename Action>
class ScopeExit {
public:
    explicit ScopeExit(Action action) : action_(std::move(action)) {}
    ScopeExit(const ScopeExit&) = delete;
    ScopeExit& operator=(const ScopeExit&) = delete;
    ~ScopeExit() { action_(); }

private:
    Action action_;
};
