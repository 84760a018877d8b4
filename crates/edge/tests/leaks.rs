//! Nothing is left behind: threads and open files before many links and after, whatever they were in the middle of.
//!
//! A file of its own, because the tests of one file share a process.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

use edge::exchange::{Clock, Limits, Link, Protocol, Trust, Urls};
use model::{Time, ToVenue};
use std::net::TcpListener;
use std::time::Duration;
use venue_bitget::adapter::{CallId, Doing, Door, LineId, Signed};
use venue_bitget::http::Method;

/// Wants two lines and three answers that never come.
struct Hopeful(Vec<Doing>);

impl Protocol for Hopeful {
    fn say(&mut self, _: Time, _: ToVenue) {}
    fn answered(&mut self, _: Time, _: CallId, _: Option<(u16, &str)>, _: Option<u32>) {}
    fn opened(&mut self, _: Time, _: LineId) {}
    fn closed(&mut self, _: Time, _: LineId) {}
    fn frame(&mut self, _: Time, _: LineId, _: &str) {}
    fn acknowledge(&mut self, _: Time, _: u64) {}
    fn next_wake(&self) -> Option<Time> {
        None
    }
    fn wake(&mut self, _: Time) {}
    fn poll(&mut self) -> Option<Doing> {
        self.0.pop()
    }
}

fn hopeful() -> Hopeful {
    let line = |number| Doing::Open(LineId(number), Door::Private, "/v2/ws/private");
    let call = |number| {
        let signed =
            Signed { method: Method::Get, target: "/".to_owned(), headers: Vec::new(), body: String::new() };
        Doing::Call(CallId(number), signed)
    };
    Hopeful(vec![line(1), line(2), call(1), call(2), call(3)])
}

/// Threads and open files of this process.
fn held() -> (usize, usize) {
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

#[test]
fn links_leave_nothing_behind() {
    // Takes connections into its queue and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let limits = Limits { stop: Duration::from_millis(20), ..Limits::default() };
    let before = held();
    for round in 0..30 {
        // A name needs a thread, an address none.
        let host = if round % 2 == 0 { "localhost" } else { "127.0.0.1" };
        let scheme = if round % 3 == 0 { "https" } else { "http" };
        let urls = Urls::one(&format!("{scheme}://{host}:{port}")).unwrap();
        let mut link = Link::start_with(hopeful(), urls, Clock::machine(), &Trust::Public, limits).unwrap();
        let _told = link.recv_timeout(Duration::from_millis(20));
        assert!(held().1 > before.1 + 3, "it holds sockets: {:?} {before:?}", held());
        if round % 5 == 0 {
            drop(link);
        } else {
            assert_eq!((link.stop().unanswered, held()), (3, before), "round {round}");
        }
    }
    assert_eq!(held(), before);
}
