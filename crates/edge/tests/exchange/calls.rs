//! Requests: one connection after the other, many at once, and every way an answer can end or not.

use crate::double::{PATIENCE, call, limits, linked, next, until};
use crate::server::{Reply, Server, ok};
use edge::exchange::Limits;
use std::time::{Duration, Instant};
use venue_bitget::http::Method;

fn raw(text: &str) -> Reply {
    Reply::Bytes(text.as_bytes().to_vec())
}

#[test]
fn requests_reuse_connections_and_say_what_was_signed() {
    let server = Server::start(|target, body| ok(&format!("{target}|{body}")), |_| {});
    let (hand, mut link) = linked(&server.url(), limits());
    for number in 0..10 {
        hand.get(number, &format!("/api/time?n={number}"));
        assert_eq!(next(&mut link), format!("call {number}: 200 /api/time?n={number}|"));
    }
    hand.wants(call(10, Method::Post, "/api/order", r#"{"a":"牛"}"#));
    assert_eq!(next(&mut link), r#"call 10: 200 /api/order|{"a":"牛"}"#);
    let counters = link.counters();
    assert!(counters.connections <= 3, "{counters:?}");
    assert_eq!((counters.calls, counters.answers, counters.timeouts, counters.broken), (11, 11, 0, 0));
    assert!(counters.bytes_sent > 1_000 && counters.bytes_received > 500, "{counters:?}");
}

#[test]
fn many_at_once_share_a_few_connections() {
    let server = Server::start(
        |_, _| {
            std::thread::sleep(Duration::from_millis(20));
            ok("late")
        },
        |_| {},
    );
    let (hand, mut link) = linked(&server.url(), Limits { call: PATIENCE, ..limits() });
    (0..40).for_each(|number| hand.get(number, "/"));
    let mut answered: Vec<String> = (0..40).map(|_| next(&mut link)).collect();
    answered.sort();
    answered.dedup();
    assert_eq!(answered.len(), 40);
    assert!(answered.iter().all(|text| text.ends_with(": 200 late")), "{answered:?}");
    let counters = link.counters();
    assert!((3..=8).contains(&counters.connections), "{counters:?}");
}

#[test]
fn every_shape_of_an_answer_is_read() {
    let server = Server::start(
        |target, _| match target {
            "/chunked" => {
                raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
            }
            "/none" => raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            "/204" => raw("HTTP/1.1 204 No Content\r\n\r\n"),
            "/early" => raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
            "/left" => raw("HTTP/1.1 429 Slow\r\nx-mbx-used-remain-limit: 7\r\nContent-Length: 2\r\n\r\n{}"),
            "/moved" => {
                raw("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 4\r\n\r\ngone")
            }
            "/closed" => Reply::Last(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end".to_vec()),
            _ => Reply::Last(b"HTTP/1.0 502 Bad\r\nContent-Length: 6\r\n\r\n<html>".to_vec()),
        },
        |_| {},
    );
    let (hand, mut link) = linked(&server.url(), limits());
    for (target, answer) in [
        ("/chunked", "200 abcdefg"),
        ("/none", "200 "),
        ("/204", "204 "),
        ("/early", "200 x"),
        ("/left", "429 {} (7 left)"),
        ("/moved", "302 gone"),
        ("/closed", "200 to the end"),
        ("/else", "502 <html>"),
        ("/chunked", "200 abcdefg"),
    ] {
        hand.get(1, target);
        assert_eq!(next(&mut link), format!("call 1: {answer}"), "{target}");
    }
}

#[test]
fn what_is_no_answer_is_none_and_is_said() {
    let server = Server::start(
        |target, _| match target {
            "/garbage" => raw("\u{1}\u{2}nonsense\r\n\r\n"),
            "/announced" => raw("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n"),
            "/endless" => {
                let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
                raw(&format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(9)))
            }
            "/head" => raw(&format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "x".repeat(9_000))),
            "/packed" => raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
            "/half" => Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec()),
            "/chunk" => raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "/two" => raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
            "/hangup" => Reply::Last(Vec::new()),
            _ => ok("fine"),
        },
        |_| {},
    );
    let (hand, mut link) = linked(&server.url(), limits());
    for (target, why) in [
        ("/garbage", ""),
        ("/announced", "a body of 100001 bytes was announced"),
        ("/endless", "a body is longer than 100000 bytes"),
        ("/head", "head of an answer is longer than 8000 bytes"),
        ("/packed", "encoded as gzip"),
        ("/half", "in the middle of an answer"),
        ("/chunk", ""),
        ("/two", ""),
        ("/hangup", "closed without an answer"),
    ] {
        hand.get(1, target);
        let said = until(&mut link, "call 1: ");
        assert_eq!(said.len(), 2, "{target}: {said:?}");
        assert!(said[0].starts_with("a request was not answered: ") && said[0].contains(why), "{said:?}");
        assert_eq!(said[1], "call 1: nothing", "{target}");
        hand.get(2, "/fine");
        assert_eq!(next(&mut link), "call 2: 200 fine", "after {target}");
    }
    assert_eq!((link.counters().broken, link.counters().timeouts), (9, 0));
}

#[test]
fn a_silent_server_costs_one_call_its_time() {
    let server =
        Server::start(|target, _| if target == "/fine" { ok("fine") } else { Reply::Silence }, |_| {});
    let (hand, mut link) = linked(&server.url(), limits());
    hand.get(1, "/silent");
    hand.get(2, "/fine");
    let begun = Instant::now();
    assert_eq!(next(&mut link), "call 2: 200 fine");
    assert_eq!(next(&mut link), "call 1: nothing");
    let took = begun.elapsed();
    assert!((500..3_000).contains(&took.as_millis()), "{took:?}");
    assert_eq!(link.counters().timeouts, 1);
}

#[test]
fn too_many_calls_are_refused_aloud() {
    let server = Server::start(|_, _| Reply::Silence, |_| {});
    let tight = Limits { waiting_max: 3, connections_max: 2, ..limits() };
    let (hand, mut link) = linked(&server.url(), tight);
    (0..9).for_each(|number| hand.get(number, "/"));
    let said = until(&mut link, "a request was not answered: 3 calls wait already");
    assert_eq!(said.len(), 1, "{said:?}");
    // Nine calls that end with nothing, of which six say why.
    let rest: Vec<String> = (0..14).map(|_| next(&mut link)).collect();
    assert_eq!(rest.iter().filter(|text| text.ends_with(": nothing")).count(), 9, "{rest:?}");
    let counters = link.counters();
    assert_eq!(counters.timeouts + counters.broken, 9, "{counters:?}");
}

#[test]
fn where_nobody_listens_a_call_ends_at_once() {
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (hand, mut link) = linked(&format!("http://localhost:{}", address.port()), limits());
    let begun = Instant::now();
    for number in 0..20 {
        hand.get(number, "/");
        let said = until(&mut link, "call ");
        assert!(said[0].contains("does not take connections"), "{said:?}");
        assert_eq!(said.last().unwrap(), &format!("call {number}: nothing"));
    }
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_connection_that_the_server_closes_is_replaced_before_it_is_needed() {
    let server =
        Server::start(|_, _| Reply::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()), |_| {});
    let (hand, mut link) = linked(&server.url(), limits());
    for number in 0..10 {
        hand.get(number, "/");
        assert_eq!(next(&mut link), format!("call {number}: 200 ok"));
        // Long enough for the end to arrive and for another to be ready.
        assert_eq!(link.recv_timeout(Duration::from_millis(120)), None);
    }
    assert_eq!(link.counters().broken, 0);
}
