package recipes

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func equal(t *testing.T, actual, expected any) {
	t.Helper()
	if !reflect.DeepEqual(actual, expected) {
		t.Errorf("%v is not %v", actual, expected)
	}
}

func fails(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("the error is %v, which lacks %q", err, part)
	}
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	equal(t, AppendLine(path, "one"), nil)
	equal(t, AppendLine(path, "zwö"), nil)
	var lines []string
	equal(t, ReadLines(path, func(line string) error {
		lines = append(lines, line)
		return nil
	}), nil)
	equal(t, lines, []string{"one", "zwö"})
	stop := errors.New("stop")
	equal(t, ReadLines(path, func(string) error { return stop }), stop)
	equal(t, WriteFileAtomically(path, []byte("abc")), nil)
	hash, err := SHA256OfFile(path)
	equal(t, err, nil)
	equal(t, hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
	equal(t, os.Mkdir(filepath.Join(folder, "sub.txt"), 0o755), nil)
	if WriteFileAtomically(filepath.Join(folder, "sub.txt"), nil) == nil {
		t.Error("a folder was overwritten")
	}
	found, err := FindFiles(folder, ".txt")
	equal(t, err, nil)
	equal(t, found, []string{path})
	entries, _ := os.ReadDir(folder)
	equal(t, len(entries), 2)
	_, err = FindFiles(filepath.Join(folder, "none"), ".txt")
	fails(t, err, "none")
}

func TestData(t *testing.T) {
	type config struct{ Name string }
	path := filepath.Join(t.TempDir(), "a.json")
	os.WriteFile(path, []byte(`{"name": "x"}`), 0o600)
	value, err := ReadJSON[config](path)
	equal(t, value, config{"x"})
	equal(t, err, nil)
	os.WriteFile(path, []byte(`{"nam": "x"}`), 0o600)
	_, err = ReadJSON[config](path)
	fails(t, err, "a.json: json: unknown field")
	rows, err := ReadCSV(strings.NewReader("name,n\n\"Ada, L.\",1\n"))
	equal(t, rows, []map[string]string{{"name": "Ada, L.", "n": "1"}})
	equal(t, err, nil)
	_, err = ReadCSV(strings.NewReader("a,b\n1\n"))
	fails(t, err, "wrong number of fields")
	inside, err := ResolveInside("/srv", "a/../..b")
	equal(t, inside, "/srv/..b")
	equal(t, err, nil)
	for _, name := range []string{"..", "../x", "a/../../srv2"} {
		_, err = ResolveInside("/srv", name)
		fails(t, err, "outside")
	}
}

func TestPrograms(t *testing.T) {
	output, err := RunCommand("echo", "a b")
	equal(t, output, "a b\n")
	equal(t, err, nil)
	_, err = RunCommand("sh", "-c", "echo oh >&2; exit 3")
	fails(t, err, "exit status 3: oh")
	number, err := EnvInt("COOKBOOK_NONE", 7)
	equal(t, number, 7)
	equal(t, err, nil)
	t.Setenv("COOKBOOK_PORT", "80x")
	_, err = EnvInt("COOKBOOK_PORT", 7)
	fails(t, err, "COOKBOOK_PORT")
	port, verbose, rest, err := ParseFlags([]string{"-port", "80", "-verbose", "a"}, io.Discard)
	equal(t, []any{port, verbose, rest, err}, []any{80, true, []string{"a"}, nil})
	_, _, _, err = ParseFlags([]string{"-bad"}, io.Discard)
	fails(t, err, "not defined")
}

