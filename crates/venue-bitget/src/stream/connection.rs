//! The life of one line: open, log in, subscribe, keep alive, come back.
//!
//! What is heard on it is taken in by the neighbouring `heard`; here are its phases and deadlines. Refuses to do
//! anything at a time that was not told to it.

use super::pace::{Pace, Pause, SUBJECTS_MAX};
use super::subscription::frame;
use super::watch::{Doubt, Expected, Stage, Watch};
use super::{Book, Once, Output, Reason, SUBSCRIPTIONS_MAX, Subscription, Why};
use crate::clock::ExchangeClock;
use crate::sign::Credentials;
use crate::wire::Generation;
use model::{Interval, Time};
use std::collections::VecDeque;

/// A socket opens within.
const OPENED_MAX: Interval = Interval(15_000);
/// A login is answered within.
const LOGIN_MAX: Interval = Interval(10_000);
/// Between our pings; the server closes the line after two minutes without.
const PING_EACH: Interval = Interval(20_000);
/// A pong comes within.
const PONG_MAX: Interval = Interval(30_000);
/// A line that was up for so long has earned short pauses again.
const HELD_FOR: Interval = Interval(60_000);
/// Frames in a row that cannot be read.
pub(super) const GIBBERISH_MAX: u8 = 20;

/// Where the line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Closed until then.
    Down(Time),
    /// The shell was asked to open it.
    Opening(Time),
    /// The login was sent.
    LoggingIn(Time),
    /// Open, and logged in where that is wanted.
    Up,
    /// Closed until somebody changes something.
    LockedOut,
}

/// Whose time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timing {
    /// Everybody's.
    Real,
    /// That of a venue which waits for us: silence says nothing, and nothing is late.
    Steps,
}

/// What is to be said of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToSay {
    Begin(usize),
    End(usize),
}

/// One subscription with all that is kept about it.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) subscription: Subscription,
    pub(super) watch: Watch,
    pub(super) book: Option<Book>,
    /// The public trades that were told.
    pub(super) told: Once,
}

/// One line.
#[derive(Debug)]
pub struct Connection {
    pub(super) generation: Generation,
    credentials: Option<Credentials>,
    timing: Timing,
    pub(super) clock: ExchangeClock,
    pub(super) streams: Vec<Stream>,
    pub(super) phase: Phase,
    to_say: VecDeque<ToSay>,
    pace: Pace,
    pause: Pause,
    up_since: Time,
    last_ping: Time,
    unanswered: Option<Time>,
    pub(super) gibberish: u8,
    /// Whether private streams have to be read over REST as soon as they all hear.
    pub(super) resync_due: bool,
}

impl Connection {
    /// A line of public subscriptions, or with credentials of private ones; it wants to be opened at once.
    pub fn new(
        generation: Generation,
        credentials: Option<Credentials>,
        subscriptions: Vec<Subscription>,
        seed: u64,
    ) -> Connection {
        assert!(
            (1..=SUBSCRIPTIONS_MAX).contains(&subscriptions.len()),
            "a line carries 1 to {SUBSCRIPTIONS_MAX}"
        );
        let private = credentials.is_some();
        let fits = subscriptions.iter().all(|subscription| subscription.is_private() == private);
        assert!(fits, "public and private subscriptions have sockets of their own");
        let streams = subscriptions.into_iter().map(|subscription| {
            let first_rows = subscription.has_first_rows();
            let quiet_max = subscription.quiet_max(generation);
            let watch = Watch::new(Expected { first_rows, quiet_max });
            let book = subscription.steps.map(|(tick, lot)| Book::new(tick, lot));
            Stream { subscription, watch, book, told: Once::default() }
        });
        Connection {
            generation,
            credentials,
            timing: Timing::Real,
            clock: ExchangeClock::default(),
            streams: streams.collect(),
            phase: Phase::Down(Time(i64::MIN)),
            to_say: VecDeque::new(),
            pace: Pace::default(),
            pause: Pause::new(seed),
            up_since: Time(0),
            last_ping: Time(0),
            unanswered: None,
            gibberish: 0,
            resync_due: private,
        }
    }

    /// The venue waits for us: its time jumps, and nobody is to be doubted for it.
    pub fn keep_step(&mut self) {
        self.timing = Timing::Steps;
    }

