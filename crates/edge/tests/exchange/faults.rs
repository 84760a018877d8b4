//! A bad wire between link and server: late, cut, half-open, slow, corrupt.

use crate::double::{Double, Hand, limits, linked, next, until};
use crate::proxy::{Fault, Proxy};
use crate::server::{Server, ok};
use edge::exchange::{Limits, Link};
use std::time::{Duration, Instant};
use venue_bitget::adapter::{Doing, LineId};
use venue_bitget::stream::Reason;

const BODY_BYTES: usize = 20_000;

/// A server that says a long thing, and lines that echo.
fn server() -> Server {
    Server::start(
        |target, _| ok(&if target == "/long" { "x".repeat(BODY_BYTES) } else { "fine".to_owned() }),
        |mut socket| {
            while let Ok(message) = socket.read() {
                if message.is_text() && socket.send(message).is_err() {
                    return;
                }
            }
        },
    )
}

fn wired(limits: Limits) -> (Server, Proxy, Hand, Link<Double>) {
    let server = server();
    let proxy = Proxy::start(server.address);
    let (hand, mut link) = linked(&proxy.url(), limits);
    hand.get(0, "/");
    assert_eq!(next(&mut link), "call 0: 200 fine");
    (server, proxy, hand, link)
}

#[test]
fn late_is_not_lost_and_slow_is_not_cut() {
    let (_server, proxy, hand, mut link) = wired(limits());
    proxy.set(Fault::Delay(Duration::from_millis(100)));
    let begun = Instant::now();
    hand.get(1, "/");
    assert_eq!(next(&mut link), "call 1: 200 fine");
    assert!(begun.elapsed() >= Duration::from_millis(100));
    proxy.set(Fault::Throttle(500, Duration::from_millis(2)));
    hand.get(2, "/long");
    assert_eq!(next(&mut link).len(), "call 2: 200 ".len() + BODY_BYTES);
    proxy.set(Fault::Throttle(100, Duration::from_millis(20)));
    hand.get(3, "/long");
    assert_eq!(next(&mut link), "call 3: nothing", "slower than a call may be");
    assert_eq!(link.counters().timeouts, 1);
}

#[test]
fn half_an_answer_is_none() {
    let (_server, proxy, hand, mut link) = wired(limits());
    for after in [0, 10, 60, 10_000] {
        proxy.set(Fault::CutAfter(after));
        hand.get(1, "/long");
        let said = until(&mut link, "call 1: ");
        assert_eq!(said.last().unwrap(), "call 1: nothing", "{after}");
        proxy.set(Fault::None);
        hand.get(2, "/");
        assert_eq!(next(&mut link), "call 2: 200 fine", "{after}");
    }
    assert_eq!((link.counters().broken, link.counters().timeouts), (4, 0));
}

#[test]
fn a_half_open_wire_is_found_out_by_time_alone() {
    let (_server, proxy, hand, mut link) = wired(limits());
    hand.open(1);
    assert_eq!(next(&mut link), "opened 1");
    proxy.set(Fault::HalfOpen);
    hand.say(1, "into the void");
    hand.get(1, "/");
    assert_eq!(next(&mut link), "call 1: nothing");
    assert_eq!(link.counters().timeouts, 1);
    // The line's silence is the protocol's to judge; it closes it and opens it again.
    hand.wants(Doing::Close(LineId(1), Reason::NoPong));
    hand.open(1);
    let said = until(&mut link, "closed 1");
    assert!(said[0].contains("did not open a line in time"), "{said:?}");
    proxy.set(Fault::None);
    hand.open(1);
    assert_eq!(next(&mut link), "opened 1");
    hand.say(1, "there again");
    assert_eq!(next(&mut link), "frame 1: there again");
    assert_eq!(link.counters().reconnects, 1);
}

#[test]
fn a_line_that_is_cut_in_the_middle_of_a_frame_is_closed() {
    let (_server, proxy, hand, mut link) = wired(limits());
    for _ in 0..3 {
        hand.open(1);
        assert_eq!(next(&mut link), "opened 1");
        proxy.set(Fault::CutAfter(5_000));
        hand.say(1, &"y".repeat(9_000));
        let said = until(&mut link, "closed 1");
        assert!(said.iter().all(|text| !text.starts_with("frame")), "{said:?}");
        proxy.set(Fault::None);
    }
    assert_eq!((link.counters().lines_lost, link.counters().reconnects), (3, 2));
}

#[test]
fn a_corrupt_byte_breaks_one_thing_at_most() {
    let (_server, proxy, hand, mut link) = wired(limits());
    for at in 0..70 {
        proxy.set(Fault::CorruptAt(at));
        hand.get(1, "/");
        let said = until(&mut link, "call 1: ");
        let _what_came_of_it = said;
        proxy.set(Fault::None);
        hand.get(2, "/");
        let said = until(&mut link, "call 2: ");
        assert_eq!(said.last().unwrap(), "call 2: 200 fine", "after a broken byte {at}");
    }
    for at in 0..20 {
        hand.open(1);
        assert_eq!(until(&mut link, "opened 1").last().unwrap(), "opened 1");
        proxy.set(Fault::CorruptAt(at));
        hand.say(1, "abc");
        hand.say(1, "def");
        hand.say(1, "ghi");
        // Whatever of the three still came, or the end of the line; then it is given up.
        while let Some(told) = link.recv_timeout(Duration::from_millis(30)) {
            assert!(matches!(told, edge::exchange::Told::Alert(_)));
        }
        proxy.set(Fault::None);
        hand.wants(Doing::Close(LineId(1), Reason::Gibberish));
    }
}
