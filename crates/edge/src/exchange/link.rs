//! A protocol on sockets, from the farm's side: say something, wait for what is told, be done.
//!
//! What came is handed on one piece at a time, and what the protocol wants is done before the next: so nothing piles up
//! here, a farm that is slow slows the sockets, and who is told of a price sends his order on the socket himself. Refuses
//! to start a thread for it (names are looked up by one), and to take more from the farm than it takes away.

use super::clock::Clock;
use super::dial::Dialler;
use super::limits::{Counters, Limits};
use super::line::{Heard, Line};
use super::pool::{Ended, Pool};
use super::protocol::Protocol;
use super::resolver::Resolver;
use super::stream::Trust;
use super::urls::Urls;
use farm::lease::Clocks;
use mio::{Events, Poll, Token};
use model::{Bar, FromVenue, Price, Time, ToVenue};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use venue_bitget::adapter::{Alert, CallId, Doing, Door, LineId, News, Signed};

/// Somebody outside wants the link to look up.
const WOKEN: Token = Token(0);
/// Pieces that are taken from sockets before the others are looked at again.
const PIECES_MAX: u32 = 16;
const EVENTS: usize = 256;

/// What the farm is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// For the desk of this account's farm.
    Tell(FromVenue),
    /// A complete bar of the traded symbol.
    Bar(Bar),
    /// The first price of the market that was seen, and when it was traded.
    Opened(Time, Price),
    /// A new price.
    Price(Time, Price),
    /// What somebody without an account has to know of the market.
    News(News),
    /// Somebody should know.
    Alert(Alert),
    /// A lock-step venue waits until this step is acknowledged: what it pushed was told before this. It is told again when
    /// nothing of it is on its way any more.
    Step(u64, Time),
}

/// The farm says more than it hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} things were told and not taken: receive them before saying more")]
pub struct Full(pub usize);

