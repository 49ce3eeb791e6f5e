// SPDX-License-Identifier: CC0-1.0
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Read a text file line by line, without loading it into memory, and count the lines.
pub fn count_lines(path: &Path) -> io::Result<usize> {
    let mut count = 0;
    for line in BufReader::new(File::open(path)?).lines() {
        line?;
        count += 1;
    }
    Ok(count)
}

/// Read a whole text file into a string; the error names the file.
pub fn read_text(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Write lines to a file through a buffer.
pub fn write_lines<'a>(path: &Path, lines: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(writer, "{line}")?;
    }
    // Dropping the writer would hide an error of the last write.
    writer.flush()
}

/// Append a line to a file, which is created when it does not exist.
pub fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{line}")
}

/// Write a file atomically: readers see the old content or the new one, never a half.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let result = File::create(&temporary)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Find all files below a folder, recursively, with a given extension; links are not followed.
pub fn find_files(root: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.path().extension().is_some_and(|e| e == extension) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copy data from a reader to a writer in chunks and return a checksum (FNV-1a) of it.
pub fn copy_with_checksum(mut from: impl Read, mut to: impl Write) -> io::Result<u64> {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut buffer = [0; 64 * 1024];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(hash),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&buffer[..count])?;
        for byte in &buffer[..count] {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Read an environment variable and parse it, or use a default when it is not set.
pub fn env_or<T: std::str::FromStr>(name: &str, default: T) -> Result<T, String> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name}={text} is not valid")),
        Err(env::VarError::NotPresent) => Ok(default),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Parse command-line arguments: a flag, an option with a value and the remaining arguments.
pub fn parse_arguments(
    mut arguments: impl Iterator<Item = String>,
) -> Result<(bool, Option<String>, Vec<String>), String> {
    let (mut verbose, mut output, mut rest) = (false, None, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-v" | "--verbose" => verbose = true,
            "-o" | "--output" => output = Some(arguments.next().ok_or("-o needs a value")?),
            "--" => rest.extend(arguments.by_ref()),
            other if other.starts_with('-') => return Err(format!("unknown option {other}")),
            _ => rest.push(argument),
        }
    }
    Ok((verbose, output, rest))
}

/// Run a program and return its standard output; a failure returns its error output.
pub fn run_command(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!(
            "{program}: {}: {message}",
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
