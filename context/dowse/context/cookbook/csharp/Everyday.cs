// SPDX-License-Identifier: CC0-1.0
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

public static class Everyday
{
    /// <summary>Read a text file line by line and count the lines with a word.</summary>
    public static int CountLinesWith(string path, string word)
    {
        return File.ReadLines(path).Count(line => line.Contains(word, StringComparison.Ordinal));
    }

    /// <summary>Write a file atomically: readers see the old content or the new one.</summary>
    public static void WriteAtomically(string path, string text)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Find all files below a folder, recursively, that match a pattern.</summary>
    public static List<string> FindFiles(string root, string pattern = "*.cs")
    {
        var files = Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories);
        return files.OrderBy(path => path, StringComparer.Ordinal).ToList();
    }

    /// <summary>Calculate the SHA-256 checksum of a file without loading it into memory.</summary>
    public static string Sha256OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        using var algorithm = SHA256.Create();
        return Convert.ToHexString(algorithm.ComputeHash(stream)).ToLowerInvariant();
    }

    /// <summary>Read a JSON file into an object, with property names in any case.</summary>
    public static T ReadJson<T>(string path)
    {
        var options = new JsonSerializerOptions { PropertyNameCaseInsensitive = true };
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<T>(stream, options)
            ?? throw new InvalidDataException($"{path} holds null");
    }

    /// <summary>Fetch a URL by HTTP GET with a timeout; an error status throws.</summary>
    public static async Task<string> GetTextAsync(HttpClient client, string url, TimeSpan timeout)
    {
        using var cancellation = new CancellationTokenSource(timeout);
        using var response = await client.GetAsync(url, cancellation.Token);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(cancellation.Token);
    }

    /// <summary>Retry an async action with exponential backoff when it throws.</summary>
    public static async Task<T> RetryAsync<T>(
        Func<Task<T>> action, int attempts = 3, int delayMilliseconds = 200)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await action();
            }
            catch (Exception) when (attempt < attempts)
            {
                await Task.Delay(delayMilliseconds << (attempt - 1));
            }
        }
    }

    /// <summary>Run an async function over many items with limited concurrency, in order.</summary>
    public static async Task<TResult[]> MapAsync<T, TResult>(
        IEnumerable<T> items, int limit, Func<T, Task<TResult>> work)
    {
        using var free = new SemaphoreSlim(limit);
        var tasks = items.Select(async item =>
        {
            await free.WaitAsync();
            try
            {
                return await work(item);
            }
            finally
            {
                free.Release();
            }
        });
        return await Task.WhenAll(tasks);
    }

    /// <summary>Group the items of a list by a key into a dictionary of lists.</summary>
    public static Dictionary<TKey, List<T>> GroupToDictionary<T, TKey>(
        IEnumerable<T> items, Func<T, TKey> key)
        where TKey : notnull
    {
        return items.GroupBy(key).ToDictionary(group => group.Key, group => group.ToList());
    }

    /// <summary>Sort people by several keys: the score descending, then the name.</summary>
    public static List<(string Name, int Score)> SortByScore(
        IEnumerable<(string Name, int Score)> players)
    {
        return players
            .OrderByDescending(player => player.Score)
            .ThenBy(player => player.Name, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Parse an ISO 8601 date and time with time zone.</summary>
    public static DateTimeOffset ParseIsoTime(string text)
    {
        string[] formats = { "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK" };
        return DateTimeOffset.ParseExact(
            text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    /// <summary>Run a program and return its output; a failure throws.</summary>
    public static async Task<string> RunCommandAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"{program} did not start");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} failed: {process.ExitCode}");
    }

    /// <summary>Read an environment variable that must be set.</summary>
    public static string RequiredEnvironment(string name)
    {
        return Environment.GetEnvironmentVariable(name)
            ?? throw new InvalidOperationException($"the environment variable {name} is not set");
    }
}
