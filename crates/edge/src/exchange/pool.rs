//! The HTTP connections of an exchange: a few are held ready, and each carries one request at a time.
//!
//! A request goes out on a connection that is open, at once; where none is free another is made, and where there are
//! enough it waits its turn, for as long as a call may take. Refuses to ask twice: what was sent and not answered may
//! have been done.

use super::dial::{Dial, Dialled, Dialler};
use super::limits::{Counters, Limits};
use super::reading::{self, After, Reading, Reply};
use super::stream::{Stream, is_nothing_yet};
use super::urls::Place;
use mio::Token;
use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::time::{Duration, Instant};
use venue_bitget::adapter::{CallId, Signed};

/// The pause between attempts to have connections ready grows to so many times the first.
const REDIAL_FACTOR_MAX: u32 = 16;

/// After a refusal no other connection is tried for so long, while there are some that may come free.
const REFUSED_FOR: Duration = Duration::from_millis(250);

/// How a call ended.
pub(super) struct Answer {
    pub(super) call: CallId,
    pub(super) ended: Ended,
}

/// Whole, or why not.
pub(super) enum Ended {
    Whole(Reply),
    TimedOut,
    Broken(String),
}

struct Waiting {
    call: CallId,
    bytes: Vec<u8>,
    reading: Reading,
    until: Instant,
}

struct Busy {
    stream: Stream,
    waiting: Waiting,
    sent: usize,
}

enum Connection {
    Dialling(Dial, Instant),
    /// Connected, and agreeing on keys where there are any.
    Shaking(Stream, Instant),
    Idle(Stream, Instant),
    Busy(Box<Busy>),
}

/// All connections to one place.
pub(super) struct Pool {
    place: Place,
    connections: BTreeMap<Token, Connection>,
    waiting: VecDeque<Waiting>,
    answers: VecDeque<Answer>,
    /// Connections to be held ready are not made before this.
    redial_at: Instant,
    redial_factor: u32,
    /// Nor others, while there are some that may come free.
    refused_until: Instant,
}

impl Pool {
    pub(super) fn new(place: Place) -> Pool {
        Pool {
            place,
            connections: BTreeMap::new(),
            waiting: VecDeque::new(),
            answers: VecDeque::new(),
            redial_at: Instant::now(),
            redial_factor: 1,
            refused_until: Instant::now(),
        }
    }

    /// Whether a token is of a connection of this pool.
    pub(super) fn has(&self, token: Token) -> bool {
        self.connections.contains_key(&token)
    }

    /// How a call ended, once for each.
    pub(super) fn answer(&mut self) -> Option<Answer> {
        self.answers.pop_front()
    }

