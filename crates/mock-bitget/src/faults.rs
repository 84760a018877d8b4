//! What goes wrong on demand or by schedule: refusals, replies that lie, pushes that are lost, a clock that jumps, and
//! what the exchange does to an account of its own accord. What is late, or ends without a word, the shell lets happen.
//!
//! A fault is counted down or ends at an instant, so it never stays by mistake. Refuses what it does not know, with the
//! list of what it does.

use crate::exchange::Exchange;
use crate::http::Params;
use crate::journal::Entry;
use crate::refusal::Refusal;
use crate::user::line;
use model::{Interval, PositionMode, PositionSide, Price, Qty, Time};
use serde_json::{Value, json};

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next requests that would change something are refused with HTTP 429.
    Refuse {
        /// How many.
        requests: u32,
    },
    /// The next requests that would change something fail with HTTP 502, and nothing happens.
    Fail {
        /// How many.
        requests: u32,
    },
    /// The next requests that change something are done, and answered with HTTP 502.
    FailAfter {
        /// How many.
        requests: u32,
    },
    /// The next requests that change something are done, and answered with a code that says nothing.
    Unknown {
        /// How many.
        requests: u32,
    },
    /// The next requests that change something are done, and the connection ends without an answer.
    HangUp {
        /// How many.
        requests: u32,
    },
    /// Replies and pushes come late.
    Latency {
        /// How late.
        by: Interval,
        /// How long.
        lasts: Interval,
    },
    /// Nothing is pushed of the market.
    Stale {
        /// How long.
        lasts: Interval,
    },
    /// The next pushes are lost.
    Drop {
        /// How many.
        pushes: u32,
    },
    /// The next pushes come twice.
    Duplicate {
        /// How many.
        pushes: u32,
    },
    /// The next pushes each come after the one behind them.
    Reorder {
        /// How many.
        pushes: u32,
    },
    /// All sockets are closed.
    Disconnect,
    /// The exchange's clock jumps, and stays there.
    ClockJump {
        /// Forward, or back if negative.
        by: Interval,
    },
    /// Private requests are refused for a while.
    Maintenance {
        /// How long.
        lasts: Interval,
    },
    /// An account is liquidated, whatever its margin.
    Seize {
        /// Whose.
        uid: String,
        /// On which symbol.
        symbol: String,
    },
    /// A position is closed against somebody else's liquidation.
    Deleverage {
        /// Whose.
        uid: String,
        /// On which symbol.
        symbol: String,
        /// How much, in lots.
        lots: Qty,
    },
}

impl Fault {
    /// Whether it leaves something behind that a restart does not undo.
    fn outlives_the_process(&self) -> bool {
        matches!(self, Fault::ClockJump { .. } | Fault::Seize { .. } | Fault::Deleverage { .. })
    }
}

/// A fault and its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// When.
    pub at: Time,
    /// What.
    pub fault: Fault,
}

/// Faults that may wait.
const SCHEDULED_MAX: usize = 10_000;
/// The latest a reply may be.
const LATE_MAX: Interval = Interval(60_000);

/// A file of faults that cannot be armed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSchedule {
    /// No TOML, or none of this shape.
    #[error("the faults cannot be read: {0}: write [[fault]] tables with after_ms, fault and what it takes")]
    Toml(String),
    /// One that is not known or lacks something.
    #[error("the {0}th fault: {1}")]
    Fault(usize, String),
    /// They have a maximum.
    #[error("there are {0} faults, and at most {SCHEDULED_MAX} wait at once: leave some out")]
    TooMany(usize),
}

impl Scheduled {
    /// The faults of a TOML file: `[[fault]]` tables of what the admin endpoint takes, each with `after_ms`, which counts
    /// from `start`.
    pub fn from_toml(text: &str, start: Time) -> Result<Vec<Scheduled>, BadSchedule> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            fault: Vec<Value>,
        }
        let file: File = toml::from_str(text).map_err(|error| BadSchedule::Toml(error.to_string()))?;
        if file.fault.len() > SCHEDULED_MAX {
            return Err(BadSchedule::TooMany(file.fault.len()));
        }
        let rows = file.fault.into_iter().enumerate();
        let mut faults = Vec::new();
        for (number, row) in rows {
            let bad = |refusal: Refusal| BadSchedule::Fault(number + 1, refusal.message);
            let params = Params::of_value(row).map_err(bad)?;
            let after = params.number("after_ms").map_err(bad)?.filter(|ms| *ms >= 0);
            let after = after.ok_or_else(|| bad(Refusal::parameter("after_ms")))?;
            let at = Time(start.0.saturating_add(after));
            faults.push(Scheduled { at, fault: read(&params).map_err(bad)? });
        }
        Ok(faults)
    }
}

