//! A socket as the exchange sees it: login, subscriptions, keep-alive, and what waits to be sent.
//!
//! It is as rude as the exchange: a wrong product is acknowledged and then silent, JSON pings are errors, too many
//! words close the line, and so does silence. What is pushed when is the neighbouring `push`'s. Refuses to let what waits
//! grow without end: a reader that is too slow is closed.

mod push;
mod topic;

use crate::access;
use crate::counters::Counters;
use crate::exchange::Exchange;
use crate::http::Params;
use crate::setup::Generation;
use crate::user::Standing;
use model::{Interval, Time};
use serde_json::{Value, json};
use std::collections::VecDeque;
use topic::{Subscription, Unsubscribable};

/// Lines at once.
pub const SESSIONS_MAX: usize = 100;
/// The longest frame that is read; a longer one closes the line.
pub const FRAME_BYTES_MAX: usize = 4_096;
/// Frames that may wait for a slow reader.
pub const OUTBOX_MAX: usize = 10_000;
/// And their bytes.
pub const OUTBOX_BYTES_MAX: usize = 8 << 20;
/// Messages of a client in a second.
const WORDS_PER_SECOND_MAX: u32 = 10;
/// Subscriptions in an hour, and at once.
const SUBSCRIPTIONS_PER_HOUR_MAX: u32 = 240;
const SUBSCRIPTIONS_MAX: usize = 1_000;
/// Whole books on one line of V3.
const BOOKS_V3_MAX: usize = 25;
/// Silence after which a line is closed.
const SILENCE_MAX: Interval = Interval(130_000);
/// V3 repeats account and positions.
const REPEAT_EACH: Interval = Interval(5_000);

/// Which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// What a line carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A frame of text.
    Text(String),
    /// The end of the line.
    Close,
}

/// What went wrong on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Complaint {
    /// A word was refused, with this code.
    Refused(u32),
    /// What it was told waited too long.
    TooSlow,
}

/// A line.
#[derive(Debug)]
pub(crate) struct Session {
    generation: Generation,
    user: Option<usize>,
    subscriptions: Vec<Subscription>,
    outbox: VecDeque<Said>,
    outbox_bytes: usize,
    /// What went wrong, until somebody counts it.
    complaints: Vec<Complaint>,
    /// A push that comes after the one behind it.
    held: Option<String>,
    heard: Time,
    repeated: Time,
    second: (i64, u32),
    hour: (i64, u32),
    /// In lock-step, and up to which step.
    acknowledged: Option<u64>,
    closed: bool,
}

impl Session {
    fn new(generation: Generation, now: Time) -> Session {
        Session {
            generation,
            user: None,
            subscriptions: Vec::new(),
            outbox: VecDeque::new(),
            outbox_bytes: 0,
            complaints: Vec::new(),
            held: None,
            heard: now,
            repeated: now,
            second: (0, 0),
            hour: (0, 0),
            acknowledged: None,
            closed: false,
        }
    }

    pub(crate) fn next_wake(&self) -> Time {
        let silence = self.heard + SILENCE_MAX;
        if self.user.is_some() && self.generation == Generation::V3 {
            silence.min(self.repeated + REPEAT_EACH)
        } else {
            silence
        }
    }

    /// Joins the lock-step behind a step; who is in it stays where he is.
    pub(crate) fn join(&mut self, step: u64) {
        self.acknowledged.get_or_insert(step);
    }

    /// Whether there was a step to acknowledge.
    pub(crate) fn acknowledge(&mut self, step: u64) -> bool {
        let due = self.acknowledged.is_some_and(|last| last < step);
        if due {
            self.acknowledged = Some(step);
        }
        due
    }

    /// Up to which step it has acknowledged, if it is in lock-step and open.
    pub(crate) fn acknowledged(&self) -> Option<u64> {
        self.acknowledged.filter(|_| !self.closed)
    }

    /// Lets what went wrong on it be counted.
    fn own_up(&mut self, counters: &mut Counters) {
        for complaint in self.complaints.drain(..) {
            match complaint {
                Complaint::Refused(code) => counters.count("frame refused", code),
                Complaint::TooSlow => counters.count("slow reader closed", 0),
            }
        }
    }

    pub(crate) fn close(&mut self) {
        if !self.closed {
            self.closed = true;
            self.outbox.push_back(Said::Close);
        }
    }

