// SPDX-License-Identifier: CC0-1.0
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// Read a text file line by line into a vector of strings; a missing file throws.
std::vector<std::string> read_lines(const std::filesystem::path& path)
{
    std::ifstream file(path);
    if (!file) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(std::move(line));
    }
    return lines;
}

/// Read a whole file into a string, byte by byte as it is.
std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Write a file atomically: readers see the old content or the new one, never a half.
void write_atomically(const std::filesystem::path& path, std::string_view content)
{
    auto temporary = path;
    temporary += ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.exceptions(std::ios::failbit | std::ios::badbit);
        file.write(content.data(), static_cast<std::streamsize>(content.size()));
        file.close();
    }
    std::filesystem::rename(temporary, path);
}

/// Find all files below a folder, recursively, with a given extension such as ".txt".
std::vector<std::filesystem::path> find_files(
    const std::filesystem::path& root, const std::string& extension)
{
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && entry.path().extension() == extension) {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Split a string at a delimiter; empty parts count.
std::vector<std::string> split(std::string_view text, char delimiter)
{
    std::vector<std::string> parts;
    for (;;) {
        const auto end = text.find(delimiter);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// Join strings with a separator.
std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string result;
    for (const auto& part : parts) {
        if (&part != &parts.front()) {
            result += separator;
        }
        result += part;
    }
    return result;
}

/// Remove white space from both ends of a string (trim).
std::string_view trim(std::string_view text)
{
    constexpr std::string_view space = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// Convert a string to lower case (ASCII letters).
std::string to_lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// Replace every occurrence of a text in a string.
std::string replace_all(std::string text, std::string_view old, std::string_view replacement)
{
    if (old.empty()) {
        return text;
    }
    for (auto at = text.find(old); at != std::string::npos;
         at = text.find(old, at + replacement.size())) {
        text.replace(at, old.size(), replacement);
    }
    return text;
}

/// Convert a string to an integer; std::nullopt for anything but a whole number in range.
std::optional<long> parse_long(std::string_view text)
{
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// Format a time point as an ISO 8601 date and time in UTC (POSIX).
std::string format_utc(std::chrono::system_clock::time_point moment)
{
    const auto seconds = std::chrono::system_clock::to_time_t(moment);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::ostringstream text;
    text << std::put_time(&parts, "%Y-%m-%dT%H:%M:%SZ");
    return text.str();
}

/// Read an environment variable, or a default when it is not set.
std::string environment_or(const std::string& name, std::string fallback)
{
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::move(fallback) : std::string(value);
}

/// Calculate the CRC-32 checksum of data, as zip and PNG use it.
std::uint32_t crc32(std::string_view data)
{
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : data) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
    }
    return ~crc;
}
