//! The whole adapter under a tape of what it hears: replies, frames, sockets that open and close, time that passes.
//!
//! A tape is lines: `W ms`, `A status body` (to the oldest open call), `N` (no answer), `F line text`, `O line`, `C line`,
//! `S number` (the desk's). Any other line is passed over. It refuses an adapter that asks, tells or keeps without measure.

use std::collections::VecDeque;

use model::{Interval, PositionMode, Time};
use venue_bitget::adapter::{Adapter, Alert, CallId, Doing, LineId};

use super::talk::{KINDS, START, adapter, in_pieces, saying, talks};

/// Lines of a tape that are played.
const LINES_MAX: usize = 2_000;
/// What one line of tape may set off, besides what its own length brings.
const DOINGS_MAX: usize = 400;
/// Calls that may wait for their answer.
const CALLS_MAX: usize = 400;
/// Times an adapter may want to be woken at one instant.
const WAKES_MAX: usize = 16;
/// What an adapter may come to in print, besides what it was told.
const PRINT_BYTES_MAX: usize = 400_000;
const TAPE_BYTES_MAX: usize = 48 * 1_024;

/// Tapes of all four kinds of account; the first letter says which.
pub fn tapes() -> Vec<Vec<u8>> {
    let tape = |(kind, talk): (usize, &super::talk::Talk)| {
        let mut lines = vec![format!("K {kind}")];
        lines.extend(talk.tape.iter().cloned());
        in_pieces(&lines, TAPE_BYTES_MAX).swap_remove(0)
    };
    talks().iter().enumerate().map(tape).collect()
}

/// Plays a tape.
pub fn bitget_adapter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let kind = text.strip_prefix("K ").and_then(|rest| rest.chars().next()).and_then(|c| c.to_digit(10));
    let kind = kind.unwrap_or(0) as usize % KINDS.len();
    let mut player = Player {
        adapter: adapter(KINDS[kind].1, kind),
        position: KINDS[kind].1,
        now: START + Interval::SECOND,
        calls: VecDeque::new(),
    };
    player.follow(0);
    for line in text.lines().take(LINES_MAX) {
        player.play(line);
        player.follow(line.len());
    }
    let print = format!("{:?}", player.adapter).len();
    assert!(print <= PRINT_BYTES_MAX + 8 * bytes.len(), "it keeps {print} bytes after {}", bytes.len());
}

struct Player {
    adapter: Adapter,
    position: PositionMode,
    now: Time,
    calls: VecDeque<CallId>,
}

impl Player {
    fn play(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, last) = rest.split_once(' ').unwrap_or((rest, ""));
        let number = first.parse::<u32>().unwrap_or(0);
        let (now, line) = (self.now, LineId(number));
        match word {
            "W" => self.now = now + Interval(i64::from(number.min(600_000))),
            "A" => {
                let status = u16::try_from(number).unwrap_or(200);
                if let Some(call) = self.calls.pop_front() {
                    self.adapter.answered(now, call, Some((status, last)), None);
                }
            }
            "N" => {
                if let Some(call) = self.calls.pop_front() {
                    self.adapter.answered(now, call, None, None);
                }
            }
            "F" => self.adapter.frame(now, line, last),
            "O" => self.adapter.opened(now, line),
            "C" => self.adapter.closed(now, line),
            "S" => self.adapter.say(now, saying(number as usize, self.position, now)),
            _ => {}
        }
    }

    /// Wakes it as often as it wants to be, and looks at what it does.
    fn follow(&mut self, bytes: usize) -> Vec<Doing> {
        let mut doings = vec![];
        for _ in 0..WAKES_MAX {
            while let Some(doing) = self.adapter.poll() {
                match &doing {
                    Doing::Call(call, _) => self.calls.push_back(*call),
                    Doing::Alert(Alert::Odd(text) | Alert::Unlisted(text)) => {
                        assert!(text.len() <= 2_000 + 4 * bytes, "{} bytes of words for {bytes}", text.len());
                    }
                    _ => {}
                }
                doings.push(doing);
                assert!(doings.len() <= DOINGS_MAX + bytes, "{} doings for {bytes} bytes", doings.len());
            }
            assert!(self.calls.len() <= CALLS_MAX, "{} calls wait for an answer", self.calls.len());
            if self.adapter.next_wake().is_none_or(|at| at > self.now) {
                return doings;
            }
            self.adapter.wake(self.now);
        }
        panic!(
            "woken {WAKES_MAX} times at {:?}, it wants to be woken again at {:?}",
            self.now,
            self.adapter.next_wake()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FromVenue, Report};

    /// A tape that does not bring the adapter to trade fuzzes only its start.
    #[test]
    fn every_tape_brings_the_adapter_to_tell_of_fills() {
        for (kind, tape) in tapes().iter().enumerate() {
            let text = String::from_utf8_lossy(tape);
            let position = KINDS[kind].1;
            let (adapter, now) = (adapter(position, kind), START + Interval::SECOND);
            let mut player = Player { adapter, position, now, calls: VecDeque::new() };
            let (mut ready, mut fills) = (0, 0);
            player.follow(0);
            for line in text.lines() {
                player.play(line);
                for doing in player.follow(line.len()) {
                    match doing {
                        Doing::Alert(Alert::Ready(..)) => ready += 1,
                        Doing::Tell(FromVenue::Report { report: Report::Filled(_), .. }) => fills += 1,
                        Doing::Alert(Alert::Odd(text)) => panic!("{kind}: {text} after {line}"),
                        _ => {}
                    }
                }
            }
            assert!(ready == 1 && fills >= 1, "{kind}: ready {ready} times, {fills} fills");
        }
    }
}
