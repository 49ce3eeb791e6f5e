// SPDX-License-Identifier: CC0-1.0

package recipes

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// ReadLines reads a text file line by line without loading it into memory, and calls a function
// for each line. Lines longer than a megabyte are an error.
func ReadLines(path string, handle func(line string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 0, 64*1024), 1024*1024)
	for scanner.Scan() {
		if err := handle(scanner.Text()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// WriteFileAtomically writes a file so that readers see the old content or the new one, never a
// half.
func WriteFileAtomically(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".write-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	if _, err = file.Write(data); err != nil {
		return err
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// AppendLine appends a line to a file, which is created when it does not exist.
func AppendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(file, line); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// FindFiles finds all files below a folder, recursively, with a given extension such as ".go".
func FindFiles(root, extension string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && filepath.Ext(path) == extension {
			found = append(found, path)
		}
		return err
	})
	return found, err
}

// SHA256OfFile calculates the SHA-256 checksum of a file without loading it into memory.
func SHA256OfFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// ReadJSON reads a JSON file into a value of any type; unknown fields are an error.
func ReadJSON[T any](path string) (T, error) {
	var value T
	file, err := os.Open(path)
	if err != nil {
		return value, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

// ReadCSV reads a CSV file with a header row into a slice of maps.
func ReadCSV(reader io.Reader) ([]map[string]string, error) {
	rows, err := csv.NewReader(reader).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	records := make([]map[string]string, 0, len(rows)-1)
	for _, row := range rows[1:] {
		record := make(map[string]string, len(row))
		for column, name := range rows[0] {
			record[name] = row[column]
		}
		records = append(records, record)
	}
	return records, nil
}

// ResolveInside joins a path given by a user to a folder safely, so that "../" cannot leave it.
func ResolveInside(folder, name string) (string, error) {
	path := filepath.Join(folder, name)
	inside, err := filepath.Rel(folder, path)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%q lies outside of %s", name, folder)
	}
	return path, nil
}

// RunCommand runs a program and returns its standard output; a failure holds its error output.
func RunCommand(name string, arguments ...string) (string, error) {
	var errors strings.Builder
	command := exec.Command(name, arguments...)
	command.Stderr = &errors
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(errors.String()))
	}
	return string(output), nil
}

// EnvInt reads an environment variable as a number, or a default when it is not set.
func EnvInt(name string, fallback int) (int, error) {
	text, ok := os.LookupEnv(name)
	if !ok {
		return fallback, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("the environment variable %s: %w", name, err)
	}
	return number, nil
}
