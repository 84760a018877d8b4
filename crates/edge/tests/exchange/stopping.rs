//! The end, a knock from outside, and what nobody takes.

use crate::double::{limits, linked, next};
use crate::server::{Reply, Server, ok};
use edge::exchange::{Clock, Full, Limits, Link, Protocol, Told, Urls};
use model::{AccountId, Time, ToVenue};
use std::time::{Duration, Instant};
use tungstenite::Message;
use venue_bitget::adapter::Alert;

fn question() -> ToVenue {
    ToVenue::AskHolding { account: AccountId(1), asked_at: Time(3) }
}

#[test]
fn stopping_waits_for_what_is_under_way_but_not_for_ever() {
    let server = Server::start(
        |target, _| {
            if target == "/silent" {
                return Reply::Silence;
            }
            std::thread::sleep(Duration::from_millis(100));
            ok("late")
        },
        |mut socket| while socket.send(Message::text("noise")).is_ok() {},
    );
    let (hand, mut link) = linked(&server.url(), limits());
    hand.open(1);
    assert_eq!(next(&mut link), "opened 1");
    hand.get(1, "/late");
    hand.get(2, "/silent");
    assert_eq!(link.recv_timeout(Duration::from_millis(10)), None);
    let begun = Instant::now();
    let stopped = link.stop();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(stopped.told, [Told::Alert(Alert::Odd("call 1: 200 late".to_owned()))]);
    assert_eq!((stopped.unanswered, stopped.lookups, stopped.counters.answers), (1, 0, 1));
}

#[test]
fn a_knock_from_another_thread_ends_the_wait() {
    let server = Server::start(|_, _| ok(""), |_| {});
    let (_hand, mut link) = linked(&server.url(), limits());
    let waker = link.waker();
    let knocking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        waker.wake();
    });
    let begun = Instant::now();
    assert_eq!(link.recv_timeout(Duration::from_secs(30)), None);
    assert!(begun.elapsed() < Duration::from_secs(10));
    knocking.join().unwrap();
    // One knock ends one wait.
    assert_eq!(link.recv_timeout(Duration::from_millis(20)), None);
}

#[test]
fn who_only_talks_is_told_to_listen() {
    let server = Server::start(|_, _| ok(""), |_| {});
    let (_hand, mut link) = linked(&server.url(), Limits { told_max: 3, ..limits() });
    for _ in 0..3 {
        assert_eq!(link.send(question()), Ok(()));
    }
    assert_eq!(link.send(question()), Err(Full(3)));
    assert!(next(&mut link).starts_with("said at "));
    assert_eq!(link.send(question()), Ok(()));
}

#[test]
fn a_deadline_of_the_protocol_is_kept_without_any_socket() {
    struct Alarm(Option<Time>);
    impl Protocol for Alarm {
        fn say(&mut self, _: Time, _: ToVenue) {}
        fn answered(
            &mut self,
            _: Time,
            _: venue_bitget::adapter::CallId,
            _: Option<(u16, &str)>,
            _: Option<u32>,
        ) {
        }
        fn opened(&mut self, _: Time, _: venue_bitget::adapter::LineId) {}
        fn closed(&mut self, _: Time, _: venue_bitget::adapter::LineId) {}
        fn frame(&mut self, _: Time, _: venue_bitget::adapter::LineId, _: &str) {}
        fn acknowledge(&mut self, _: Time, _: u64) {}
        fn next_wake(&self) -> Option<Time> {
            self.0
        }
        fn wake(&mut self, now: Time) {
            assert!(self.0.is_some_and(|at| now >= at), "too early");
            self.0 = None;
        }
        fn poll(&mut self) -> Option<venue_bitget::adapter::Doing> {
            None
        }
    }
    let clock = Clock::machine();
    let at = Time(clock.now().0 + 60);
    let urls = Urls::one("http://127.0.0.1:9").unwrap();
    let mut link = Link::start(Alarm(Some(at)), urls, clock).unwrap();
    assert_eq!(link.recv_timeout(Duration::from_millis(20)), None);
    assert!(link.protocol().0.is_some());
    assert_eq!(link.recv_timeout(Duration::from_millis(100)), None);
    assert!(link.protocol().0.is_none() && link.now() >= at);
}

#[test]
fn a_link_may_live_in_any_thread() {
    fn sent<T: Send>(_: &T) {}
    let server = Server::start(|_, _| ok(""), |_| {});
    let (_hand, link) = linked(&server.url(), limits());
    sent(&link);
}