    fn say(&mut self, text: String) {
        if self.closed {
            return;
        }
        self.outbox_bytes += text.len();
        if self.outbox.len() >= OUTBOX_MAX || self.outbox_bytes > OUTBOX_BYTES_MAX {
            self.complaints.push(Complaint::TooSlow);
            // Nobody reads it, and its room is wanted.
            self.outbox.clear();
            return self.close();
        }
        self.outbox.push_back(Said::Text(text));
    }

    pub(crate) fn say_json(&mut self, value: &Value) {
        self.say(value.to_string());
    }

    pub(crate) fn complain(&mut self, code: u32, message: &str) {
        self.complaints.push(Complaint::Refused(code));
        self.say_json(&json!({ "event": "error", "code": code, "msg": message }));
    }

    /// Whether a word more is one too many.
    fn is_too_much(&mut self, now: Time) -> bool {
        let second = now.floor(Interval::SECOND).0;
        if self.second.0 != second {
            self.second = (second, 0);
        }
        self.second.1 += 1;
        self.second.1 > WORDS_PER_SECOND_MAX
    }

    fn is_one_subscription_too_many(&mut self, now: Time) -> bool {
        let hour = now.floor(Interval::HOUR).0;
        if self.hour.0 != hour {
            self.hour = (hour, 0);
        }
        self.hour.1 += 1;
        let books = self.subscriptions.iter().filter(|one| one.is_whole_book()).count();
        self.hour.1 > SUBSCRIPTIONS_PER_HOUR_MAX
            || self.subscriptions.len() >= SUBSCRIPTIONS_MAX
            || (self.generation == Generation::V3 && books >= BOOKS_V3_MAX)
    }
}

impl Exchange {
    /// Somebody connects; `None` if too many are there already.
    pub fn connect(&mut self, now: Time, generation: Generation) -> Option<SessionId> {
        self.pass(now);
        if self.sessions.len() >= SESSIONS_MAX {
            return None;
        }
        self.session_last += 1;
        self.sessions.insert(self.session_last, Session::new(generation, self.now));
        Some(SessionId(self.session_last))
    }

    /// Somebody has hung up.
    pub fn hung_up(&mut self, id: SessionId) {
        if let Some(mut session) = self.sessions.remove(&id.0) {
            session.own_up(&mut self.counters);
        }
        self.step_when_all_are_ready();
    }

    /// What waits for a line, in order; after a close there is nothing more.
    pub fn said(&mut self, id: SessionId) -> Vec<Said> {
        let Some(session) = self.sessions.get_mut(&id.0) else { return Vec::new() };
        let said: Vec<Said> = session.outbox.drain(..).collect();
        session.outbox_bytes = 0;
        session.own_up(&mut self.counters);
        if session.closed {
            self.sessions.remove(&id.0);
        }
        said
    }

    /// A line says something.
    pub fn hear(&mut self, now: Time, id: SessionId, frame: &str) {
        self.pass(now);
        let (at, limited) = (self.now, self.limits.is_some());
        let Some(session) = self.sessions.get_mut(&id.0).filter(|session| !session.closed) else { return };
        session.heard = at;
        if frame.len() > FRAME_BYTES_MAX || (session.is_too_much(at) && limited) {
            session.complain(30_007, "request over limit, connection close");
            return session.close();
        }
        if frame == "ping" {
            return session.say("pong".to_owned());
        }
        let Ok(value) = serde_json::from_str::<Value>(frame) else {
            return session.complain(30_002, "Illegal request");
        };
        let operation = value.get("op").and_then(Value::as_str).unwrap_or("").to_owned();
        let args = value.get("args").and_then(Value::as_array).cloned().unwrap_or_default();
        match operation.as_str() {
            "login" => self.log_in(id, args.into_iter().next()),
            "subscribe" => args.into_iter().for_each(|arg| self.subscribe(id, arg)),
            "unsubscribe" => args.into_iter().for_each(|arg| self.unsubscribe(id, arg)),
            "lockstep" if self.steps.is_some() => self.join(id),
            "acknowledge" if self.steps.is_some() => {
                self.acknowledge(id, value.get("step").and_then(Value::as_u64));
            }
            "ping" | "" => session.complain(30_002, "Illegal request"),
            "trade" => session.complain(30_016, "Param error"),
            _ => session.complain(30_003, "Invalid op"),
        }
    }