/// Why a link cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BadStart {
    /// The system gives no way to wait for sockets.
    #[error("the system gives no way to wait for sockets ({0}): raise the limit of open files")]
    System(#[from] io::Error),
    /// A certificate that was given.
    #[error("a given root certificate cannot be used ({0}): give it as DER, of an authority")]
    Certificate(#[from] rustls::Error),
}

/// Wakes a link that waits, from another thread.
#[derive(Clone, Debug)]
pub struct Waker {
    waker: Arc<mio::Waker>,
    woken: Arc<AtomicBool>,
}

impl Waker {
    /// Lets `recv_timeout` return, now or as soon as it is called.
    pub fn wake(&self) {
        self.woken.store(true, Ordering::Release);
        // It fails only when the link is gone.
        let _woken = self.waker.wake();
    }
}

/// What was left when a link was stopped.
#[derive(Debug)]
pub struct Stopped {
    /// What was told and not taken.
    pub told: Vec<Told>,
    /// Calls that were not answered: what they asked for may have been done.
    pub unanswered: usize,
    /// Names that are still being looked up; their threads end by themselves.
    pub lookups: usize,
    /// What was counted.
    pub counters: Counters,
}

/// A protocol on sockets.
pub struct Link<P: Protocol> {
    protocol: P,
    clock: Clock,
    urls: Urls,
    poll: Poll,
    events: Events,
    dialler: Dialler,
    pool: Pool,
    lines: BTreeMap<LineId, (Token, Line)>,
    line_of: BTreeMap<Token, LineId>,
    opened_before: BTreeSet<LineId>,
    /// Sockets about which something is to be known.
    ready: VecDeque<Token>,
    /// Lines that could not even be begun.
    stillborn: VecDeque<LineId>,
    told: VecDeque<Told>,
    waker: Waker,
    next_token: usize,
    pieces: u32,
    counters: Counters,
}

impl<P: Protocol> Link<P> {
    /// Opens what the protocol wants opened, at these places, with public certificates.
    pub fn start(protocol: P, urls: Urls, clock: Clock) -> Result<Link<P>, BadStart> {
        Link::start_with(protocol, urls, clock, &Trust::Public, Limits::default())
    }

    /// The same with certificates and limits of one's own.
    pub fn start_with(
        protocol: P,
        urls: Urls,
        clock: Clock,
        trust: &Trust,
        limits: Limits,
    ) -> Result<Link<P>, BadStart> {
        assert!(
            limits.connections_warm <= limits.connections_max,
            "no more are held ready than there may be"
        );
        let poll = Poll::new()?;
        let waker = Arc::new(mio::Waker::new(poll.registry(), WOKEN)?);
        let dialler = Dialler {
            registry: poll.registry().try_clone()?,
            resolver: Resolver::new(Arc::clone(&waker)),
            tls: trust.config()?,
            limits,
        };
        let pool = Pool::new(urls.rest.clone());
        let waker = Waker { waker, woken: Arc::new(AtomicBool::new(false)) };
        let mut link = Link {
            protocol,
            clock,
            urls,
            poll,
            events: Events::with_capacity(EVENTS),
            dialler,
            pool,
            lines: BTreeMap::new(),
            line_of: BTreeMap::new(),
            opened_before: BTreeSet::new(),
            ready: VecDeque::new(),
            stillborn: VecDeque::new(),
            told: VecDeque::new(),
            waker,
            next_token: WOKEN.0 + 1,
            pieces: 0,
            counters: Counters::default(),
        };
        link.perform();
        Ok(link)
    }

    /// What time it is for the protocol, and for whoever says something to it.
    pub fn now(&mut self) -> Time {
        self.clock.now()
    }

    /// Both clocks of this machine.
    pub fn clocks(&self) -> Clocks {
        self.clock.clocks()
    }

    /// The protocol, to be asked.
    pub fn protocol(&self) -> &P {
        &self.protocol
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Somebody else's way to let `recv_timeout` return.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Says something: what follows from it is on its socket when this returns, if the socket is open.
    pub fn send(&mut self, said: ToVenue) -> Result<(), Full> {
        if self.told.len() >= self.dialler.limits.told_max {
            return Err(Full(self.told.len()));
        }
        let now = self.clock.now();
        self.protocol.say(now, said);
        self.perform();
        Ok(())
    }

    /// The farm has done with a step; what is due at its instant is done before the venue hears that.
    pub fn acknowledge(&mut self, step: u64) {
        self.wake_protocol();
        let now = self.clock.now();
        self.protocol.acknowledge(now, step);
        self.perform();
    }

    /// Waits for what is told next; nothing if time is over or somebody has woken us.
    pub fn recv_timeout(&mut self, timeout: Duration) -> Option<Told> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            if self.waker.woken.swap(false, Ordering::Acquire) {
                return None;
            }
            self.turn(until);
            if self.told.is_empty() && Instant::now() >= until {
                return None;
            }
        }
    }

    /// Does one thing, or waits for one until then.
    fn turn(&mut self, until: Instant) {
        if let Some(answer) = self.pool.answer() {
            self.hear_answer(answer.call, answer.ended);
        } else if let Some(line) = self.stillborn.pop_front() {
            self.hear_end(line);
        } else if self.pieces < PIECES_MAX
            && let Some(token) = self.ready.pop_front()
        {
            self.pieces += 1;
            self.step(token);
        } else {
            self.look(until);
        }
        self.perform();
    }

    /// Does what is due, looks at all sockets, and waits for them if there is nothing else to be done.
    fn look(&mut self, until: Instant) {
        self.pieces = 0;
        self.wake_protocol();
        self.perform();
        self.expire();
        self.dial();
        let busy = !self.told.is_empty()
            || !self.ready.is_empty()
            || self.pool.has_answer()
            || !self.stillborn.is_empty();
        let wait = if busy { Duration::ZERO } else { self.wait(Instant::now(), until) };
        match self.poll.poll(&mut self.events, Some(wait)) {
            Ok(()) => {}
            // A signal came in between.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => panic!("the system does not let us wait for our own sockets: {error}"),
        }
        for event in &self.events {
            let token = event.token();
            if token == WOKEN {
                self.dialler.resolver.collect();
                let waiting = self.lines.values().filter(|(_, line)| line.is_dialling());
                let waiting = waiting.map(|(token, _)| *token).chain(self.pool.dialling());
                self.ready.extend(waiting);
            } else if !self.ready.contains(&token) {
                self.ready.push_back(token);
            }
        }
    }

    /// How long nothing has to be done.
    fn wait(&mut self, now: Instant, until: Instant) -> Duration {
        let limits = &self.dialler.limits;
        let lines = self.lines.values().filter_map(|(_, line)| line.deadline(limits)).min();
        let sockets = [lines, self.pool.deadline(limits)].into_iter().flatten().min();
        let sockets = sockets.map_or(until, |at| at.min(until)).saturating_duration_since(now);
        let wake = self.protocol.next_wake().and_then(|at| self.clock.until_ms(at));
        wake.map_or(sockets, |ms| sockets.min(Duration::from_millis(ms)))
    }

    fn wake_protocol(&mut self) {
        if self.protocol.next_wake().is_some_and(|at| self.clock.until_ms(at) == Some(0)) {
            let now = self.clock.now();
            self.protocol.wake(now);
        }
    }

    /// Ends what is over, and goes on where an address did not answer.
    fn expire(&mut self) {
        let now = Instant::now();
        let limits = self.dialler.limits;
        for token in self.pool.expire(now, &limits) {
            self.ready.push_back(token);
        }
        let mut over = Vec::new();
        for (id, (token, line)) in &self.lines {
            if let Some(words) = line.expired(now, &limits) {
                over.push((*id, words));
            } else if line.is_dialling() && line.deadline(&limits).is_some_and(|at| now >= at) {
                self.ready.push_back(*token);
            }
        }
        for (id, words) in over {
            self.lose(id, words);
        }
    }

    /// Makes the connections that are wanted.
    fn dial(&mut self) {
        for _ in 0..self.pool.wanted(&self.dialler.limits) {
            let token = self.token();
            self.pool.begin(token, &self.dialler.limits);
            self.pool.step(token, &mut self.dialler, &mut self.counters);
        }
    }

    fn token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token += 1;
        token
    }

    /// Takes one piece from a socket.
    fn step(&mut self, token: Token) {
        if self.pool.has(token) {
            if self.pool.step(token, &mut self.dialler, &mut self.counters) {
                self.ready.push_back(token);
            }
            return;
        }
        let Some(id) = self.line_of.get(&token).copied() else { return };
        let (_, line) = self.lines.get_mut(&id).expect("a token of a line has its line");
        let heard = line.step(token, &mut self.dialler);
        let (received, sent) = line.take_counts();
        self.counters.bytes_received += received;
        self.counters.bytes_sent += sent;
        let now = self.clock.now();
        match heard {
            Heard::Nothing => return,
            Heard::Aside => {}
            Heard::Opened => {
                self.counters.lines += 1;
                self.counters.reconnects += u64::from(!self.opened_before.insert(id));
                self.protocol.opened(now, id);
            }
            Heard::Text(text) => {
                self.counters.frames_received += 1;
                self.protocol.frame(now, id, text.as_str());
            }
            Heard::Ended(words) => return self.lose(id, words),
        }
        // There may be more.
        self.ready.push_back(token);
    }

    fn hear_answer(&mut self, call: CallId, ended: Ended) {
        let now = self.clock.now();
        let (reply, remaining) = match &ended {
            Ended::Whole(reply) => {
                self.counters.answers += 1;
                (Some((reply.status, reply.body.as_str())), reply.remaining)
            }
            Ended::TimedOut => {
                self.counters.timeouts += 1;
                (None, None)
            }
            Ended::Broken(words) => {
                self.counters.broken += 1;
                self.told.push_back(Told::Alert(Alert::Odd(format!("a request was not answered: {words}"))));
                (None, None)
            }
        };
        self.protocol.answered(now, call, reply, remaining);
    }

    /// A line broke: that is said, and the protocol decides what then.
    fn lose(&mut self, id: LineId, words: String) {
        if self.forget(id).is_some() {
            self.told.push_back(Told::Alert(Alert::Odd(format!("line {}: {words}", id.0))));
            self.hear_end(id);
        }
    }

    fn hear_end(&mut self, id: LineId) {
        self.counters.lines_lost += 1;
        let now = self.clock.now();
        self.protocol.closed(now, id);
        self.perform();
    }

    fn forget(&mut self, id: LineId) -> Option<Line> {
        let (token, line) = self.lines.remove(&id)?;
        self.line_of.remove(&token);
        Some(line)
    }

    /// Does everything the protocol wants, in order.
    fn perform(&mut self) {
        while let Some(doing) = self.protocol.poll() {
            let told = match doing {
                Doing::Call(call, signed) => {
                    self.call(call, &signed);
                    continue;
                }
                Doing::Open(id, door, path) => {
                    self.open(id, door, path);
                    continue;
                }
                Doing::Say(id, text) => {
                    self.say(id, text);
                    continue;
                }
                Doing::Close(id, _) => {
                    if let Some(line) = self.forget(id) {
                        line.close();
                    }
                    continue;
                }
                Doing::Tell(said) => Told::Tell(said),
                Doing::Bar(bar) => Told::Bar(bar),
                Doing::Opened(at, price) => Told::Opened(at, price),
                Doing::Price(at, price) => Told::Price(at, price),
                Doing::News(news) => Told::News(news),
                Doing::Alert(alert) => Told::Alert(alert),
                Doing::Step(step, at) => {
                    self.clock.stepped(at);
                    Told::Step(step, at)
                }
            };
            self.told.push_back(told);
        }
    }

    fn call(&mut self, call: CallId, signed: &Signed) {
        let limits = self.dialler.limits;
        self.pool.ask(call, signed, &limits, &mut self.counters);
    }

    fn open(&mut self, id: LineId, door: Door, path: &'static str) {
        if let Some(old) = self.forget(id) {
            old.close();
        }
        if self.lines.len() >= self.dialler.limits.lines_max {
            self.told.push_back(Told::Alert(Alert::Odd(format!("line {}: there are too many", id.0))));
            self.stillborn.push_back(id);
            return;
        }
        let place = match door {
            Door::Public => self.urls.public.clone(),
            Door::Private => self.urls.private.clone(),
        };
        let token = self.token();
        self.lines.insert(id, (token, Line::new(place, path, &self.dialler.limits)));
        self.line_of.insert(token, id);
        self.ready.push_back(token);
    }

    fn say(&mut self, id: LineId, text: String) {
        let Some((_, line)) = self.lines.get_mut(&id) else { return };
        let said = line.say(text);
        let (_, sent) = line.take_counts();
        self.counters.bytes_sent += sent;
        match said {
            Ok(()) => self.counters.frames_sent += 1,
            Err(words) => {
                if self.forget(id).is_some() {
                    self.told.push_back(Told::Alert(Alert::Odd(format!("line {}: {words}", id.0))));
                    self.stillborn.push_back(id);
                }
            }
        }
    }

    /// Waits a little for answers, then closes every socket.
    pub fn stop(mut self) -> Stopped {
        let until = Instant::now() + self.dialler.limits.stop;
        let mut told = Vec::new();
        while self.pool.unanswered() > 0 && Instant::now() < until {
            self.turn(until);
            told.extend(self.told.drain(..));
        }
        let unanswered = self.pool.unanswered();
        for (_, line) in std::mem::take(&mut self.lines).into_values() {
            line.close();
        }
        self.pool.close();
        let lookups = self.dialler.resolver.stop(until);
        told.extend(self.told.drain(..));
        Stopped { told, unanswered, lookups, counters: self.counters }
    }
}
