//! Strategies: a closed set, one file each, matched once per slice of bars, never called through a vtable.
//!
//! A strategy answers the questions of a trader profile: should it enter, where the stop and the targets lie,
//! should it leave. It sees closed bars only; how much to risk is not its question.

// tidy: list-of .
pub mod aggressive;
pub mod buy_hold;
pub mod cosmic;
pub mod ema_cross;
pub mod fibonacci;
pub mod newbie;
pub mod scalper;
pub mod strategic;

use crate::modifier::Modifier;
use crate::profile::{Susceptibility, TargetShare};
use crate::signal::{Reason, Signal};
use aggressive::Aggressive;
use buy_hold::BuyHold;
use cosmic::Cosmic;
use cosmos::Sky;
use ema_cross::EmaCross;
use fibonacci::Fibonacci;
use market::{FrameSet, Market, Wants};
use model::snapshot::{Restore, Save, State, Unreadable};
use model::{Bars, Draws, Price, Qty, Side, StateHash, TARGETS_MAX, Time};
use newbie::Newbie;
use scalper::Scalper;
use strategic::Strategic;

/// What a strategy decides from: closed bars and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The shared view.
    pub market: &'a Market,
    /// Frames that closed just now, of those it wants.
    pub closed: FrameSet,
    /// The instant of the decision: the close of the last bar.
    pub now: Time,
    /// Last traded price.
    pub price: Price,
    /// The outside factors, as this persona feels them.
    pub outside: Outside<'a>,
}

/// How the outside factors stand together for one persona: worked out only when it is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Outside<'a> {
    /// This, whatever the hour.
    Aligned(f64),
    /// By the sky of the hour.
    Sky {
        /// What is known.
        sky: &'a Sky,
        /// How much of it is felt.
        felt: Susceptibility,
        /// How much of that counts.
        gain: f64,
    },
}

impl Outside<'_> {
    /// Nothing is felt.
    pub const NONE: Outside<'static> = Outside::Aligned(0.0);
}

impl Context<'_> {
    /// How the outside factors stand together for this persona, -1..1; 0 where none is felt.
    pub fn alignment(&self) -> f64 {
        match self.outside {
            Outside::Aligned(alignment) => alignment,
            Outside::Sky { sky, felt, gain } => Modifier::under(sky, self.now, &felt, gain).alignment,
        }
    }
}

/// The position a strategy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Long (`Buy`) or short (`Sell`).
    pub side: Side,
    /// Average entry.
    pub entry: Price,
    /// Where the protective stop was put at the entry.
    pub first_stop: Price,
    /// Where it rests now.
    pub stop: Price,
    /// First fill.
    pub since: Time,
}

impl Held {
    /// Distance at risk at the entry, in ticks: one R.
    pub fn risk_distance(&self) -> i64 {
        (self.entry.0 - self.first_stop.0).abs()
    }
}

/// What a control wants: a signed position, turned around in one order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Wanted position.
    pub target: Qty,
    /// Why.
    pub reason: Reason,
}

model::value!(Turn { target, reason });

/// What the user sets of the controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlSettings {
    /// Period of the fast average.
    pub fast: u32,
    /// Period of the slow average.
    pub slow: u32,
    /// Quantity always held.
    pub quantity: Qty,
}

/// The strategies.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// Trend following.
    Strategic(Strategic),
    /// Momentum and breakout.
    Aggressive(Aggressive),
    /// Back to the day's average, as a maker.
    Scalper(Scalper),
    /// Chases and tips.
    Newbie(Newbie),
    /// Swings and retracements.
    Fibonacci(Fibonacci),
    /// Trend and reversion, weighed by the alignment.
    Cosmic(Cosmic),
    /// Control: crossing averages.
    EmaCross(EmaCross),
    /// Control: bought once.
    BuyHold(BuyHold),
}

/// Which of them it is follows from the origin; most have no memory.
impl State for Strategy {
    fn save(&self, to: &mut Save) {
        match self {
            Strategy::Newbie(strategy) => strategy.save(to),
            Strategy::EmaCross(strategy) => strategy.save(to),
            Strategy::Strategic(Strategic)
            | Strategy::Aggressive(Aggressive)
            | Strategy::Scalper(Scalper)
            | Strategy::Fibonacci(Fibonacci)
            | Strategy::Cosmic(Cosmic)
            | Strategy::BuyHold(BuyHold) => {}
        }
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        match self {
            Strategy::Newbie(strategy) => strategy.restore(from),
            Strategy::EmaCross(strategy) => strategy.restore(from),
            Strategy::Strategic(Strategic)
            | Strategy::Aggressive(Aggressive)
            | Strategy::Scalper(Scalper)
            | Strategy::Fibonacci(Fibonacci)
            | Strategy::Cosmic(Cosmic)
            | Strategy::BuyHold(BuyHold) => Ok(()),
        }
    }
}

/// The strategies that a profile may name; the controls are none of them.
pub const STRATEGIES: &[&str] = &["strategic", "aggressive", "scalper", "newbie", "fibonacci", "cosmic"];

impl Strategy {
    /// The strategy a profile names.
    pub fn of_profile(name: &str, draws: Draws) -> Option<Strategy> {
        match name {
            "strategic" => Some(Strategy::Strategic(Strategic)),
            "aggressive" => Some(Strategy::Aggressive(Aggressive)),
            "scalper" => Some(Strategy::Scalper(Scalper)),
            "newbie" => Some(Strategy::Newbie(Newbie::new(draws))),
            "fibonacci" => Some(Strategy::Fibonacci(Fibonacci)),
            "cosmic" => Some(Strategy::Cosmic(Cosmic)),
            _ => None,
        }
    }

