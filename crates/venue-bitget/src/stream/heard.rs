//! What is heard on a line: every frame finds its subscription, or is counted as odd.
//!
//! Refuses to take rows for fresh that the exchange sent long ago by its own clock, and to log in again with a key that
//! was refused as such.

use super::connection::{Connection, GIBBERISH_MAX, Phase};
use super::watch::{Doubt, LATE_MAX};
use super::{Oddity, Output, Reason};
use crate::errors::{Meaning, meaning_of};
use crate::wire::push::{Action, Push};
use crate::wire::{Arg, Frame, Pushed, Text};
use model::Time;

impl Connection {
    /// Takes a frame in.
    pub fn on_frame<'a>(&mut self, now: Time, text: &'a str, out: &mut Vec<Output<'a>>) {
        if !matches!(self.phase, Phase::Up | Phase::LoggingIn(_)) {
            // The last words of a line that was given up.
            return;
        }
        match Frame::read(text) {
            Err(error) => self.unreadable(now, error.to_string(), out),
            Ok(frame) => {
                self.gibberish = 0;
                self.take(now, frame, out);
            }
        }
    }

    fn take<'a>(&mut self, now: Time, frame: Frame<'a>, out: &mut Vec<Output<'a>>) {
        match frame {
            Frame::Pong => self.pong(),
            Frame::Ping => out.push(Output::Send("pong".to_owned())),
            Frame::Login { code, message } => self.login_answered(now, &code, &message, out),
            Frame::Subscribed(arg) => match self.subject(&arg) {
                Some(subscription) => self.acknowledged(now, subscription, out),
                None => out.push(Output::Odd(Oddity::Unasked(arg.name().to_owned()))),
            },
            Frame::Unsubscribed(_) => {}
            Frame::Error { arg, code, message } => self.complaint(now, arg, &code, &message, out),
            Frame::Unknown { event } => out.push(Output::Odd(Oddity::UnknownEvent(event.to_string()))),
            Frame::Push(push) => self.pushed(now, &push, out),
        }
    }

    fn unreadable(&mut self, now: Time, why: String, out: &mut Vec<Output<'_>>) {
        out.push(Output::Odd(Oddity::Unreadable(why)));
        self.gibberish += 1;
        if self.gibberish >= GIBBERISH_MAX {
            self.give_up(now, Reason::Gibberish, out);
        }
    }

    fn subject(&self, arg: &Arg<'_>) -> Option<usize> {
        self.streams.iter().position(|stream| stream.subscription.is_subject(arg, self.generation))
    }

    fn login_answered(&mut self, now: Time, code: &Text<'_>, message: &Text<'_>, out: &mut Vec<Output<'_>>) {
        if !matches!(self.phase, Phase::LoggingIn(_)) {
            out.push(Output::Odd(Oddity::UnknownEvent("a login nobody asked for".to_owned())));
        } else if code.is("0") || code.is("00000") || code.is_empty() {
            self.up(now, out);
        } else {
            self.login_refused(now, code, message, out);
        }
    }

    fn login_refused(&mut self, now: Time, code: &Text<'_>, message: &Text<'_>, out: &mut Vec<Output<'_>>) {
        let (code, message) = (code.to_string(), message.to_string());
        let meaning = meaning_of(&code);
        out.push(Output::Odd(Oddity::Complaint { code, message }));
        match meaning {
            Some(Meaning::Fatal(fatal)) => {
                self.give_up(now, Reason::LoginRefused, out);
                self.phase = Phase::LockedOut;
                out.push(Output::LockedOut(fatal));
            }
            Some(Meaning::Clock) => {
                out.push(Output::MeasureClock);
                self.give_up(now, Reason::LoginClock, out);
            }
            Some(Meaning::Throttled) => self.give_up(now, Reason::Throttled, out),
            _ => self.give_up(now, Reason::LoginRefused, out),
        }
    }

    fn complaint(
        &mut self,
        now: Time,
        arg: Option<Arg<'_>>,
        code: &Text<'_>,
        message: &Text<'_>,
        out: &mut Vec<Output<'_>>,
    ) {
        if matches!(self.phase, Phase::LoggingIn(_)) {
            return self.login_refused(now, code, message, out);
        }
        let named = arg.or_else(|| subject_in_words(message.as_str()));
        let subscription = named.and_then(|arg| self.subject(&arg));
        match (meaning_of(code.as_str()), subscription) {
            (Some(Meaning::Throttled), _) => self.give_up(now, Reason::Throttled, out),
            (_, Some(subscription)) => {
                self.streams[subscription].watch.refused();
                out.push(Output::Refused { subscription, code: code.to_string() });
                self.resync(out);
            }
            (_, None) => {
                let (code, message) = (code.to_string(), message.to_string());
                out.push(Output::Odd(Oddity::Complaint { code, message }));
            }
        }
    }

    fn acknowledged(&mut self, now: Time, subscription: usize, out: &mut Vec<Output<'_>>) {
        if self.streams[subscription].watch.acknowledged(now) {
            out.push(Output::Fresh { subscription });
        }
        self.resync(out);
    }

    /// Once all private streams hear: what was said before that is read over REST.
    fn resync(&mut self, out: &mut Vec<Output<'_>>) {
        let taken = |watch: &super::Watch| watch.is_taken() || watch.stage() == super::watch::Stage::Refused;
        if self.resync_due && self.streams.iter().all(|stream| taken(&stream.watch)) {
            self.resync_due = false;
            out.push(Output::Resync);
        }
    }

    fn pushed<'a>(&mut self, now: Time, push: &Push<'a>, out: &mut Vec<Output<'a>>) {
        let Some(subscription) = self.subject(&push.arg) else {
            return out.push(Output::Odd(Oddity::Unasked(push.arg.name().to_owned())));
        };
        let rows = match push.read() {
            Ok(rows) => rows,
            Err(error) => {
                // What could not be read may have been a change: the subject must be learnt anew.
                self.unreadable(now, error.to_string(), out);
                if self.phase == Phase::Up {
                    self.begin_again(subscription, Doubt::Broken, now, out);
                }
                return;
            }
        };
        let at = push.at.field("ts").time().ok();
        let is_old = |at: Time| self.clock.is_known() && self.clock.at(now) - at > LATE_MAX;
        let late = self.is_real() && at.is_some_and(is_old);
        let rows = self.told_once(subscription, rows);
        if let Pushed::Books(changes) = &rows {
            for depth in changes {
                if !self.book_changed(now, subscription, push.action, depth, out) {
                    return;
                }
            }
            out.push(Output::BookChanged { subscription, at });
        } else {
            out.push(Output::Rows { subscription, action: push.action, at, rows });
        }
        self.alive(now, subscription, late, out);
    }

    /// Public trades without those that were told before.
    fn told_once<'a>(&mut self, subscription: usize, rows: Pushed<'a>) -> Pushed<'a> {
        let Pushed::Trades(mut trades) = rows else { return rows };
        let told = &mut self.streams[subscription].told;
        trades.retain(|trade| told.is_new(trade.id.as_str()));
        Pushed::Trades(trades)
    }

    fn alive(&mut self, now: Time, subscription: usize, late: bool, out: &mut Vec<Output<'_>>) {
        let watch = &mut self.streams[subscription].watch;
        let was = watch.is_fresh();
        if watch.rows(now, late) {
            out.push(Output::Fresh { subscription });
        } else if was && late {
            out.push(Output::Stale { subscription, doubt: Doubt::Late });
        }
        self.resync(out);
    }

    /// Whether the book stands.
    fn book_changed(
        &mut self,
        now: Time,
        subscription: usize,
        action: Action,
        depth: &crate::wire::market::Depth<'_>,
        out: &mut Vec<Output<'_>>,
    ) -> bool {
        let book = self.streams[subscription].book.as_mut().expect("a subscription to a book keeps one");
        let Err(broken) = book.take(action, depth) else { return true };
        if broken == super::Broken::NoSnapshot {
            // The tail of the old subscription, while the new one is on its way.
            return false;
        }
        out.push(Output::Odd(Oddity::Unreadable(broken.to_string())));
        self.begin_again(subscription, Doubt::Broken, now, out);
        false
    }
}

/// V3 says what it complains about in its words only: `{"instType":...} doesn't exist`.
fn subject_in_words(message: &str) -> Option<Arg<'_>> {
    let mut values = serde_json::Deserializer::from_str(message).into_iter::<Arg<'_>>();
    if message.starts_with('{') { values.next()?.ok() } else { None }
}
