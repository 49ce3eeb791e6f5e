<?php

declare(strict_types=1);

require __DIR__ . '/../../../../context/dowse/context/cookbook/php/everyday.php';

set_error_handler(function (int $level, string $message): bool {
    return (error_reporting() & $level) === 0 || throw new ErrorException($message);
});

function equal(mixed $actual, mixed $expected): void
{
    if ($actual !== $expected) {
        throw new LogicException(json_encode($actual) . ' is not ' . json_encode($expected));
    }
}

function fails(string $type, callable $action): void
{
    try {
        $action();
    } catch (Throwable $error) {
        if ($error instanceof $type) {
            return;
        }
        throw $error;
    }
    throw new LogicException("no $type");
}

$folder = $argv[1];
$path = "$folder/a.txt";
write_atomically($path, "one\r\n\nzwö");
equal(iterator_to_array(read_lines($path)), ['one', '', 'zwö']);
mkdir("$folder/sub");
touch("$folder/sub/b.txt");
touch("$folder/c.md");
equal(find_files($folder, 'txt'), [$path, "$folder/sub/b.txt"]);
write_atomically($path, '{"a": [1]}');
equal(read_json($path), ['a' => [1]]);
equal(http_get($path), '{"a": [1]}');
write_atomically($path, '{');
fails(JsonException::class, fn () => read_json($path));
write_atomically($path, "name,n\n\"Ada \"\"L\"\", x\",1\n");
equal(read_csv($path), [['name' => 'Ada "L", x', 'n' => '1']]);

$code = 'echo file_get_contents("php://input");';
file_put_contents("$folder/index.php", "<?php if (\$_SERVER['REQUEST_URI'] === '/none') http_response_code(404); else $code");
$port = 20000 + getmypid() % 20000;
$command = [PHP_BINARY, '-n', '-S', "127.0.0.1:$port", "$folder/index.php"];
$server = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
$url = "http://127.0.0.1:$port";
try {
    retry(8, 20, fn () => http_get($url));
    equal(post_json($url, ['a' => 'ä']), ['a' => 'ä']);
    fails(RuntimeException::class, fn () => http_get("$url/none"));
    fails(RuntimeException::class, fn () => post_json("$url/none", 1));
} finally {
    proc_terminate($server);
}

$flaky = fn (int $n) => fn (int $attempt) => $attempt < $n ? throw new RuntimeException() : $attempt;
equal(retry(3, 1, $flaky(3)), 3);
fails(RuntimeException::class, fn () => retry(3, 1, $flaky(4)));
if (extension_loaded('pdo_sqlite')) {
    $database = new PDO('sqlite::memory:');
    equal(query($database, 'SELECT ? AS a', ["'; --"]), [['a' => "'; --"]]);
}
equal(group_by(['a', 'bb', 'c'], 'strlen'), [1 => ['a', 'c'], 2 => ['bb']]);
$rows = [['n' => 'b', 'a' => 1], ['n' => 'a', 'a' => 1], ['n' => 'c', 'a' => 2]];
equal(array_column(sort_by_keys($rows, '-a', 'n'), 'n'), ['c', 'a', 'b']);
equal(escape_html('<a href="x">\'&'), '&lt;a href=&quot;x&quot;&gt;&#039;&amp;');
equal([is_valid_email('ada@example.org'), is_valid_email('ada@')], [true, false]);
$moment = parse_iso_time('2024-05-01T12:30:00Z', 'Europe/Berlin');
equal($moment->format('c'), '2024-05-01T14:30:00+02:00');
fails(InvalidArgumentException::class, fn () => parse_iso_time('2024-05-01'));
equal(strlen(random_token()), 64);
$stored = null;
$store = function (string $hash) use (&$stored): void {
    $stored = $hash;
};
equal(check_password('secret', password_hash('secret', PASSWORD_DEFAULT), $store), true);
equal($stored, null);
$old = password_hash('secret', PASSWORD_BCRYPT, ['cost' => 4]);
equal(check_password('Secret', $old, $store), false);
equal(check_password('secret', $old, $store), true);
equal(password_verify('secret', $stored), true);
echo "passed\n";