/// What is wrong at present, and what will be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) clock_ahead: Interval,
    pub(crate) refuse: u32,
    pub(crate) fail: u32,
    pub(crate) fail_after: u32,
    pub(crate) unknown: u32,
    pub(crate) hang_up: u32,
    late_by: Interval,
    late_until: Time,
    pub(crate) drop: u32,
    pub(crate) duplicate: u32,
    pub(crate) reorder: u32,
    pub(crate) stale_until: Time,
    pub(crate) maintenance_until: Time,
    schedule: Vec<Scheduled>,
}

/// Counts one off, if there is one.
pub(crate) fn take(count: &mut u32) -> bool {
    let any = *count > 0;
    *count = count.saturating_sub(1);
    any
}

impl Faults {
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.schedule.first().map(|next| next.at)
    }
}

impl Exchange {
    /// How late replies and pushes are at present.
    pub fn latency(&self) -> Interval {
        if self.now < self.faults.late_until { self.faults.late_by } else { Interval(0) }
    }

    /// What the admin endpoint is told: now, or after so many milliseconds.
    pub(crate) fn arm(&mut self, params: &Params) -> Result<(), Refusal> {
        let fault = read(params)?;
        match params.number("after_ms")? {
            None => self.inject(fault),
            Some(_) if self.faults.schedule.len() >= SCHEDULED_MAX => {
                return Err(Refusal::new("40020", "too many faults are waiting"));
            }
            Some(after) if after >= 0 => {
                self.schedule(Scheduled { at: Time(self.now.0.saturating_add(after)), fault });
            }
            Some(_) => return Err(Refusal::parameter("after_ms")),
        }
        Ok(())
    }

    /// Lets something go wrong at an instant.
    ///
    /// # Panics
    ///
    /// If ten thousand are waiting.
    pub fn schedule(&mut self, scheduled: Scheduled) {
        let schedule = &mut self.faults.schedule;
        assert!(schedule.len() < SCHEDULED_MAX, "at most {SCHEDULED_MAX} faults wait at once");
        let at = schedule.partition_point(|other| other.at <= scheduled.at);
        schedule.insert(at, scheduled);
    }

    pub(crate) fn apply_due_faults(&mut self) {
        while self.faults.next_wake().is_some_and(|at| at <= self.now) {
            let due = self.faults.schedule.remove(0);
            self.inject(due.fault);
        }
    }

    /// Lets something go wrong now.
    pub fn inject(&mut self, fault: Fault) {
        let now = self.now;
        if fault.outlives_the_process() {
            self.note(|at| Entry::Struck { at, fault: fault.clone() });
        }
        let faults = &mut self.faults;
        match fault {
            Fault::Refuse { requests } => faults.refuse = requests,
            Fault::Fail { requests } => faults.fail = requests,
            Fault::FailAfter { requests } => faults.fail_after = requests,
            Fault::Unknown { requests } => faults.unknown = requests,
            Fault::HangUp { requests } => faults.hang_up = requests,
            Fault::Latency { by, lasts } => (faults.late_by, faults.late_until) = (by, now + lasts),
            Fault::Stale { lasts } => faults.stale_until = now + lasts,
            Fault::Drop { pushes } => faults.drop = pushes,
            Fault::Duplicate { pushes } => faults.duplicate = pushes,
            Fault::Reorder { pushes } => faults.reorder = pushes,
            Fault::ClockJump { by } => {
                faults.clock_ahead = Interval(faults.clock_ahead.0.saturating_add(by.0))
            }
            Fault::Maintenance { lasts } => faults.maintenance_until = now + lasts,
            Fault::Disconnect => self.sessions.values_mut().for_each(|session| session.close()),
            Fault::Seize { uid, symbol } => self.seize(&uid, &symbol),
            Fault::Deleverage { uid, symbol, lots } => self.deleverage(&uid, &symbol, lots),
        }
        self.tell();
    }

