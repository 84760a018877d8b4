//! A protocol that does what a test says, and tells what it heard as text.
//!
//! Refuses to be clever: whatever a test wants to know it reads.

use edge::exchange::{Clock, Limits, Link, Protocol, Told, Trust, Urls};
use model::{Time, ToVenue};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use venue_bitget::adapter::{Alert, CallId, Doing, Door, LineId, Signed};
use venue_bitget::http::Method;

/// As long as a test waits for something that must come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What the double is to do; the test keeps the other end.
#[derive(Clone, Default)]
pub struct Hand(Arc<Mutex<VecDeque<Doing>>>);

impl Hand {
    pub fn wants(&self, doing: Doing) {
        self.0.lock().unwrap().push_back(doing);
    }

    pub fn get(&self, number: u64, target: &str) {
        self.wants(call(number, Method::Get, target, ""));
    }

    pub fn open(&self, line: u32) {
        self.wants(Doing::Open(LineId(line), Door::Public, "/v2/ws/public"));
    }

    pub fn say(&self, line: u32, text: &str) {
        self.wants(Doing::Say(LineId(line), text.to_owned()));
    }
}

pub fn call(number: u64, method: Method, target: &str, body: &str) -> Doing {
    let headers = vec![("ACCESS-KEY", "key".to_owned()), ("locale", "en-US".to_owned())];
    let signed = Signed { method, target: target.to_owned(), headers, body: body.to_owned() };
    Doing::Call(CallId(number), signed)
}

/// The double.
pub struct Double {
    hand: Hand,
    heard: VecDeque<String>,
    pub wakes: Vec<Time>,
    pub wake_at: Option<Time>,
}

impl Protocol for Double {
    fn say(&mut self, now: Time, said: ToVenue) {
        self.heard.push_back(format!("said at {} {said:?}", now.0));
    }

    fn answered(&mut self, _: Time, call: CallId, reply: Option<(u16, &str)>, remaining: Option<u32>) {
        let text = match (reply, remaining) {
            (None, _) => "nothing".to_owned(),
            (Some((status, body)), None) => format!("{status} {body}"),
            (Some((status, body)), Some(left)) => format!("{status} {body} ({left} left)"),
        };
        self.heard.push_back(format!("call {}: {text}", call.0));
    }

    fn opened(&mut self, _: Time, line: LineId) {
        self.heard.push_back(format!("opened {}", line.0));
    }

    fn closed(&mut self, _: Time, line: LineId) {
        self.heard.push_back(format!("closed {}", line.0));
    }

    fn frame(&mut self, _: Time, line: LineId, text: &str) {
        if let Some(at) = text.strip_prefix("step ") {
            self.hand.wants(Doing::Step(1, Time(at.parse().unwrap())));
        } else if text != "noise" {
            self.heard.push_back(format!("frame {}: {text}", line.0));
        }
    }

    fn acknowledge(&mut self, now: Time, step: u64) {
        self.hand.wants(Doing::Say(LineId(1), format!("acknowledged {step} at {}", now.0)));
    }

    fn next_wake(&self) -> Option<Time> {
        self.wake_at
    }

    fn wake(&mut self, now: Time) {
        self.wake_at = None;
        self.wakes.push(now);
    }

    fn poll(&mut self) -> Option<Doing> {
        let heard = self.heard.pop_front().map(|text| Doing::Alert(Alert::Odd(text)));
        heard.or_else(|| self.hand.0.lock().unwrap().pop_front())
    }
}

/// Limits that a test can wait for.
pub fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(400),
        call: Duration::from_millis(600),
        opening: Duration::from_millis(600),
        stalled: Duration::from_millis(500),
        redial: Duration::from_millis(50),
        stop: Duration::from_millis(300),
        body_bytes_max: 100_000,
        head_bytes_max: 8_000,
        frame_bytes_max: 100_000,
        said_bytes_max: 200_000,
        ..Limits::default()
    }
}

pub fn double(wake_at: Option<Time>) -> (Hand, Double) {
    let hand = Hand::default();
    (hand.clone(), Double { hand, heard: VecDeque::new(), wakes: Vec::new(), wake_at })
}

/// A link of a double to one place.
pub fn linked(rest: &str, limits: Limits) -> (Hand, Link<Double>) {
    let (hand, double) = double(None);
    let urls = Urls::one(rest).unwrap();
    let link = Link::start_with(double, urls, Clock::machine(), &Trust::Public, limits).unwrap();
    (hand, link)
}

/// The next thing that was told, as text.
pub fn next(link: &mut Link<Double>) -> String {
    match link.recv_timeout(PATIENCE) {
        Some(Told::Alert(Alert::Odd(text))) => text,
        other => panic!("{other:?} was told"),
    }
}

/// Everything up to one that begins with this.
pub fn until(link: &mut Link<Double>, start: &str) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let one = next(link);
        let found = one.starts_with(start);
        all.push(one);
        if found {
            return all;
        }
        assert!(all.len() < 10_000, "{start} never came: {:?}", &all[..20]);
    }
}
