//! What the sockets want of a protocol: `venue_bitget::adapter::Adapter`, or a double of it in a test.
//!
//! Refuses to be wider than what a shell needs: the farm speaks to the protocol through the link.

use model::{Time, ToVenue};
use venue_bitget::adapter::{CallId, Doing, LineId};

/// A conversation with an exchange, without sockets and without a clock.
pub trait Protocol {
    /// A desk says something.
    fn say(&mut self, now: Time, said: ToVenue);
    /// What came back for a call: nothing for a timeout or a broken line. `remaining` is the exchange's own count.
    fn answered(&mut self, now: Time, call: CallId, reply: Option<(u16, &str)>, remaining: Option<u32>);
    /// A socket is open.
    fn opened(&mut self, now: Time, line: LineId);
    /// It was closed by the other side or broke, or could not be opened.
    fn closed(&mut self, now: Time, line: LineId);
    /// Something was said on it.
    fn frame(&mut self, now: Time, line: LineId, text: &str);
    /// The farm has done with a step of a venue that waits for it.
    fn acknowledge(&mut self, now: Time, step: u64);
    /// When `wake` wants to be called if nothing else happens.
    fn next_wake(&self) -> Option<Time>;
    /// The clock has come this far.
    fn wake(&mut self, now: Time);
    /// The next thing to be done.
    fn poll(&mut self) -> Option<Doing>;
}

impl Protocol for venue_bitget::adapter::Adapter {
    fn say(&mut self, now: Time, said: ToVenue) {
        self.say(now, said);
    }

    fn answered(&mut self, now: Time, call: CallId, reply: Option<(u16, &str)>, remaining: Option<u32>) {
        self.answered(now, call, reply, remaining);
    }

    fn opened(&mut self, now: Time, line: LineId) {
        self.opened(now, line);
    }

    fn closed(&mut self, now: Time, line: LineId) {
        self.closed(now, line);
    }

    fn frame(&mut self, now: Time, line: LineId, text: &str) {
        self.frame(now, line, text);
    }

    fn acknowledge(&mut self, now: Time, step: u64) {
        self.acknowledge(now, step);
    }

    fn next_wake(&self) -> Option<Time> {
        self.next_wake()
    }

    fn wake(&mut self, now: Time) {
        self.wake(now);
    }

    fn poll(&mut self) -> Option<Doing> {
        self.poll()
    }
}