func TestCollections(t *testing.T) {
	words := []string{"apple", "bean", "avocado"}
	groups := GroupBy(words, func(word string) byte { return word[0] })
	equal(t, groups, map[byte][]string{'a': {"apple", "avocado"}, 'b': {"bean"}})
	equal(t, Map(words, func(word string) int { return len(word) }), []int{5, 4, 7})
	equal(t, Filter([]int{1, 2, 3}, func(n int) bool { return n > 1 }), []int{2, 3})
	equal(t, Unique([]int{3, 1, 3, 2, 1}), []int{3, 1, 2})
	chunks := Chunk([]int{1, 2, 3}, 2)
	equal(t, chunks, [][]int{{1, 2}, {3}})
	_ = append(chunks[0], 9)
	equal(t, chunks[1], []int{3})
	equal(t, SortedKeys(map[string]int{"b": 1, "a": 2}), []string{"a", "b"})
	equal(t, TopWords("The cat and the dog", 2), []string{"the", "and"})
	equal(t, Truncate("häuser", 3), "hä…")
	equal(t, Truncate("ä", 1), "ä")
	first, _ := RandomToken(32)
	second, err := RandomToken(32)
	equal(t, err, nil)
	if first == second || len(first) != 43 {
		t.Error(first, second)
	}
}

func TestTimes(t *testing.T) {
	moment, err := ParseISOTime("2024-05-01T14:30:00+02:00")
	equal(t, err, nil)
	text, err := FormatInZone(moment, "America/New_York")
	equal(t, text, "2024-05-01 08:30 EDT")
	equal(t, err, nil)
	_, err = ParseISOTime("2024-05-01T14:30:00")
	fails(t, err, "cannot parse")
	_, err = FormatInZone(moment, "No/Where")
	fails(t, err, "No/Where")
}

func TestRetries(t *testing.T) {
	calls := 0
	fail := func(times int) func() error {
		calls = 0
		return func() error {
			if calls++; calls <= times {
				return errors.New("no")
			}
			return nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	equal(t, Retry(ctx, 3, time.Millisecond, fail(2)), nil)
	fails(t, Retry(ctx, 3, time.Millisecond, fail(9)), "no")
	equal(t, calls, 3)
	cancel()
	equal(t, Retry(ctx, 3, time.Hour, fail(9)), context.Canceled)
}

func TestGoroutines(t *testing.T) {
	doubled := ParallelMap([]int{1, 2, 3, 4}, 2, func(n int) int { return 2 * n })
	equal(t, doubled, []int{2, 4, 6, 8})
	broken := errors.New("broken")
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	fail := func(context.Context) error { return broken }
	succeed := func(context.Context) error { return nil }
	equal(t, FirstError(context.Background(), wait, succeed, fail), broken)
	equal(t, FirstError(context.Background(), succeed), nil)
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	CallEvery(ctx, time.Millisecond, func() {
		if calls++; calls == 3 {
			cancel()
		}
	})
	if calls < 3 {
		t.Error(calls)
	}
	computed := 0
	double := Memoize(func(n int) int {
		computed++
		return 2 * n
	})
	equal(t, []int{double(2), double(2), double(3), computed}, []int{4, 4, 6, 2})
}

func TestHTTP(t *testing.T) {
	var logged bytes.Buffer
	release := make(chan struct{})
	routes := http.NewServeMux()
	routes.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "[1]") })
	routes.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	routes.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) { <-release })
	server := httptest.NewServer(LogRequests(routes, log.New(&logged, "", 0)))
	ctx := context.Background()
	numbers, err := GetJSON[[]int](ctx, server.URL+"/ok", time.Minute)
	equal(t, numbers, []int{1})
	equal(t, err, nil)
	_, err = GetJSON[int](ctx, server.URL+"/none", time.Minute)
	fails(t, err, "404")
	_, err = GetJSON[int](ctx, server.URL+"/slow", 10*time.Millisecond)
	fails(t, err, "deadline exceeded")
	answer, err := PostJSON(ctx, server.URL+"/echo", map[string]int{"a": 1})
	equal(t, string(answer), `{"a":1}`)
	equal(t, err, nil)
	_, err = PostJSON(ctx, server.URL+"/none", 1)
	fails(t, err, "404")
	close(release)
	server.Close()
	if !strings.Contains(logged.String(), "GET /ok ") {
		t.Error(logged.String())
	}
}

func TestShutdown(t *testing.T) {
	var started atomic.Bool
	server := &http.Server{Addr: "127.0.0.1:0"}
	server.RegisterOnShutdown(func() { started.Store(true) })
	time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(syscall.Getpid(), syscall.SIGTERM) })
	equal(t, ServeUntilStopped(server), nil)
	fails(t, ServeUntilStopped(&http.Server{Addr: "no port"}), "no port")
}
