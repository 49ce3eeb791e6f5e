// SPDX-License-Identifier: CC0-1.0

package recipes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// GetJSON fetches JSON from a URL by HTTP GET with a timeout and decodes it into a type.
func GetJSON[T any](ctx context.Context, url string, timeout time.Duration) (T, error) {
	var value T
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return value, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return value, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return value, fmt.Errorf("%s answered %s", url, response.Status)
	}
	return value, json.NewDecoder(response.Body).Decode(&value)
}

// PostJSON sends a value as JSON by HTTP POST and returns the body of the answer.
func PostJSON(ctx context.Context, url string, value any) ([]byte, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

// Retry calls a function with exponential backoff until it succeeds or the attempts are used up.
func Retry(ctx context.Context, attempts int, delay time.Duration, action func() error) error {
	for attempt := 1; ; attempt++ {
		err := action()
		if err == nil || attempt >= attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
			delay *= 2
		}
	}
}

// ParallelMap runs a function over many items with a pool of workers; results keep the order.
func ParallelMap[T, R any](items []T, workers int, work func(T) R) []R {
	results := make([]R, len(items))
	indexes := make(chan int)
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := range indexes {
				results[index] = work(items[index])
			}
		}()
	}
	for index := range items {
		indexes <- index
	}
	close(indexes)
	group.Wait()
	return results
}

// FirstError runs functions concurrently, cancels the others when one fails and returns its error.
func FirstError(ctx context.Context, tasks ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(tasks))
	for _, task := range tasks {
		task := task
		go func() { results <- task(ctx) }()
	}
	var first error
	for range tasks {
		if err := <-results; err != nil && first == nil {
			first = err
			cancel()
		}
	}
	return first
}

// CallEvery calls a function periodically until the context is cancelled.
func CallEvery(ctx context.Context, interval time.Duration, action func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			action()
		}
	}
}

// Memoize caches the results of a function by its argument, safe for many goroutines.
func Memoize[K comparable, V any](compute func(K) V) func(K) V {
	var mutex sync.Mutex
	results := make(map[K]V)
	return func(key K) V {
		mutex.Lock()
		defer mutex.Unlock()
		if _, ok := results[key]; !ok {
			results[key] = compute(key)
		}
		return results[key]
	}
}

// LogRequests wraps an HTTP handler so that every request is logged with its duration (middleware).
func LogRequests(next http.Handler, logger *log.Logger) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		start := time.Now()
		next.ServeHTTP(writer, request)
		logger.Printf("%s %s %s", request.Method, request.URL.Path, time.Since(start))
	})
}

// ServeUntilStopped runs an HTTP server and shuts it down gracefully on Ctrl-C or SIGTERM.
func ServeUntilStopped(server *http.Server) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(limited); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
