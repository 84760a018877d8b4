//! What emotion cost: a persona against its calm twin on the same market, split by what was felt.
//!
//! The split is bookkeeping, not a model: trades of the same entry are compared, trades that only one of them made count
//! whole, and each difference goes to one cause by what the persona felt. A trade that only one of them made although
//! nothing was felt goes to what parted them last: whoever left early is free for what the other cannot take. It refuses
//! to lose a unit: the causes sum to the difference of the two results.

use crate::replay::ClosedTrade;
use crate::run::RunResult;
use execution::{ExitReason, Trade};
use model::{Time, Usd};
use persona::{EntryKind, Label};

/// Why a persona did otherwise than its twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Confident, greedy or euphoric: larger, wider, sooner.
    Greed,
    /// Chased without a signal, or entered while it could not wait.
    Fomo,
    /// Wanted a loss back.
    Revenge,
    /// Left, or stayed away, in panic.
    Panic,
    /// Anxious or fearful: smaller, tighter, later or not at all.
    Fear,
    /// Too tired to trade.
    Fatigue,
    /// A slip of the hand.
    Mistakes,
    /// Took a gain early or fled a loss without panic.
    Nerves,
    /// Nothing was felt but the sky: sizes and occasions that it moved.
    Sky,
    /// Nothing was felt then and nobody had parted yet: what sizes owe to an equity that emotion has moved.
    KnockOn,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 10] = [
        Cause::Greed,
        Cause::Fomo,
        Cause::Revenge,
        Cause::Panic,
        Cause::Fear,
        Cause::Fatigue,
        Cause::Mistakes,
        Cause::Nerves,
        Cause::Sky,
        Cause::KnockOn,
    ];

    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::Greed => "greed",
            Cause::Fomo => "fomo",
            Cause::Revenge => "revenge",
            Cause::Panic => "panic",
            Cause::Fear => "fear",
            Cause::Fatigue => "fatigue",
            Cause::Mistakes => "mistakes",
            Cause::Nerves => "nerves",
            Cause::Sky => "sky",
            Cause::KnockOn => "knock_on",
        }
    }

    /// What a state alone is a cause of.
    const fn of_label(label: Label) -> Cause {
        match label {
            Label::Confident | Label::Greedy | Label::Euphoric => Cause::Greed,
            Label::Fomo => Cause::Fomo,
            Label::Revenge => Cause::Revenge,
            Label::Panic => Cause::Panic,
            Label::Anxious | Label::Fearful => Cause::Fear,
            Label::Exhausted => Cause::Fatigue,
            Label::Calm | Label::Neutral => Cause::KnockOn,
        }
    }

    /// What made a persona's trade other than its twin's: the act first, then the state it was entered in.
    fn of_trade(trade: &Trade) -> Cause {
        let entry = &trade.position.entry;
        if trade.reason == ExitReason::Panic {
            Cause::Panic
        } else if entry.kind == EntryKind::Fomo.name() {
            Cause::Fomo
        } else if entry.kind == EntryKind::Revenge.name() {
            Cause::Revenge
        } else if entry.mistake {
            Cause::Mistakes
        } else if trade.reason == ExitReason::Impulse {
            Cause::Nerves
        } else {
            let label = Label::ALL.into_iter().find(|label| label.name() == entry.mood);
            match Cause::of_label(label.expect("a persona's entry names its state")) {
                Cause::KnockOn if under_a_sky(trade) => Cause::Sky,
                cause => cause,
            }
        }
    }
}

/// The price of feeling. Positive is lost, negative gained.
#[derive(Clone, Debug, PartialEq)]
pub struct CostOfEmotion {
    /// The twin's net result less the persona's.
    pub total: Usd,
    /// The same, by cause, in the order of [`Cause::ALL`]; sums to the total.
    pub by_cause: [Usd; Cause::ALL.len()],
    /// The twin's change of equity less the persona's, a day, in USDT.
    pub daily: Vec<f64>,
}

impl CostOfEmotion {
    /// Compares a persona with its twin; both ran on the same bars from the same capital.
    pub fn of(persona: &RunResult, twin: &RunResult) -> CostOfEmotion {
        let total = twin.net - persona.net;
        let mut by_cause = [Usd::ZERO; Cause::ALL.len()];
        let mut charge = |cause: Cause, cost: Usd| {
            let at = Cause::ALL.iter().position(|&known| known == cause).expect("ALL holds every cause");
            by_cause[at] += cost;
        };
        // What parted the two last.
        let sky = persona.trades.iter().any(|closed| under_a_sky(&closed.trade));
        let mut parted = if sky { Cause::Sky } else { Cause::KnockOn };
        let mut blame = |cause: Cause| {
            match cause {
                // What parted them goes on.
                Cause::KnockOn => {}
                Cause::Sky if parted != Cause::KnockOn => {}
                cause => parted = cause,
            }
            parted
        };
        let (mut mine, mut its) = (persona.trades.iter().peekable(), twin.trades.iter().peekable());
        loop {
            match (mine.peek(), its.peek()) {
                (None, None) => break,
                (Some(a), Some(b)) if same_entry(a, b) => {
                    let cause = Cause::of_trade(&a.trade);
                    if a.trade.exited_at != b.trade.exited_at {
                        blame(cause);
                    }
                    charge(cause, b.trade.net() - a.trade.net());
                    mine.next();
                    its.next();
                }
                (a, Some(b)) if a.is_none_or(|a| entered(b) < entered(a)) => {
                    charge(blame(Cause::of_label(persona.label_at(entered(b)))), b.trade.net());
                    its.next();
                }
                (Some(a), _) => {
                    charge(blame(Cause::of_trade(&a.trade)), -a.trade.net());
                    mine.next();
                }
                (None, Some(_)) => panic!("the second arm takes what only the twin made"),
            }
        }
        let split: i128 = by_cause.iter().map(|cost| i128::from(cost.0)).sum();
        assert_eq!(split, i128::from(total.0), "the causes explain the whole difference");
        CostOfEmotion { total, by_cause, daily: daily(persona, twin) }
    }

    /// What one cause cost.
    pub fn of_cause(&self, cause: Cause) -> Usd {
        let at = Cause::ALL.iter().position(|&known| known == cause).expect("ALL holds every cause");
        self.by_cause[at]
    }
}

fn under_a_sky(trade: &Trade) -> bool {
    trade.position.entry.sky_permille != 1_000
}

fn entered(closed: &ClosedTrade) -> Time {
    closed.trade.position.entered_at
}

fn same_entry(a: &ClosedTrade, b: &ClosedTrade) -> bool {
    entered(a) == entered(b) && a.trade.position.side == b.trade.position.side
}

fn daily(persona: &RunResult, twin: &RunResult) -> Vec<f64> {
    let changes = |run: &RunResult| -> Vec<f64> {
        run.samples.windows(2).map(|pair| (pair[1].equity - pair[0].equity).as_f64()).collect()
    };
    assert!(
        persona.samples.iter().map(|s| s.time).eq(twin.samples.iter().map(|s| s.time)),
        "twins live through the same days"
    );
    changes(twin).iter().zip(changes(persona)).map(|(its, mine)| its - mine).collect()
}