    /// Whether an ended call waits to be told.
    pub(super) fn has_answer(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Calls that have not ended.
    pub(super) fn unanswered(&self) -> usize {
        let busy = self.connections.values().filter(|one| matches!(one, Connection::Busy(_))).count();
        busy + self.waiting.len()
    }

    /// Takes a call on: it is on a socket when this returns, if one is free.
    pub(super) fn ask(&mut self, call: CallId, signed: &Signed, limits: &Limits, counters: &mut Counters) {
        counters.calls += 1;
        let (bytes, reading) = match reading::begin(signed, &self.place) {
            Ok(begun) => begun,
            Err(words) => return self.broken(call, format!("the request cannot be sent: {words}")),
        };
        let waiting = Waiting { call, bytes, reading, until: Instant::now() + limits.call };
        // The one used last is the least likely to have been forgotten by somebody in between.
        let idle = self
            .connections
            .iter()
            .filter_map(|(token, one)| match one {
                Connection::Idle(_, since) => Some((*since, *token)),
                _ => None,
            })
            .max();
        match idle {
            Some((_, token)) => self.send(token, waiting, counters),
            None if self.waiting.len() >= limits.waiting_max => {
                self.broken(call, format!("{} calls wait already", limits.waiting_max));
            }
            None => self.waiting.push_back(waiting),
        }
    }

    /// How many connections should be made now.
    pub(super) fn wanted(&self, limits: &Limits) -> usize {
        let coming = self
            .connections
            .values()
            .filter(|one| matches!(one, Connection::Dialling(..) | Connection::Shaking(..)))
            .count();
        let room = limits.connections_max.saturating_sub(self.connections.len());
        let now = Instant::now();
        let may = self.connections.is_empty() || now >= self.refused_until;
        let for_waiting = if may { self.waiting.len().saturating_sub(coming) } else { 0 };
        let warm = limits.connections_warm.saturating_sub(self.connections.len());
        let warm = if now >= self.redial_at { warm } else { 0 };
        for_waiting.max(warm).min(room)
    }

    /// Begins a connection, which is gone on with under this token.
    pub(super) fn begin(&mut self, token: Token, limits: &Limits) {
        let now = Instant::now();
        // A server that takes connections and closes them is not asked more often for it.
        self.redial_at = now + limits.redial * self.redial_factor;
        self.connections.insert(token, Connection::Dialling(Dial::Resolving, now + limits.opening));
    }

    /// Goes on with a connection, about which something is to be known; whether there may be more.
    pub(super) fn step(&mut self, token: Token, dialler: &mut Dialler, counters: &mut Counters) -> bool {
        let Some(connection) = self.connections.remove(&token) else { return false };
        let was_busy = matches!(connection, Connection::Busy(_));
        match connection {
            Connection::Dialling(dial, until) => match dialler.go_on(dial, &self.place, token) {
                Ok(Dialled::NotYet(dial)) => {
                    self.connections.insert(token, Connection::Dialling(dial, until));
                }
                Ok(Dialled::Connected(stream)) => {
                    self.shake(token, (stream, until), &dialler.limits, counters)
                }
                Err(words) => self.unreachable(words, &dialler.limits),
            },
            Connection::Shaking(stream, until) => {
                self.shake(token, (stream, until), &dialler.limits, counters);
            }
            Connection::Idle(mut stream, since) => {
                let quiet = matches!(stream.read(&mut [0; 1]), Err(error) if is_nothing_yet(&error));
                count(&mut stream, counters);
                if quiet {
                    self.connections.insert(token, Connection::Idle(stream, since));
                }
            }
            Connection::Busy(busy) => self.go_on(token, *busy, &dialler.limits, counters),
        }
        // An end that came together with an answer is told by nobody a second time.
        was_busy && !self.answers.is_empty() && self.has(token)
    }

    fn shake(
        &mut self,
        token: Token,
        (mut stream, until): (Stream, Instant),
        limits: &Limits,
        counters: &mut Counters,
    ) {
        let shaken = stream.flush();
        count(&mut stream, counters);
        match shaken {
            Ok(()) => {
                counters.connections += 1;
                self.redial_factor = 1;
                self.free(token, stream, counters);
            }
            Err(error) if is_nothing_yet(&error) => {
                self.connections.insert(token, Connection::Shaking(stream, until));
            }
            Err(error) => self.unreachable(format!("{}: {error}", self.place), limits),
        }
    }

    /// A connection takes the next call, or waits for one.
    fn free(&mut self, token: Token, stream: Stream, counters: &mut Counters) {
        self.connections.insert(token, Connection::Idle(stream, Instant::now()));
        if let Some(waiting) = self.waiting.pop_front() {
            self.send(token, waiting, counters);
        }
    }

    fn send(&mut self, token: Token, waiting: Waiting, counters: &mut Counters) {
        let Some(Connection::Idle(stream, _)) = self.connections.remove(&token) else {
            unreachable!("a call is sent on an idle connection only")
        };
        let mut busy = Busy { stream, waiting, sent: 0 };
        let written = busy.write();
        count(&mut busy.stream, counters);
        match written {
            Ok(()) => {
                self.connections.insert(token, Connection::Busy(Box::new(busy)));
            }
            Err(words) => self.broken(busy.waiting.call, words),
        }
    }

    fn go_on(&mut self, token: Token, mut busy: Busy, limits: &Limits, counters: &mut Counters) {
        let read = busy.write().and_then(|()| busy.waiting.reading.read(&mut busy.stream, limits));
        count(&mut busy.stream, counters);
        match read {
            Ok(None) => {
                self.connections.insert(token, Connection::Busy(Box::new(busy)));
            }
            Ok(Some(reply)) => {
                let all_sent = busy.sent == busy.waiting.bytes.len();
                let keep = reply.after == After::Keep && all_sent;
                let call = busy.waiting.call;
                self.answers.push_back(Answer { call, ended: Ended::Whole(reply) });
                if keep {
                    self.free(token, busy.stream, counters);
                }
            }
            Err(words) => self.broken(busy.waiting.call, words),
        }
    }

    fn broken(&mut self, call: CallId, words: String) {
        self.answers.push_back(Answer { call, ended: Ended::Broken(words) });
    }

    /// A connection could not be made. Where there is no other, nobody has to wait to hear it.
    fn unreachable(&mut self, words: String, limits: &Limits) {
        let now = Instant::now();
        self.redial_at = now + limits.redial * self.redial_factor;
        self.refused_until = now + REFUSED_FOR;
        self.redial_factor = (self.redial_factor * 2).min(REDIAL_FACTOR_MAX);
        if self.connections.is_empty() {
            while let Some(waiting) = self.waiting.pop_front() {
                self.broken(waiting.call, words.clone());
            }
        }
    }

    /// When something is over if nothing happens.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let connections = self.connections.values().flat_map(|one| match one {
            Connection::Dialling(dial, until) => [dial.deadline(), Some(*until)],
            Connection::Shaking(_, until) => [Some(*until), None],
            Connection::Idle(_, since) => [Some(*since + limits.idle), None],
            Connection::Busy(busy) => [Some(busy.waiting.until), None],
        });
        let waiting = self.waiting.front().map(|waiting| waiting.until);
        let refused =
            (waiting.is_some() && self.refused_until > Instant::now()).then_some(self.refused_until);
        let warm = (self.connections.len() < limits.connections_warm).then_some(self.redial_at);
        connections.flatten().chain(waiting).chain(refused).chain(warm).min()
    }

    /// Ends what is over; the tokens to go on with.
    pub(super) fn expire(&mut self, now: Instant, limits: &Limits) -> Vec<Token> {
        let (mut look, mut over) = (Vec::new(), Vec::new());
        for (token, connection) in &self.connections {
            match connection {
                Connection::Dialling(dial, until) => {
                    if now >= *until {
                        over.push(*token);
                    } else if dial.deadline().is_some_and(|at| now >= at) {
                        look.push(*token);
                    }
                }
                Connection::Shaking(_, until) if now >= *until => over.push(*token),
                Connection::Idle(_, since) if now >= *since + limits.idle => over.push(*token),
                Connection::Busy(busy) if now >= busy.waiting.until => over.push(*token),
                _ => {}
            }
        }
        for token in over {
            match self.connections.remove(&token) {
                Some(Connection::Busy(busy)) => self.timed_out(busy.waiting.call),
                Some(Connection::Dialling(..) | Connection::Shaking(..)) => {
                    self.unreachable(format!("{} did not take a connection in time", self.place), limits);
                }
                _ => {}
            }
        }
        while self.waiting.front().is_some_and(|waiting| now >= waiting.until) {
            let waiting = self.waiting.pop_front().expect("there is a first one");
            self.timed_out(waiting.call);
        }
        look
    }

    fn timed_out(&mut self, call: CallId) {
        self.answers.push_back(Answer { call, ended: Ended::TimedOut });
    }

    /// Tokens of connections that wait for a name.
    pub(super) fn dialling(&self) -> impl Iterator<Item = Token> + '_ {
        let dialling = self.connections.iter().filter(|(_, one)| matches!(one, Connection::Dialling(..)));
        dialling.map(|(token, _)| *token)
    }

    /// Closes everything.
    pub(super) fn close(&mut self) {
        for connection in std::mem::take(&mut self.connections).into_values() {
            if let Connection::Idle(mut stream, _) = connection {
                stream.farewell();
            }
        }
    }
}

impl Busy {
    /// Writes what the socket takes.
    fn write(&mut self) -> Result<(), String> {
        while self.sent < self.waiting.bytes.len() {
            match self.stream.write(&self.waiting.bytes[self.sent..]) {
                Ok(0) => return Err("the connection takes nothing any more".to_owned()),
                Ok(written) => self.sent += written,
                Err(error) if is_nothing_yet(&error) => return Ok(()),
                Err(error) => return Err(error.to_string()),
            }
        }
        match self.stream.flush() {
            Err(error) if !is_nothing_yet(&error) => Err(error.to_string()),
            _ => Ok(()),
        }
    }
}

fn count(stream: &mut Stream, counters: &mut Counters) {
    let (received, sent) = stream.take_counts();
    counters.bytes_received += received;
    counters.bytes_sent += sent;
}
