//! One order of ours, from its sending until everything about it is told.
//!
//! Refuses to be moved back by a list that is older than what was pushed.

use model::{
    Bracket, KnownOrder, Leg, OrderId, OrderKind, OrderRequest, Price, Progress, Qty, Report, TARGETS_MAX,
    Target, Time,
};

/// How large an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// As large as it was asked to be, or as the exchange says.
    Own,
    /// As the position it protects; its size comes with its fills.
    Position,
}

/// How far a trigger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    Waits,
    /// It went off; which order it became is not known.
    WentOff,
    /// That is known too.
    Became,
}

/// One order of ours that may still say something.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) request: OrderRequest,
    pub(super) extent: Extent,
    pub(super) progress: Progress,
    /// Told, or heard before this process.
    pub(super) filled: Qty,
    /// What was told to be left.
    pub(super) left: Option<Qty>,
    /// What has filled by the exchange's count, and when that was so.
    pub(super) seen: Qty,
    pub(super) seen_at: Time,
    pub(super) trigger: Trigger,
    /// Since when it is known to be there, by the exchange's clock.
    pub(super) taken_at: Time,
    /// Readings in a row that did not find it.
    pub(super) missing: u8,
    /// When it may be called accepted, if nothing is heard of it before.
    pub(super) ripe_at: Option<Time>,
    /// When it was last heard of on a socket: what was listed before that is older.
    pub(super) heard_at: Time,
    /// We asked for its end.
    pub(super) leaving: bool,
    /// How it ended; told when all its fills are.
    pub(super) ending: Option<Told>,
}

/// How something of the exchange's came to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// On a socket, now.
    Pushed(Time),
    /// In a list that was asked for then: what was pushed since is newer.
    Listed { asked_at: Time },
}

/// How an order's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) at: Time,
    pub(super) report: Report,
    /// It may be told before the next reading; what went away by itself waits for the fills that explain it.
    pub(super) at_once: bool,
}

impl Life {
    /// Whether it rests as a trigger.
    pub(super) fn is_trigger(&self) -> bool {
        !matches!(self.request.kind, OrderKind::Market | OrderKind::Limit { .. })
    }

    /// Where it stands now, if that is news.
    pub(super) fn moved(&mut self, seen: Seen, to: Option<Price>) -> Option<Price> {
        match seen {
            Seen::Pushed(now) => self.heard_at = now,
            Seen::Listed { asked_at } if self.heard_at >= asked_at => return None,
            Seen::Listed { .. } => {}
        }
        let price = match &mut self.request.kind {
            OrderKind::Limit { price, .. } | OrderKind::StopMarket { trigger: price } => price,
            _ => return None,
        };
        let to = to.filter(|to| to != price)?;
        *price = to;
        (self.progress == Progress::Taken).then_some(to)
    }

    pub(super) fn new(request: OrderRequest) -> Life {
        Life {
            request,
            extent: if request.id.leg == Leg::Stop { Extent::Position } else { Extent::Own },
            progress: Progress::Sent,
            filled: Qty::ZERO,
            left: None,
            seen: Qty::ZERO,
            seen_at: Time(0),
            trigger: Trigger::Waits,
            taken_at: Time(i64::MIN),
            missing: 0,
            ripe_at: None,
            heard_at: Time(i64::MIN),
            leaving: false,
            ending: None,
        }
    }
}

/// The bracket an entry was sent with, out of the legs that wait for it.
pub(super) fn bracket_of(entry: OrderId, all: &[KnownOrder]) -> Option<Bracket> {
    let leg = |leg| all.iter().find(|order| entry.leg == Leg::Own && order.id == entry.with_leg(leg));
    let stop = leg(Leg::Stop)?.price?;
    let mut targets = [Target::default(); TARGETS_MAX];
    for (number, target) in (0_u8..).zip(&mut targets) {
        if let Some(KnownOrder { price: Some(price), qty, .. }) = leg(Leg::Target(number)).copied() {
            *target = Target { price, qty };
        }
    }
    Some(Bracket { stop, targets })
}
