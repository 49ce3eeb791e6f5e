import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Runs without a test framework: an AssertionError is a failure. */
public final class RecipesTest {
    public static void main(String[] arguments) throws Exception {
        files();
        collections();
        dates();
        concurrency();
        network();
        System.out.println("passed");
    }

    static void equal(Object actual, Object expected) {
        if (!expected.equals(actual)) {
            throw new AssertionError(actual + " is not " + expected);
        }
    }

    static void fails(Class<? extends Exception> type, Callable<?> action) {
        try {
            action.call();
        } catch (Exception error) {
            if (type.isInstance(error)) {
                return;
            }
            throw new AssertionError(error);
        }
        throw new AssertionError("no " + type);
    }

    static void files() throws Exception {
        Path folder = Files.createTempDirectory("cookbook");
        Path path = folder.resolve("a.txt");
        TextFiles.appendLine(path, "one");
        TextFiles.appendLine(path, "zwö");
        List<String> lines = new ArrayList<>();
        TextFiles.readLines(path, lines::add);
        equal(lines, List.of("one", "zwö"));
        TextFiles.writeAtomically(path, "abc");
        equal(
                TextFiles.sha256(path),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Path inner = Files.createDirectories(folder.resolve("sub.txt")).resolve("b.txt");
        Files.createFile(inner);
        equal(TextFiles.findFiles(folder, ".txt"), List.of(path, inner));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("/"));
        TextFiles.deleteFolder(folder);
        equal(Files.exists(folder), false);
    }

    static void collections() {
        List<String> words = List.of("apple", "bean", "avocado");
        equal(
                CollectionsAndText.groupBy(words, word -> word.charAt(0)),
                Map.of('a', List.of("apple", "avocado"), 'b', List.of("bean")));
        equal(CollectionsAndText.countWords("The cat, the"), Map.of("the", 2L, "cat", 1L));
        Map<String, Integer> sorted = CollectionsAndText.sortByValue(Map.of("a", 1, "b", 3, "c", 2));
        equal(new ArrayList<>(sorted.keySet()), List.of("b", "c", "a"));
        equal(
                CollectionsAndText.sortByLengthThenName(List.of("b", "cc", "a")),
                List.of("cc", "a", "b"));
        equal(CollectionsAndText.chunks(List.of(1, 2, 3), 2), List.of(List.of(1, 2), List.of(3)));
        var cache = new CollectionsAndText.LruCache<String, Integer>(2);
        cache.put("a", 1);
        cache.put("b", 2);
        cache.get("a");
        cache.put("c", 3);
        equal(cache.keySet().toString(), "[a, c]");
        var money = new CollectionsAndText.Money(1, "EUR");
        equal(money.plus(money), new CollectionsAndText.Money(2, "EUR"));
        fails(IllegalArgumentException.class, () -> new CollectionsAndText.Money(1, "euro"));
        fails(
                IllegalArgumentException.class,
                () -> money.plus(new CollectionsAndText.Money(1, "USD")));
        equal(CollectionsAndText.slugify(" Crème brûlée: 10 %! "), "creme-brulee-10");
    }

    static void dates() {
        Instant noon = Instant.parse("2024-05-01T12:30:00Z");
        equal(CollectionsAndText.parseIsoDateTime("2024-05-01T14:30:00+02:00"), noon);
        fails(
                DateTimeParseException.class,
                () -> CollectionsAndText.parseIsoDateTime("2024-05-01T14:30:00"));
        equal(CollectionsAndText.formatInZone(noon, "Europe/Berlin"), "1 May 2024 14:30");
        equal(
                CollectionsAndText.daysBetween(
                        LocalDate.of(2024, 2, 28), LocalDate.of(2024, 3, 1)),
                2L);
        equal(CollectionsAndText.formatDuration(Duration.ofSeconds(3723)), "1:02:03");
    }

    static void concurrency() throws Exception {
        List<Integer> numbers = List.of(1, 2, 3, 4);
        equal(
                ConcurrencyAndNetwork.mapInThreads(numbers, 2, n -> n * 2),
                List.of(2, 4, 6, 8));
        fails(
                ExecutionException.class,
                () -> ConcurrencyAndNetwork.mapInThreads(numbers, 2, n -> Integer.parseInt("x")));
        AtomicInteger calls = new AtomicInteger();
        Callable<Integer> flaky = () -> {
            if (calls.incrementAndGet() < 3) {
                throw new IOException("no");
            }
            return calls.get();
        };
        equal(ConcurrencyAndNetwork.retry(3, Duration.ofMillis(1), flaky), 3);
        calls.set(0);
        fails(
                IOException.class,
                () -> ConcurrencyAndNetwork.retry(2, Duration.ofMillis(1), flaky));
        CountDownLatch never = new CountDownLatch(1);
        String late = ConcurrencyAndNetwork.withTimeout(
                () -> {
                    try {
                        never.await();
                    } catch (InterruptedException error) {
                        Thread.currentThread().interrupt();
                    }
                    return "late";
                },
                Duration.ofMillis(5),
                "default");
        equal(late, "default");
        never.countDown();
        equal(ConcurrencyAndNetwork.withTimeout(() -> 1, Duration.ofSeconds(30), 0), 1);
        calls.set(0);
        Function<Integer, Integer> cached =
                ConcurrencyAndNetwork.memoize(n -> n + calls.incrementAndGet());
        equal(cached.apply(1) + cached.apply(1), 4);
        equal(ConcurrencyAndNetwork.runCommand(List.of("echo", "a b")), "a b\n");
        fails(IOException.class, () -> ConcurrencyAndNetwork.runCommand(List.of("false")));
        equal(ConcurrencyAndNetwork.requiredEnvironment("PATH").isEmpty(), false);
        fails(
                IllegalStateException.class,
                () -> ConcurrencyAndNetwork.requiredEnvironment("COOKBOOK_NONE"));
    }

    static void network() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = body.length > 0 ? body : "hello".getBytes();
            int status = exchange.getRequestURI().getPath().equals("/none") ? 404 : 200;
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Path folder = Files.createTempDirectory("cookbook");
        Path target = folder.resolve("a");
        try {
            equal(ConcurrencyAndNetwork.httpGet(url), "hello");
            fails(IOException.class, () -> ConcurrencyAndNetwork.httpGet(url + "/none"));
            equal(ConcurrencyAndNetwork.postJson(url, "{\"a\": 1}"), "{\"a\": 1}");
            fails(IOException.class, () -> ConcurrencyAndNetwork.postJson(url + "/none", "1"));
            ConcurrencyAndNetwork.download(url, target);
            equal(Files.readString(target), "hello");
            fails(
                    IOException.class,
                    () -> {
                        ConcurrencyAndNetwork.download(url + "/none", folder.resolve("b"));
                        return null;
                    });
            equal(TextFiles.findFiles(folder, ""), List.of(target));
        } finally {
            server.stop(0);
            TextFiles.deleteFolder(folder);
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("q", "ä &");
        parameters.put("n", "1");
        equal(ConcurrencyAndNetwork.queryString(parameters), "q=%C3%A4+%26&n=1");
    }
}
