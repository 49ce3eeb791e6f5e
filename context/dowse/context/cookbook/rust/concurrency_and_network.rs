// SPDX-License-Identifier: CC0-1.0
use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Retry a function with exponential backoff until it succeeds or the attempts are used up.
pub fn retry<T, E>(
    attempts: u32,
    delay: Duration,
    mut action: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        match action() {
            Err(_) if attempt < attempts => thread::sleep(delay * 2_u32.pow(attempt - 1)),
            result => return result,
        }
        attempt += 1;
    }
}

/// Run a function over many items in several threads (worker pool); results keep the order.
pub fn parallel_map<T, R>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(index) else { break };
                let result = work(item);
                results.lock().unwrap().push((index, result));
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Call a function in a thread with a timeout; the thread runs on when the time is over.
pub fn with_timeout<T: Send + 'static>(
    limit: Duration,
    action: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(action()));
    receiver.recv_timeout(limit).ok()
}

/// Send work through a bounded channel from a producer to a consumer thread and sum the results.
pub fn produce_and_consume(items: Vec<u64>) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(16);
    let consumer = thread::spawn(move || receiver.into_iter().sum());
    for item in items {
        sender.send(item).expect("the consumer is alive");
    }
    drop(sender);
    consumer.join().expect("the consumer does not panic")
}

/// Cache the results of a function by its argument (memoize).
pub fn memoize<A: Eq + Hash + Clone, R: Clone>(compute: impl Fn(A) -> R) -> impl FnMut(A) -> R {
    let mut results = HashMap::new();
    move |argument| {
        results
            .entry(argument.clone())
            .or_insert_with(|| compute(argument))
            .clone()
    }
}

/// Measure how long a function takes and return its result with the duration.
pub fn measure<T>(action: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = action();
    (result, start.elapsed())
}

/// Open a TCP connection with a timeout for connecting, reading and writing.
pub fn connect(address: &str, limit: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for target in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&target, limit) {
            Ok(stream) => {
                stream.set_read_timeout(Some(limit))?;
                stream.set_write_timeout(Some(limit))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Send an HTTP GET request over a plain TCP connection and return the status and the body.
/// For https and real-world servers use a crate such as `ureq` or `reqwest`.
pub fn http_get(mut stream: TcpStream, host: &str, path: &str) -> io::Result<(u16, Vec<u8>)> {
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no HTTP status in {line:?}")))?;
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line)?;
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    Ok((status, body))
}

/// Serve TCP clients, each in its own thread, and send their lines back (echo server).
pub fn serve_echo(listener: &TcpListener) -> io::Result<()> {
    for stream in listener.incoming() {
        let mut stream = stream?;
        thread::spawn(move || -> io::Result<()> {
            let reader = BufReader::new(stream.try_clone()?);
            for line in reader.lines() {
                writeln!(stream, "{}", line?)?;
            }
            Ok(())
        });
    }
    Ok(())
}