    /// Whether it waits for an answer to what it did itself, or is about to do something.
    pub fn is_settling(&self, now: Time) -> bool {
        match self.phase {
            Phase::LockedOut => false,
            Phase::Down(until) => until <= now,
            Phase::Opening(_) | Phase::LoggingIn(_) => true,
            Phase::Up => self.streams.iter().any(|stream| matches!(stream.watch.stage(), Stage::Sent(_))),
        }
    }

    /// Whether rows may be too old.
    pub(super) fn is_real(&self) -> bool {
        self.timing == Timing::Real
    }

    /// The exchange's clock, as it was measured last.
    pub fn set_clock(&mut self, clock: ExchangeClock) {
        self.clock = clock;
    }

    /// Whether what a subscription says may be acted on.
    pub fn is_fresh(&self, subscription: usize) -> bool {
        self.streams[subscription].watch.is_fresh()
    }

    /// The book of a subscription, while it can be proven.
    pub fn book(&self, subscription: usize) -> Option<&Book> {
        let stream = &self.streams[subscription];
        stream.book.as_ref().filter(|book| book.is_known() && stream.watch.is_fresh())
    }

    /// The subscriptions, in the order of their numbers.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Subscription> + '_ {
        self.streams.iter().map(|stream| &stream.subscription)
    }

    /// When `wake` wants to be called, and what for.
    pub fn next_wake(&self) -> Option<(Time, Why)> {
        match self.phase {
            Phase::LockedOut => None,
            Phase::Down(until) => Some((until, Why::Reconnect)),
            Phase::Opening(_) | Phase::LoggingIn(_) if self.timing == Timing::Steps => None,
            Phase::Opening(since) => Some((since + OPENED_MAX, Why::Opening)),
            Phase::LoggingIn(since) => Some((since + LOGIN_MAX, Why::Login)),
            Phase::Up => self.next_of_open_line(),
        }
    }

    fn next_of_open_line(&self) -> Option<(Time, Why)> {
        let say = (!self.to_say.is_empty())
            .then(|| (self.pace.wait_until(Time(i64::MIN)).unwrap_or(Time(i64::MIN)), Why::Subscribe));
        if self.timing == Timing::Steps {
            return say;
        }
        let ping = Some((self.last_ping + PING_EACH, Why::Ping));
        let pong = self.unanswered.map(|since| (since + PONG_MAX, Why::Pong));
        let doubt = self
            .streams
            .iter()
            .filter_map(|stream| stream.watch.deadline())
            .map(|due| (due.0, Why::Doubt))
            .min_by_key(|due| due.0);
        [ping, pong, say, doubt].into_iter().flatten().min_by_key(|due| due.0)
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        match self.phase {
            Phase::LockedOut => {}
            Phase::Down(until) if now >= until => {
                self.phase = Phase::Opening(now);
                out.push(Output::Open);
            }
            Phase::Opening(_) | Phase::LoggingIn(_) if self.timing == Timing::Steps => {}
            Phase::Opening(since) if now >= since + OPENED_MAX => self.give_up(now, Reason::NotOpened, out),
            Phase::LoggingIn(since) if now >= since + LOGIN_MAX => {
                self.give_up(now, Reason::LoginSilent, out)
            }
            Phase::Up => {
                if self.timing == Timing::Real {
                    self.keep_alive(now, out);
                    self.doubt(now, out);
                }
                self.say(now, out);
            }
            Phase::Down(_) | Phase::Opening(_) | Phase::LoggingIn(_) => {}
        }
    }

    /// The socket is open.
    pub fn opened(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        if !matches!(self.phase, Phase::Opening(_)) {
            // It opened after it was given up.
            out.push(Output::Close(Reason::NotOpened));
            return;
        }
        self.gibberish = 0;
        self.unanswered = None;
        self.last_ping = now;
        self.pace = Pace::default();
        match &self.credentials {
            Some(credentials) => {
                out.push(Output::Send(credentials.login_frame(self.clock.at(now))));
                self.phase = Phase::LoggingIn(now);
            }
            None => self.up(now, out),
        }
    }

    /// The socket was closed, or could not be opened.
    pub fn closed(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        match self.phase {
            Phase::LockedOut | Phase::Down(_) => {}
            _ => self.fall(now, Reason::ClosedByPeer, out),
        }
    }

    /// The line may carry subscriptions.
    pub(super) fn up(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        self.phase = Phase::Up;
        self.up_since = now;
        self.to_say.clear();
        for (index, stream) in self.streams.iter_mut().enumerate() {
            stream.watch.reconnected();
            if stream.watch.stage() == Stage::Wanted {
                self.to_say.push_back(ToSay::Begin(index));
            }
        }
        self.say(now, out);
    }

    /// Closes the line; it comes back after a pause.
    pub(super) fn give_up(&mut self, now: Time, reason: Reason, out: &mut Vec<Output<'_>>) {
        out.push(Output::Close(reason));
        self.fall(now, reason, out);
    }

    fn fall(&mut self, now: Time, reason: Reason, out: &mut Vec<Output<'_>>) {
        let pause = if reason == Reason::Throttled { self.pause.throttled() } else { self.pause.next() };
        self.phase = Phase::Down(now + pause);
        self.to_say.clear();
        self.resync_due = self.credentials.is_some();
        for (subscription, stream) in self.streams.iter_mut().enumerate() {
            if stream.watch.stage() == Stage::Refused {
                continue;
            }
            if stream.watch.again() {
                out.push(Output::Stale { subscription, doubt: Doubt::Disconnected });
            }
            stream.forget();
        }
    }

    /// Says a subscription must not be believed, and begins it anew.
    pub(super) fn begin_again(
        &mut self,
        subscription: usize,
        doubt: Doubt,
        now: Time,
        out: &mut Vec<Output<'_>>,
    ) {
        let stream = &mut self.streams[subscription];
        if matches!(stream.watch.stage(), Stage::Wanted | Stage::Refused) {
            // It is to be begun already, or never again.
            return;
        }
        stream.forget();
        if stream.watch.again() {
            out.push(Output::Stale { subscription, doubt });
        }
        if stream.watch.is_hopeless() {
            self.give_up(now, Reason::Hopeless, out);
            return;
        }
        self.resync_due |= stream.subscription.is_private();
        self.to_say.push_back(ToSay::End(subscription));
        self.to_say.push_back(ToSay::Begin(subscription));
        self.say(now, out);
    }

    fn keep_alive(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        if now - self.up_since >= HELD_FOR {
            self.pause.reset();
        }
        if self.unanswered.is_some_and(|since| now >= since + PONG_MAX) {
            self.give_up(now, Reason::NoPong, out);
        } else if now >= self.last_ping + PING_EACH {
            self.last_ping = now;
            self.unanswered.get_or_insert(now);
            out.push(Output::Send("ping".to_owned()));
        }
    }

    pub(super) fn pong(&mut self) {
        self.unanswered = None;
    }

    fn doubt(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        for index in 0..self.streams.len() {
            // Giving up the line ends all doubts of it.
            if self.phase != Phase::Up {
                return;
            }
            if let Some((due, doubt)) = self.streams[index].watch.deadline()
                && now >= due
            {
                self.begin_again(index, doubt, now, out);
            }
        }
    }

    /// Sends the next frame of subscriptions, if it may go.
    fn say(&mut self, now: Time, out: &mut Vec<Output<'_>>) {
        if self.phase != Phase::Up || self.to_say.is_empty() || self.pace.wait_until(now).is_some() {
            return;
        }
        let begins = matches!(self.to_say[0], ToSay::Begin(_));
        let mut args = Vec::new();
        while args.len() < SUBJECTS_MAX {
            match self.to_say.front() {
                Some(ToSay::Begin(index)) if begins => {
                    self.streams[*index].watch.sent(now);
                    args.push(self.streams[*index].subscription.arg(self.generation));
                }
                Some(ToSay::End(index)) if !begins => {
                    args.push(self.streams[*index].subscription.arg(self.generation));
                }
                _ => break,
            }
            self.to_say.pop_front();
        }
        if !self.pace.went(now, args.len()) {
            self.give_up(now, Reason::SaidTooMuch, out);
            return;
        }
        out.push(Output::Send(frame(if begins { "subscribe" } else { "unsubscribe" }, &args)));
    }
}

impl Stream {
    /// Throws away what cannot be believed any more.
    fn forget(&mut self) {
        self.book = self.subscription.steps.map(|(tick, lot)| Book::new(tick, lot));
    }
}
