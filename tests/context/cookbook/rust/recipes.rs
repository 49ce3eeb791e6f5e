//! Compiled by `rustc --test`.

#[path = "../../../../context/dowse/context/cookbook/rust/collections_and_text.rs"]
mod collections_and_text;
#[path = "../../../../context/dowse/context/cookbook/rust/concurrency_and_network.rs"]
mod concurrency_and_network;
#[path = "../../../../context/dowse/context/cookbook/rust/files_and_processes.rs"]
mod files_and_processes;

use std::path::PathBuf;

fn temporary(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("cookbook-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    folder
}

mod files {
    use super::files_and_processes::*;
    use super::temporary;
    use std::fs;

    #[test]
    fn are_read_and_written() {
        let folder = temporary("files");
        let path = folder.join("a.txt");
        write_lines(&path, ["one", "two"]).unwrap();
        append_line(&path, "three").unwrap();
        assert_eq!(read_text(&path).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(count_lines(&path).unwrap(), 3);
        write_atomically(&path, b"new").unwrap();
        assert_eq!(read_text(&path).unwrap(), "new");
        assert!(write_atomically(&folder.join("sub"), b"x").is_err());
        fs::write(folder.join("sub/b.txt"), "").unwrap();
        let found = find_files(&folder, "txt").unwrap();
        assert_eq!(found, [path.clone(), folder.join("sub/b.txt")]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        let error = read_text(&folder.join("none")).unwrap_err();
        assert!(error.to_string().contains("none: "));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn are_copied_with_a_checksum() {
        let mut copy = Vec::new();
        assert_eq!(
            copy_with_checksum(&b"a"[..], &mut copy).unwrap(),
            0xaf63_dc4c_8601_ec8c
        );
        assert_eq!(copy, b"a");
    }

    #[test]
    fn environment_and_arguments() {
        assert_eq!(env_or("COOKBOOK_NONE", 7), Ok(7));
        assert!(env_or::<u32>("PATH", 7).is_err());
        let parse = |text: &str| parse_arguments(text.split(' ').map(String::from));
        let expected = (
            true,
            Some("x".to_string()),
            vec!["a".to_string(), "-b".to_string()],
        );
        assert_eq!(parse("a -v -o x -- -b"), Ok(expected));
        assert!(parse("-o").is_err());
        assert!(parse("--bad").unwrap_err().contains("--bad"));
    }

    #[test]
    fn programs() {
        assert_eq!(run_command("echo", &["a b"]).unwrap(), "a b\n");
        let error = run_command("sh", &["-c", "echo oh >&2; exit 3"]).unwrap_err();
        assert!(error.to_string().contains("oh"));
        assert!(run_command("no-such-program", &[]).is_err());
    }
}

mod collections {
    use super::collections_and_text::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn are_grouped_and_sorted() {
        let groups = group_by(["apple", "bean", "avocado"], |word| word.chars().next());
        assert_eq!(groups[&Some('a')], ["apple", "avocado"]);
        let counts: Vec<_> = count_words("The cat, the dog").into_iter().collect();
        let expected = [("cat".into(), 1), ("dog".into(), 1), ("the".into(), 2)];
        assert_eq!(counts, expected);
        assert_eq!(unique([3, 1, 3, 2]), [3, 1, 2]);
        let mut players = [("b".into(), 1), ("a".into(), 1), ("c".into(), 2)];
        sort_by_score(&mut players);
        assert_eq!(
            players.map(|(name, _): (String, u32)| name),
            ["c", "a", "b"]
        );
        let mut numbers = [f64::NAN, 2.0, -1.0];
        sort_floats(&mut numbers);
        assert_eq!(numbers[..2], [-1.0, 2.0]);
        assert_eq!(largest([5, 1, 9, 7], 2), [9, 7]);
    }

    #[test]
    fn texts() {
        assert_eq!(parse_numbers("1, 2.5,-3").unwrap(), [1.0, 2.5, -3.0]);
        assert!(parse_numbers("1,x").is_err());
        assert_eq!(snake_case("parseHttpUrl2Text"), "parse_http_url2_text");
        assert_eq!(truncate("häuser", 2), "hä");
        assert_eq!(truncate("ä", 5), "ä");
        assert_eq!(
            [0, 1023, 1536, 3 << 40].map(format_bytes),
            ["0 B", "1023 B", "1.5 KiB", "3.0 TiB"]
        );
    }

    #[test]
    fn times() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_714_566_601, "2024-05-01T12:30:01Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(format_utc(UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn configurations() {
        let config = parse_config("# ports\nhttp = 80 # plain\n\nhttps=443").unwrap();
        assert_eq!(
            (config["http"], config["https"], config.len()),
            (80, 443, 2)
        );
        let message = |text| parse_config(text).unwrap_err().to_string();
        assert_eq!(message("a=1\nb"), "line 2: no `=`");
        assert!(message("a=x").starts_with("line 1: invalid digit"));
    }
}

mod concurrency {
    use super::concurrency_and_network::*;
    use std::cell::Cell;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn retries() {
        let calls = Cell::new(0);
        let fail = |times: u32| {
            calls.set(0);
            move |calls: &Cell<u32>| {
                calls.set(calls.get() + 1);
                if calls.get() <= times {
                    Err(calls.get())
                } else {
                    Ok(calls.get())
                }
            }
        };
        let action = fail(2);
        assert_eq!(retry(3, Duration::from_millis(1), || action(&calls)), Ok(3));
        let action = fail(9);
        assert_eq!(
            retry(3, Duration::from_millis(1), || action(&calls)),
            Err(3)
        );
    }

    #[test]
    fn threads() {
        let items: Vec<u64> = (0..100).collect();
        let doubled: Vec<u64> = items.iter().map(|n| n * 2).collect();
        assert_eq!(parallel_map(&items, 4, |n| n * 2), doubled);
        assert_eq!(produce_and_consume(items), 4950);
        assert_eq!(with_timeout(Duration::from_secs(30), || 1), Some(1));
        let slow = || thread::sleep(Duration::from_secs(60));
        assert_eq!(with_timeout(Duration::from_millis(5), slow), None);
        let (value, duration) = measure(|| thread::sleep(Duration::from_millis(2)));
        assert_eq!(value, ());
        assert!(duration >= Duration::from_millis(2));
    }

    #[test]
    fn results_are_cached() {
        let calls = Cell::new(0);
        let mut double = memoize(|n: u32| {
            calls.set(calls.get() + 1);
            n * 2
        });
        assert_eq!((double(2), double(2), double(3)), (4, 4, 6));
        assert_eq!(calls.get(), 2);
    }

    #[test]
    fn connections() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || serve_echo(&listener));
        let mut stream = connect(&address, Duration::from_secs(10)).unwrap();
        stream.write_all(b"hello\n").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert_eq!(line, "hello\n");
        assert!(connect("127.0.0.1:1", Duration::from_secs(1)).is_err());
    }

    #[test]
    fn requests() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            // Closing a connection with unread bytes resets it, so the request is read to its end.
            let request: String = BufReader::new(&client)
                .lines()
                .map(|line| line.unwrap() + "\r\n")
                .take_while(|line| line != "\r\n")
                .collect();
            client
                .write_all(b"HTTP/1.0 404 Not Found\r\nA: b\r\n\r\nhello\n")
                .unwrap();
            request
        });
        let stream = connect(&address, Duration::from_secs(10)).unwrap();
        let (status, body) = http_get(stream, "example.org", "/a").unwrap();
        assert_eq!((status, &body[..]), (404, &b"hello\n"[..]));
        assert!(server
            .join()
            .unwrap()
            .starts_with("GET /a HTTP/1.0\r\nHost: example.org\r\n"));
    }
}
