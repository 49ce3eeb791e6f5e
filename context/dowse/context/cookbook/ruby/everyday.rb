# SPDX-License-Identifier: CC0-1.0
# frozen_string_literal: true

require "csv"
require "digest"
require "fileutils"
require "json"
require "net/http"
require "open3"
require "optparse"
require "securerandom"
require "tempfile"
require "time"
require "timeout"
require "uri"

# Read a text file line by line without loading it into memory; line ends are removed.
def each_line_of(path, &block)
  File.foreach(path, chomp: true, encoding: "UTF-8", &block)
end

# Write a file atomically: readers see the old content or the new one, never a half.
def write_atomically(path, text)
  temporary = Tempfile.create(".write", File.dirname(path))
  temporary.write(text)
  temporary.fsync
  temporary.close
  File.rename(temporary.path, path)
rescue StandardError
  FileUtils.rm_f(temporary.path) if temporary
  raise
end

# Find all files below a folder, recursively, with a given extension such as ".rb".
def find_files(root, extension)
  Dir.glob("**/*#{extension}", base: root).map { |path| File.join(root, path) }
     .select { |path| File.file?(path) }.sort
end

# Calculate the SHA-256 checksum of a file without loading it into memory.
def sha256_of_file(path)
  Digest::SHA256.file(path).hexdigest
end

# Join a path given by a user to a folder safely, so that "../" cannot leave the folder.
def resolve_inside(folder, name)
  root = File.expand_path(folder)
  path = File.expand_path(name, root)
  raise ArgumentError, "#{name} lies outside of #{root}" unless path.start_with?("#{root}/")

  path
end

# Read and parse a JSON file; the error for a broken one names the file.
def read_json(path)
  JSON.parse(File.read(path, encoding: "UTF-8"))
rescue JSON::ParserError => e
  raise ArgumentError, "#{path} is no valid JSON: #{e.message}"
end

# Read a CSV file with a header row into an array of hashes.
def read_csv(path)
  CSV.read(path, headers: true, encoding: "bom|utf-8").map(&:to_h)
end

# Fetch a URL by HTTP GET with timeouts; an error status raises.
def http_get(url, timeout: 10)
  uri = URI(url)
  options = { use_ssl: uri.scheme == "https", open_timeout: timeout, read_timeout: timeout }
  response = Net::HTTP.start(uri.host, uri.port, **options) { |http| http.get(uri.request_uri) }
  raise IOError, "#{url} answered #{response.code}" unless response.is_a?(Net::HTTPSuccess)

  response.body
end

# Retry a block with exponential backoff when it raises, until the attempts are used up.
def with_retries(attempts: 3, delay: 0.5, on: [IOError, SystemCallError])
  attempt = 0
  begin
    attempt += 1
    yield attempt
  rescue *on
    raise if attempt >= attempts

    sleep(delay * 2**(attempt - 1))
    retry
  end
end

# Run a block over many items in a pool of threads; results keep the order of the items.
def map_in_threads(items, workers: 8)
  queue = Queue.new
  items.each_with_index { |item, index| queue << [item, index] }
  queue.close
  results = Array.new(items.size)
  threads = Array.new(workers) do
    Thread.new do
      while (item, index = queue.pop)
        results[index] = yield item
      end
    end
  end
  threads.each(&:join)
  results
end

# Run a program without a shell and return its output; a failure raises with its error output.
def run_command(*command)
  output, errors, status = Open3.capture3(*command)
  raise IOError, "#{command.first} failed: #{errors.strip}" unless status.success?

  output
end

# Parse command-line options: a flag, an option with a value and the remaining arguments.
def parse_options(arguments)
  options = { verbose: false, output: "-" }
  rest = OptionParser.new do |parser|
    parser.on("-v", "--verbose", "say what is done") { options[:verbose] = true }
    parser.on("-o", "--output FILE", "write to FILE") { |path| options[:output] = path }
  end.parse(arguments)
  [options, rest]
end

# Sort an array of hashes by several keys: the score descending, then the name.
def sort_by_score(players)
  players.sort_by { |player| [-player[:score], player[:name]] }
end

# Count how often each word occurs in a text and return the most frequent ones.
def top_words(text, count = 10)
  text.downcase.scan(/[[:alnum:]]+/).tally.max_by(count) { |_, number| number }
end

# Merge nested hashes recursively; where both have a value, the second wins.
def deep_merge(base, override)
  base.merge(override) do |_, old, new|
    old.is_a?(Hash) && new.is_a?(Hash) ? deep_merge(old, new) : new
  end
end

# Turn a title into a URL slug of lower-case ASCII letters, digits and hyphens.
def slugify(title)
  plain = title.unicode_normalize(:nfkd).gsub(/\p{M}/, "").downcase
  plain.gsub(/[^a-z0-9]+/, "-").gsub(/\A-|-\z/, "")
end

# Parse an ISO 8601 date and time with time zone; other texts raise an error.
def parse_iso_time(text)
  raise ArgumentError, "no time zone in #{text}" unless text.match?(/(Z|[+-]\d\d:?\d\d)\z/)

  Time.iso8601(text)
end

# Generate a secure random token that is safe in URLs.
def random_token(bytes = 32)
  SecureRandom.urlsafe_base64(bytes)
end
