//! How long and how much, and what was counted.
//!
//! Refuses nothing itself; whoever holds one of these refuses in its name.

use std::time::Duration;
use venue_bitget::adapter::TIMEOUT;
use venue_bitget::wire::push::FRAME_BYTES_MAX;

/// How long and how much; the defaults are for an exchange across an ocean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until an address has accepted; then the next address is tried.
    pub connect: Duration,
    /// From a call to its whole answer.
    pub call: Duration,
    /// From nothing to an open line, or to a connection that takes requests.
    pub opening: Duration,
    /// For so long the other side may refuse to take what is said on a line.
    pub stalled: Duration,
    /// A connection that was not used for so long is replaced before somebody in between forgets it.
    pub idle: Duration,
    /// Between two attempts to have connections ready, doubled up to sixteen times while they fail.
    pub redial: Duration,
    /// For so long `stop` waits for answers to what was asked.
    pub stop: Duration,
    /// HTTP connections at once.
    pub connections_max: usize,
    /// HTTP connections that are held ready.
    pub connections_warm: usize,
    /// Calls that wait for a connection.
    pub waiting_max: usize,
    /// Lines at once.
    pub lines_max: usize,
    /// Of the head of an answer.
    pub head_bytes_max: usize,
    /// Of the body of an answer.
    pub body_bytes_max: usize,
    /// Of a message on a line.
    pub frame_bytes_max: usize,
    /// Of what we said on a line and the other side did not take.
    pub said_bytes_max: usize,
    /// What was told and not taken yet.
    pub told_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(4),
            call: Duration::from_millis(TIMEOUT.0.unsigned_abs()),
            opening: Duration::from_secs(15),
            stalled: Duration::from_secs(10),
            idle: Duration::from_secs(45),
            redial: Duration::from_secs(2),
            stop: Duration::from_millis(1_000),
            connections_max: 8,
            connections_warm: 2,
            waiting_max: 256,
            lines_max: 512,
            head_bytes_max: 65_536,
            body_bytes_max: 4_000_000,
            frame_bytes_max: FRAME_BYTES_MAX,
            said_bytes_max: 1_048_576,
            told_max: 65_536,
        }
    }
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Off all sockets, as they lay on them.
    pub bytes_received: u64,
    /// Onto all sockets.
    pub bytes_sent: u64,
    /// Text frames heard.
    pub frames_received: u64,
    /// Text frames said.
    pub frames_sent: u64,
    /// Calls taken on.
    pub calls: u64,
    /// Whole answers, whatever they say.
    pub answers: u64,
    /// Calls that were not answered in time.
    pub timeouts: u64,
    /// Calls that ended without an answer for any other reason.
    pub broken: u64,
    /// HTTP connections that were opened.
    pub connections: u64,
    /// Lines that were opened.
    pub lines: u64,
    /// Of these, how often a line was opened that had been open before.
    pub reconnects: u64,
    /// Lines that broke, were closed by the other side, or did not open.
    pub lines_lost: u64,
}
