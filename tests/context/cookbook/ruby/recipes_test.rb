# frozen_string_literal: true

require "socket"
require "tmpdir"
require_relative "../../../../context/dowse/context/cookbook/ruby/everyday"

def equal(actual, expected)
  raise "#{actual.inspect} is not #{expected.inspect}" unless actual == expected
end

def fails(type, pattern = //)
  yield
rescue type => e
  raise "#{e.message} does not match" unless e.message.match?(pattern)
else
  raise "no #{type}"
end

Dir.mktmpdir do |folder|
  path = File.join(folder, "a.txt")
  write_atomically(path, "one\nzwö")
  lines = []
  each_line_of(path) { |line| lines << line }
  equal(lines, %w[one zwö])
  fails(SystemCallError) { write_atomically(folder, "x") }
  FileUtils.mkdir(File.join(folder, "sub.txt"))
  File.write(File.join(folder, "sub.txt", "b.txt"), "")
  equal(find_files(folder, ".txt"), [path, File.join(folder, "sub.txt", "b.txt")])
  write_atomically(path, "abc")
  equal(sha256_of_file(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  fails(ArgumentError, /a\.txt is no valid JSON/) { read_json(path) }
  File.write(path, '{"a": [1]}')
  equal(read_json(path), { "a" => [1] })
  File.write(path, "\uFEFFname,n\n\"Ada, L.\",1\n")
  equal(read_csv(path), [{ "name" => "Ada, L.", "n" => "1" }])
end

equal(resolve_inside("/srv", "a/../..b"), "/srv/..b")
["..", "../x", "/etc", "../srv2"].each do |name|
  fails(ArgumentError, /outside/) { resolve_inside("/srv", name) }
end

server = TCPServer.new("127.0.0.1", 0)
Thread.new do
  loop do
    client = server.accept
    missing = client.gets.include?("/none")
    while client.gets.strip != ""; end
    client.write("HTTP/1.0 #{missing ? '404 None' : '200 OK'}\r\nContent-Length: 5\r\n\r\nhello")
    client.close
  end
end
url = "http://127.0.0.1:#{server.addr[1]}"
equal(http_get("#{url}/a?b=1"), "hello")
fails(IOError, /404/) { http_get("#{url}/none") }

fail_until = ->(number) { ->(attempt) { attempt < number ? raise(IOError, "no") : attempt } }
equal(with_retries(delay: 0.001, &fail_until.call(3)), 3)
fails(IOError) { with_retries(delay: 0.001, &fail_until.call(4)) }
equal(map_in_threads([1, 2, nil, 4], workers: 2) { |n| n.to_i * 2 }, [2, 4, 0, 8])
equal(run_command("echo", "a b"), "a b\n")
fails(IOError, /oh/) { run_command("sh", "-c", "echo oh >&2; exit 3") }
equal(parse_options(%w[-v a --output x b]), [{ verbose: true, output: "x" }, %w[a b]])
fails(OptionParser::InvalidOption) { parse_options(%w[--bad]) }

players = [{ name: "b", score: 1 }, { name: "a", score: 1 }, { name: "c", score: 2 }]
equal(sort_by_score(players).map { |player| player[:name] }, %w[c a b])
equal(top_words("The cat, the", 1), [["the", 2]])
equal(deep_merge({ a: { x: 1, y: 2 } }, { a: { y: 3 }, b: 1 }), { a: { x: 1, y: 3 }, b: 1 })
equal(slugify(" Crème brûlée: 10 %! "), "creme-brulee-10")
equal(parse_iso_time("2024-05-01T14:30:00+02:00").utc.hour, 12)
fails(ArgumentError) { parse_iso_time("2024-05-01T14:30:00") }
fails(ArgumentError) { parse_iso_time("2024-05-01Z") }
equal(random_token.length, 43)
puts "passed"
