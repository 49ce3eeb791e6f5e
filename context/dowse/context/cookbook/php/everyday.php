<?php
// SPDX-License-Identifier: CC0-1.0

declare(strict_types=1);

/** Read a text file line by line without loading it into memory (generator). */
function read_lines(string $path): Generator
{
    $file = fopen($path, 'rb');
    if ($file === false) {
        throw new RuntimeException("cannot read $path");
    }
    try {
        while (($line = fgets($file)) !== false) {
            yield rtrim($line, "\r\n");
        }
    } finally {
        fclose($file);
    }
}

/** Write a file atomically: readers see the old content or the new one, never a half. */
function write_atomically(string $path, string $content): void
{
    $temporary = tempnam(dirname($path), '.write');
    if (
        $temporary === false
        || file_put_contents($temporary, $content) !== strlen($content)
        || !rename($temporary, $path)
    ) {
        if ($temporary !== false) {
            unlink($temporary);
        }
        throw new RuntimeException("cannot write $path");
    }
}

/** Find all files below a folder, recursively, with a given extension such as "php". */
function find_files(string $root, string $extension): array
{
    $options = FilesystemIterator::SKIP_DOTS;
    $entries = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($root, $options));
    $found = [];
    foreach ($entries as $entry) {
        if ($entry->isFile() && $entry->getExtension() === $extension) {
            $found[] = $entry->getPathname();
        }
    }
    sort($found);
    return $found;
}

/** Read and parse a JSON file into arrays; a broken one throws. */
function read_json(string $path): mixed
{
    $text = file_get_contents($path);
    if ($text === false) {
        throw new RuntimeException("cannot read $path");
    }
    return json_decode($text, associative: true, flags: JSON_THROW_ON_ERROR);
}

/** Read a CSV file with a header row into an array of associative arrays. */
function read_csv(string $path): array
{
    $file = new SplFileObject($path);
    $file->setFlags(
        SplFileObject::READ_CSV | SplFileObject::READ_AHEAD
        | SplFileObject::SKIP_EMPTY | SplFileObject::DROP_NEW_LINE
    );
    $file->setCsvControl(',', '"', '');
    $header = null;
    $rows = [];
    foreach ($file as $row) {
        if ($header === null) {
            $header = $row;
        } else {
            $rows[] = array_combine($header, $row);
        }
    }
    return $rows;
}

/** Fetch a URL by HTTP GET with a timeout; an error status throws. */
function http_get(string $url, float $timeout = 10.0): string
{
    $context = stream_context_create(['http' => ['timeout' => $timeout]]);
    $body = @file_get_contents($url, false, $context);
    if ($body === false) {
        throw new RuntimeException("$url: " . (error_get_last()['message'] ?? 'no answer'));
    }
    return $body;
}

/** Send JSON by HTTP POST and parse the JSON answer. */
function post_json(string $url, mixed $data, float $timeout = 10.0): mixed
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => "Content-Type: application/json\r\nAccept: application/json",
        'content' => json_encode($data, JSON_THROW_ON_ERROR),
        'timeout' => $timeout,
    ]]);
    $body = @file_get_contents($url, false, $context);
    if ($body === false) {
        throw new RuntimeException("$url: " . (error_get_last()['message'] ?? 'no answer'));
    }
    return json_decode($body, associative: true, flags: JSON_THROW_ON_ERROR);
}

/** Retry a function with exponential backoff when it throws, until the attempts are used up. */
function retry(int $attempts, int $delayMilliseconds, callable $action): mixed
{
    for ($attempt = 1; ; $attempt++) {
        try {
            return $action($attempt);
        } catch (RuntimeException $error) {
            if ($attempt >= $attempts) {
                throw $error;
            }
        }
        usleep($delayMilliseconds * 1000 * 2 ** ($attempt - 1));
    }
}

/** Query a database with PDO by a prepared statement, which prevents SQL injection. */
function query(PDO $database, string $sql, array $parameters = []): array
{
    $statement = $database->prepare($sql);
    $statement->execute($parameters);
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

/** Group the items of an array by a key function. */
function group_by(array $items, callable $key): array
{
    $groups = [];
    foreach ($items as $item) {
        $groups[$key($item)][] = $item;
    }
    return $groups;
}

/** Sort an array of associative arrays by several keys; a key with `-` in front descends. */
function sort_by_keys(array $rows, string ...$keys): array
{
    usort($rows, function (array $a, array $b) use ($keys): int {
        foreach ($keys as $key) {
            $name = ltrim($key, '-');
            $order = $a[$name] <=> $b[$name];
            if ($order !== 0) {
                return $key[0] === '-' ? -$order : $order;
            }
        }
        return 0;
    });
    return $rows;
}

/** Escape a text for HTML, against script injection. */
function escape_html(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

/** Check that a string is a valid e-mail address. */
function is_valid_email(string $address): bool
{
    return filter_var($address, FILTER_VALIDATE_EMAIL) !== false;
}

/** Parse an ISO 8601 date and time with time zone and convert it to another zone. */
function parse_iso_time(string $text, string $zone = 'UTC'): DateTimeImmutable
{
    $moment = DateTimeImmutable::createFromFormat(DateTimeInterface::ATOM, $text);
    if ($moment === false) {
        throw new InvalidArgumentException("$text is no ISO 8601 time");
    }
    return $moment->setTimezone(new DateTimeZone($zone));
}

/** Generate a secure random token of hexadecimal digits. */
function random_token(int $bytes = 32): string
{
    return bin2hex(random_bytes($bytes));
}

/** Check a password against its stored hash and hash it anew when the algorithm is outdated. */
function check_password(string $password, string $hash, callable $store): bool
{
    if (!password_verify($password, $hash)) {
        return false;
    }
    if (password_needs_rehash($hash, PASSWORD_DEFAULT)) {
        $store(password_hash($password, PASSWORD_DEFAULT));
    }
    return true;
}
