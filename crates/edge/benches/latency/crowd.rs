//! The adapter beside as many other instruments as a hundred in all, each with a real connection of the dialect.
//!
//! Refuses to make anything cheaper than it is: every row of every instrument is parsed and watched.

use edge::exchange::Protocol;
use model::{Time, ToVenue};
use std::collections::VecDeque;
use venue_bitget::adapter::{Adapter, CallId, Doing, Door, LineId};
use venue_bitget::stream::{Connection, Output, Subscription};
use venue_bitget::wire::{Generation, Topic};

/// Lines of the crowd begin here.
const FIRST: u32 = 1_000;

pub struct Crowd {
    adapter: Adapter,
    lines: Vec<Connection>,
    out: VecDeque<Doing>,
}

impl Crowd {
    pub fn new(adapter: Adapter, instruments: &[String], a_line: usize) -> Crowd {
        let line = |names: &[String]| {
            let of = |name: &String| Subscription::of_symbol(Topic::Ticker, name);
            Connection::new(Generation::V2, None, names.iter().map(of).collect(), 7)
        };
        let lines = instruments.chunks(a_line).map(line).collect();
        Crowd { adapter, lines, out: VecDeque::new() }
    }

    fn with<'a>(&mut self, line: usize, act: impl FnOnce(&mut Connection, &mut Vec<Output<'a>>)) {
        let mut outputs = Vec::new();
        act(&mut self.lines[line], &mut outputs);
        let id = LineId(FIRST + u32::try_from(line).expect("a few"));
        for output in outputs {
            match output {
                Output::Open => self.out.push_back(Doing::Open(id, Door::Public, "/v2/ws/public")),
                Output::Send(text) => self.out.push_back(Doing::Say(id, text)),
                Output::Close(reason) => self.out.push_back(Doing::Close(id, reason)),
                _ => {}
            }
        }
    }

    fn ours(&self, line: LineId) -> Option<usize> {
        line.0.checked_sub(FIRST).map(|line| line as usize)
    }
}

impl Protocol for Crowd {
    fn say(&mut self, now: Time, said: ToVenue) {
        self.adapter.say(now, said);
    }
    fn answered(&mut self, now: Time, call: CallId, reply: Option<(u16, &str)>, remaining: Option<u32>) {
        self.adapter.answered(now, call, reply, remaining);
    }
    fn opened(&mut self, now: Time, line: LineId) {
        match self.ours(line) {
            Some(line) => self.with(line, |one, out| one.opened(now, out)),
            None => self.adapter.opened(now, line),
        }
    }
    fn closed(&mut self, now: Time, line: LineId) {
        match self.ours(line) {
            Some(line) => self.with(line, |one, out| one.closed(now, out)),
            None => self.adapter.closed(now, line),
        }
    }
    fn frame(&mut self, now: Time, line: LineId, text: &str) {
        match self.ours(line) {
            Some(line) => self.with(line, |one, out| one.on_frame(now, text, out)),
            None => self.adapter.frame(now, line, text),
        }
    }
    fn acknowledge(&mut self, now: Time, step: u64) {
        self.adapter.acknowledge(now, step);
    }
    fn next_wake(&self) -> Option<Time> {
        let lines = self.lines.iter().filter_map(|line| line.next_wake().map(|wake| wake.0));
        lines.chain(self.adapter.next_wake()).min()
    }
    fn wake(&mut self, now: Time) {
        self.adapter.wake(now);
        for line in 0..self.lines.len() {
            self.with(line, |one, out| one.wake(now, out));
        }
    }
    fn poll(&mut self) -> Option<Doing> {
        self.out.pop_front().or_else(|| self.adapter.poll())
    }
}