    /// An account or symbol that is not there has nothing to lose.
    fn seize(&mut self, uid: &str, symbol: &str) {
        let (Some(user), Some(symbol)) = (self.user_of(uid), self.symbol_of(symbol)) else { return };
        let (at, account) = (self.instant(symbol), self.users[user].account);
        if self.listings[symbol].venue.last().0 > 0 {
            self.listings[symbol].venue.seize(at, account);
            self.drain(symbol);
        }
    }

    fn deleverage(&mut self, uid: &str, symbol: &str, lots: Qty) {
        let (Some(user), Some(symbol)) = (self.user_of(uid), self.symbol_of(symbol)) else { return };
        let (at, account) = (self.instant(symbol), self.users[user].account);
        let sides: &[PositionSide] = match self.users[user].modes[symbol].position {
            PositionMode::OneWay => &[PositionSide::Net],
            PositionMode::Hedge => &[PositionSide::Long, PositionSide::Short],
        };
        let price: Price = self.listings[symbol].venue.last();
        for side in sides {
            if !self.users[user].holdings[symbol][line(*side)].position.is_flat() {
                let _closed = self.listings[symbol].venue.deleverage(at, account, *side, lots, price);
                self.drain(symbol);
                return;
            }
        }
    }
}

/// A fault as it is read: of those that outlive the process, which alone are written.
pub(crate) fn written(fault: &Fault) -> Value {
    match fault {
        Fault::ClockJump { by } => json!({ "fault": "clock_jump", "ms": by.0 }),
        Fault::Seize { uid, symbol } => json!({ "fault": "seize", "uid": uid, "symbol": symbol }),
        Fault::Deleverage { uid, symbol, lots } => {
            json!({ "fault": "deleverage", "uid": uid, "symbol": symbol, "lots": lots.0 })
        }
        other => unreachable!("{other:?} ends with the process"),
    }
}

/// A fault in words, as the admin endpoint takes it.
pub(crate) fn read(params: &Params) -> Result<Fault, Refusal> {
    let count = |key| -> Result<u32, Refusal> {
        let number = params.number(key)?.unwrap_or(1);
        u32::try_from(number).map_err(|_| Refusal::parameter(key))
    };
    let length_of = |key| -> Result<Interval, Refusal> {
        let ms = params.number(key)?.ok_or_else(|| Refusal::parameter(key))?;
        // A year is longer than any fault.
        let bounded = ms.clamp(-365 * Interval::DAY.0, 365 * Interval::DAY.0);
        Ok(Interval(bounded))
    };
    let length = || length_of("ms");
    let owned = |key| params.need(key).map(str::to_owned);
    Ok(match params.need("fault")? {
        "refuse" => Fault::Refuse { requests: count("requests")? },
        "fail" => Fault::Fail { requests: count("requests")? },
        "fail_after" => Fault::FailAfter { requests: count("requests")? },
        "unknown" => Fault::Unknown { requests: count("requests")? },
        "hang_up" => Fault::HangUp { requests: count("requests")? },
        "latency" => {
            let by = Interval(length_of("by_ms")?.0.clamp(0, LATE_MAX.0));
            Fault::Latency { by, lasts: length()? }
        }
        "stale" => Fault::Stale { lasts: length()? },
        "drop" => Fault::Drop { pushes: count("pushes")? },
        "duplicate" => Fault::Duplicate { pushes: count("pushes")? },
        "reorder" => Fault::Reorder { pushes: count("pushes")? },
        "disconnect" => Fault::Disconnect,
        "clock_jump" => Fault::ClockJump { by: length()? },
        "maintenance" => Fault::Maintenance { lasts: length()? },
        "seize" => Fault::Seize { uid: owned("uid")?, symbol: owned("symbol")? },
        "deleverage" => {
            let lots = params.number("lots")?.filter(|lots| *lots > 0);
            let lots = Qty(lots.ok_or_else(|| Refusal::parameter("lots"))?);
            Fault::Deleverage { uid: owned("uid")?, symbol: owned("symbol")?, lots }
        }
        other => {
            let known = "refuse fail fail_after unknown hang_up latency stale drop duplicate reorder disconnect clock_jump \
                         maintenance seize deleverage";
            return Err(Refusal::new("40020", format!("no fault `{other}`: choose one of {known}")));
        }
    })
}
