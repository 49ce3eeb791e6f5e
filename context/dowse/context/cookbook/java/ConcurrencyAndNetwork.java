// SPDX-License-Identifier: CC0-1.0
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

final class ConcurrencyAndNetwork {
    /** Runs a function over many items in a pool of threads; results keep the order. */
    static <T, R> List<R> mapInThreads(List<T> items, int threads, Function<T, R> work)
            throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<R>> tasks =
                    items.stream().<Callable<R>>map(item -> () -> work.apply(item)).toList();
            List<R> results = new ArrayList<>();
            for (Future<R> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    /** Retries an action with exponential backoff on I/O errors until the attempts are used up. */
    static <T> T retry(int attempts, Duration delay, Callable<T> action) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return action.call();
            } catch (IOException error) {
                if (attempt >= attempts) {
                    throw error;
                }
                Thread.sleep(delay.toMillis() << (attempt - 1));
            }
        }
    }

    /** Computes a value in the background and gives a default when it takes too long. */
    static <T> T withTimeout(Supplier<T> action, Duration limit, T fallback) {
        return CompletableFuture.supplyAsync(action)
                .completeOnTimeout(fallback, limit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** Caches the results of a function by its argument, safe for many threads (memoize). */
    static <T, R> Function<T, R> memoize(Function<T, R> function) {
        Map<T, R> results = new ConcurrentHashMap<>();
        return argument -> results.computeIfAbsent(argument, function);
    }

    /** Fetches a URL by HTTP GET with timeouts; a status other than 200 is an error. */
    static String httpGet(String url) throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
        HttpResponse<String> response =
                client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(url + " answered " + response.statusCode());
        }
        return response.body();
    }

    /** Sends JSON to a URL by HTTP POST and returns the body of the answer. */
    static String postJson(String url, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IOException(url + " answered " + response.statusCode());
        }
        return response.body();
    }

    /** Downloads a file by HTTP to disk; it gets its name only when it is complete. */
    static void download(String url, Path target) throws IOException, InterruptedException {
        Path partial = target.resolveSibling(target.getFileName() + ".part");
        try {
            HttpResponse<Path> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.ofFile(partial));
            if (response.statusCode() != 200) {
                throw new IOException(url + " answered " + response.statusCode());
            }
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Builds the query string of a URL from parameters, properly encoded. */
    static String queryString(Map<String, String> parameters) {
        Function<String, String> encode = text -> URLEncoder.encode(text, StandardCharsets.UTF_8);
        return parameters.entrySet().stream()
                .map(entry -> encode.apply(entry.getKey()) + "=" + encode.apply(entry.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** Runs a program and returns its output with the errors among it; a failure raises. */
    static String runCommand(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(command.get(0) + " failed with " + status + ": " + output);
        }
        return output;
    }

    /** Reads an environment variable that must be set and not empty. */
    static String requiredEnvironment(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException("the environment variable " + name + " is not set");
        }
        return value;
    }
}