    fn log_in(&mut self, id: SessionId, arg: Option<Value>) {
        let server = self.clock();
        let arg = arg.and_then(|arg| Params::of_value(arg).ok()).unwrap_or_default();
        let visitor = access::login(self.setups(), server, &arg);
        let visitor = visitor.and_then(|visitor| match self.users[visitor.user].standing {
            Standing::Normal => Ok(visitor),
            Standing::Frozen => Err((30_005, "User is frozen")),
        });
        let Some(session) = self.sessions.get_mut(&id.0) else { return };
        match visitor {
            Ok(visitor) => {
                session.user = Some(visitor.user);
                session.say_json(&json!({ "event": "login", "code": 0 }));
            }
            Err((code, message)) => {
                session.complain(code, message);
                session.close();
            }
        }
    }

    fn subscribe(&mut self, id: SessionId, arg: Value) {
        let (now, instruments, limited) = (self.now, self.symbols(), self.limits.is_some());
        let Some(session) = self.sessions.get_mut(&id.0).filter(|session| !session.closed) else { return };
        if session.is_one_subscription_too_many(now) && limited {
            session.complain(30_007, "request over limit, connection close");
            return session.close();
        }
        match Subscription::of(session.generation, &arg, &instruments) {
            Err(refused) => {
                session.complaints.push(Complaint::Refused(refused.code()));
                session.say_json(&refusal(session.generation, &arg, refused));
            }
            Ok(subscription) if subscription.is_private() && session.user.is_none() => {
                session.complain(30_004, "User needs to log in");
            }
            Ok(mut subscription) => {
                session.say_json(&json!({ "event": "subscribe", "arg": arg }));
                session.subscriptions.retain(|other| other.arg() != &arg);
                // A known symbol under a wrong product: acknowledged, and never heard of again.
                if !subscription.is_served() {
                    return;
                }
                let user = session.user;
                let frames = self.first_rows(user, &mut subscription);
                let Some(session) = self.sessions.get_mut(&id.0) else { return };
                session.subscriptions.push(subscription);
                frames.iter().for_each(|frame| session.say_json(frame));
            }
        }
    }

    fn unsubscribe(&mut self, id: SessionId, arg: Value) {
        let Some(session) = self.sessions.get_mut(&id.0) else { return };
        session.subscriptions.retain(|subscription| subscription.arg() != &arg);
        session.say_json(&json!({ "event": "unsubscribe", "arg": arg }));
    }

    /// Lines that have been silent too long, and what V3 repeats.
    fn look_after_lines(&mut self) {
        let (now, in_step) = (self.now, self.steps.is_some());
        let mut due = Vec::new();
        for (id, session) in &mut self.sessions {
            session.own_up(&mut self.counters);
            if session.closed {
                continue;
            }
            if now - session.heard >= SILENCE_MAX && !in_step {
                self.counters.count("silent line closed", 0);
                session.close();
            } else if session.generation == Generation::V3 && now - session.repeated >= REPEAT_EACH {
                session.repeated = now;
                due.extend(session.user.map(|user| (*id, user)));
            }
        }
        due.into_iter().for_each(|(id, user)| self.tell_again(id, user));
    }
}

/// V3 quotes what it does not know in its words, and nowhere else.
fn refusal(generation: Generation, arg: &Value, why: Unsubscribable) -> Value {
    match (why, generation) {
        (Unsubscribable::Unknown, Generation::V2) => {
            let field = |key: &str| arg.get(key).and_then(Value::as_str).unwrap_or("null").to_owned();
            let [product, channel, symbol] = ["instType", "channel", "instId"].map(field);
            let message =
                format!("instType:{product},channel:{channel},instId:{symbol},precision:null doesn't exist");
            json!({ "event": "error", "arg": arg, "code": 30_001, "msg": message, "op": "subscribe" })
        }
        (Unsubscribable::Unknown, Generation::V3) => {
            json!({ "event": "error", "code": 30_001, "msg": format!("{arg} doesn't exist"), "connId": "0ac60100" })
        }
        (Unsubscribable::Parameter, _) => {
            json!({ "event": "error", "arg": arg, "code": 30_016, "msg": "Param error", "op": "subscribe" })
        }
    }
}