    /// The control of a name.
    pub fn of_control(name: &str, settings: ControlSettings) -> Option<Strategy> {
        match name {
            "ema_cross" => Some(Strategy::EmaCross(EmaCross::new(settings))),
            "buy_hold" => Some(Strategy::BuyHold(BuyHold)),
            _ => None,
        }
    }

    /// Whether it is a control: without psychology, bracket or a persona's limits.
    pub fn is_control(&self) -> bool {
        matches!(self, Strategy::EmaCross(_) | Strategy::BuyHold(_))
    }

    /// The frames it wants to see close and what it reads of them; nothing for the controls, which read base bars.
    pub fn wants(&self) -> Wants {
        match self {
            Strategy::Strategic(_) => Strategic::WANTS,
            Strategy::Aggressive(_) => Aggressive::WANTS,
            Strategy::Scalper(_) => Scalper::WANTS,
            Strategy::Newbie(_) => Newbie::WANTS,
            Strategy::Fibonacci(_) => Fibonacci::WANTS,
            Strategy::Cosmic(_) => Cosmic::WANTS,
            Strategy::EmaCross(_) | Strategy::BuyHold(_) => Wants::NONE,
        }
    }

    /// Reads base bars until it has something to say; returns how many it took.
    #[inline]
    pub fn scan(&mut self, bars: Bars<'_>) -> (usize, Option<Turn>) {
        match self {
            Strategy::EmaCross(strategy) => strategy.scan(bars.close),
            _ => (bars.len(), None),
        }
    }

    /// Whether to enter, which way and why.
    pub fn should_enter_trade(&mut self, context: &Context<'_>) -> Option<Signal> {
        match self {
            Strategy::Strategic(strategy) => strategy.should_enter_trade(context),
            Strategy::Aggressive(strategy) => strategy.should_enter_trade(context),
            Strategy::Scalper(strategy) => strategy.should_enter_trade(context),
            Strategy::Newbie(strategy) => strategy.should_enter_trade(context),
            Strategy::Fibonacci(strategy) => strategy.should_enter_trade(context),
            Strategy::Cosmic(strategy) => strategy.should_enter_trade(context),
            Strategy::EmaCross(_) | Strategy::BuyHold(_) => None,
        }
    }

    /// Whether to leave, and why.
    pub fn should_exit_trade(&mut self, context: &Context<'_>, held: &Held) -> Option<Reason> {
        match self {
            Strategy::Strategic(strategy) => strategy.should_exit_trade(context, held),
            Strategy::Aggressive(strategy) => strategy.should_exit_trade(context, held),
            Strategy::Scalper(strategy) => strategy.should_exit_trade(context, held),
            Strategy::Newbie(strategy) => strategy.should_exit_trade(context, held),
            Strategy::Fibonacci(strategy) => strategy.should_exit_trade(context, held),
            Strategy::Cosmic(strategy) => strategy.should_exit_trade(context, held),
            Strategy::EmaCross(_) | Strategy::BuyHold(_) => None,
        }
    }

    /// Distance of the protective stop from an entry, in ticks, before the band of risk holds it.
    pub fn stop_distance(&self, context: &Context<'_>) -> Option<f64> {
        match self {
            Strategy::Strategic(strategy) => strategy.stop_distance(context),
            Strategy::Aggressive(strategy) => strategy.stop_distance(context),
            Strategy::Scalper(strategy) => strategy.stop_distance(context),
            Strategy::Newbie(strategy) => strategy.stop_distance(context),
            Strategy::Fibonacci(strategy) => strategy.stop_distance(context),
            Strategy::Cosmic(strategy) => strategy.stop_distance(context),
            Strategy::EmaCross(_) | Strategy::BuyHold(_) => None,
        }
    }

    /// A take-profit ladder of its own instead of the profile's, in multiples of the risk; absent rungs are zero.
    pub fn take_profit(&self, context: &Context<'_>) -> Option<[TargetShare; TARGETS_MAX]> {
        match self {
            Strategy::Newbie(strategy) => strategy.take_profit(context),
            _ => None,
        }
    }

    /// Where the protective stop should rest now; only ever closer to profit.
    pub fn trail_stop(&mut self, context: &Context<'_>, held: &Held) -> Option<Price> {
        match self {
            Strategy::Strategic(strategy) => strategy.trail_stop(context, held),
            _ => None,
        }
    }

    /// Adds the strategy to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        match self {
            Strategy::EmaCross(strategy) => strategy.hash(hash),
            Strategy::Newbie(strategy) => strategy.hash(hash),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Concern};

    #[test]
    fn every_listed_strategy_exists_is_no_control_and_reads_something() {
        let draws = Draws::stream(1, BotId(0), Concern::Strategy);
        for name in STRATEGIES {
            let strategy = Strategy::of_profile(name, draws).expect("listed");
            assert!(!strategy.is_control() && !strategy.wants().frames().is_empty(), "{name}");
        }
        assert!(Strategy::of_profile("ema_cross", draws).is_none());
        for (name, toml) in crate::PERSONAS {
            let profile = crate::Profile::parse(toml).expect("built in");
            assert!(STRATEGIES.contains(&profile.strategy.as_str()), "{name}");
        }
    }
}
