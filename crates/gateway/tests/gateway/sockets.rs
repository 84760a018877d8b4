//! Oversized, malformed and slow: who does not keep to HTTP keeps nobody else out.

use crate::client::{connect, raw};
use crate::scene::{Scene, settings};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

#[test]
fn what_is_too_long_or_malformed_is_refused_and_never_our_fault() {
    let scene = Scene::new("malformed");
    let client = scene.client("operator");
    let long = format!("{{\"bot\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(client.command("pause", &long).status, 413);
    for body in ["", "[]", "{", "{\"bot\":[1]}", "{\"bot\":{}}", "null", "\"x\"", &"[".repeat(10_000)] {
        let answer = client.command("pause", body);
        assert!((400..500).contains(&answer.status), "{body:.20}: {answer:?}");
    }
    assert_eq!(client.send("PUT", "/health", &[], None).status, 405);
    assert_eq!(client.send("GET", "/nothing", &[], None).status, 404);
    assert_eq!(client.send("GET", "/api/v1/views?x=1", &[], None).status, 400);
    let token = client.token.clone().expect("a token");
    let as_text = format!(
        "POST /api/v1/commands/pause HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    assert_eq!(raw(client.address, as_text.as_bytes()).status, 415);
    let big = format!("GET /health HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    assert!(matches!(raw(client.address, big.as_bytes()).status, 431 | 0));
    let many = format!("GET /health HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(500));
    assert!(matches!(raw(client.address, many.as_bytes()).status, 431 | 400));
    for nonsense in [
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}",
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    ] {
        let answer = raw(client.address, nonsense.as_bytes());
        assert!(answer.status < 500, "{nonsense:?}: {answer:?}");
    }
    assert_eq!(scene.errands(), []);
    assert_eq!(client.get("/health").status, 200);
}

#[test]
fn fifty_that_never_end_their_requests_keep_nobody_out() {
    let mut settings = settings("slow");
    settings.head_timeout = Duration::from_secs(2);
    settings.request_timeout = Duration::from_secs(3);
    let scene = Scene::with(settings);
    let client = scene.client("viewer");
    let began = Instant::now();
    let mut slow: Vec<_> = (0..50).map(|_| connect(client.address)).collect();
    for (place, stream) in slow.iter_mut().enumerate() {
        match place % 3 {
            // Says nothing at all.
            0 => {}
            // A head that does not end.
            1 => stream.write_all(b"GET /health HTTP/1.1\r\nx: ").expect("a socket"),
            // A body that does not come.
            _ => {
                let token = client.token.as_deref().expect("a token");
                let head = format!(
                    "POST /api/v1/commands/whoami HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 10\r\n\r\n{{"
                );
                stream.write_all(head.as_bytes()).expect("a socket");
            }
        }
    }
    for _ in 0..10 {
        let asked = Instant::now();
        assert_eq!(client.get("/api/v1/views").status, 200);
        assert!(asked.elapsed() < Duration::from_millis(1_500), "{:?}", asked.elapsed());
    }
    for stream in &mut slow {
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        let text = String::from_utf8_lossy(&rest).into_owned();
        assert!(ended.is_ok() || text.contains("408"), "{ended:?} {text}");
        assert!(rest.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn one_address_has_half_of_the_connections() {
    let mut settings = settings("cap");
    settings.connections_max = 8;
    let scene = Scene::with(settings);
    let client = scene.client("viewer");
    let held: Vec<_> = (0..4).map(|_| connect(client.address)).collect();
    let answer = raw(client.address, b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert_eq!(answer.status, 0, "closed without a word: {answer:?}");
    drop(held);
    crate::scene::eventually("room", || client.get("/health").status == 200);
}
