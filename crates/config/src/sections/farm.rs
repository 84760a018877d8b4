//! The farm as a whole. Real money is asked for here and once more on the command line.

use crate::kinds::{FilePath, Label, Money, OrderPrefix, whole, word, words};
use crate::section::section;
use model::{RiskLevel, Usd};

words! {
    /// Whose money.
    pub enum Mode {
        /// Nobody's: a simulated exchange.
        Paper = "paper",
        /// The exchange's own demo money.
        Demo = "demo",
        /// Yours; `omega run` asks for `--live` as well.
        Live = "live",
    }
}

words! {
    /// How much of its persona's band a bot uses. It never leaves the band.
    pub enum RiskTolerance {
        /// The calmer half of the persona's tolerance.
        Low = "low",
        /// All of it.
        Medium = "medium",
        /// The keener half.
        High = "high",
    }
}

impl RiskTolerance {
    /// The part of a persona's tolerance (`risk.tolerance` of its profile) that is used: never outside it.
    pub fn within(self, tolerance: [f64; 2]) -> [f64; 2] {
        self.level().within(tolerance)
    }

    /// The same as a command says it.
    pub fn level(self) -> RiskLevel {
        match self {
            RiskTolerance::Low => RiskLevel::Low,
            RiskTolerance::Medium => RiskLevel::Medium,
            RiskTolerance::High => RiskLevel::High,
        }
    }
}

words! {
    /// Which bots share a shard: a journal, and the lease to speak for it.
    pub enum Shards {
        /// All bots in one, called `main`.
        Together = "together",
        /// One for each account, called like it.
        ByAccount = "by_account",
    }
}

words! {
    /// What a graceful stop does.
    pub enum Stop {
        /// Leave everything as it rests at the exchange.
        Keep = "keep",
        /// Take opening orders back; stops and targets of positions stay.
        CancelEntries = "cancel_entries",
        /// Close every position, take every order back, and wait until nothing is left.
        Close = "close",
    }
}

section! {
    /// The farm as a whole.
    pub struct Farm {
        /// What it is called in lists, messages and metrics.
        name: String = Label { chars_max: 32 }, default "\"omega\"", restart;
        /// What the ids of its orders begin with: two farms on one account need two. Changed while orders rest, those become foreign.
        prefix: String = OrderPrefix, default "\"obf\"", restart;
        /// Whose money is traded.
        mode: Mode = word(), default "\"paper\"", restart;
        /// Seed of all luck in its bots: the same seed and market, the same decisions.
        seed: u64 = whole(0, i64::MAX), default "1", restart;
        /// Where journal, history and the like are kept.
        data_dir: String = FilePath, default "\"omega-data\"", restart;
        /// What a bot begins with on paper, and what it may use of its account elsewhere.
        capital_usdt: Usd = Money { min: Usd(10_000_000), max: Usd(1_000_000_000_000_000) }, default "10000", restart, env ["INITIAL_CAPITAL"];
        /// Which part of its persona's band of risk a bot uses: low the calmer half, high the keener half, never outside the band.
        risk_tolerance: RiskTolerance = word(), default "\"medium\"", restart, env ["RISK_TOLERANCE"];
        /// Which bots share a journal and a lease, where a bot names no shard of its own. Bots of one account always do.
        shards: Shards = word(), default "\"together\"", restart;
        /// What a graceful stop does with orders and positions. Stops of positions always stay.
        stop: Stop = word(), default "\"keep\"", live;
        /// How long `omega run --live` counts down, showing account, limits and bots, before the first order.
        live_confirm_s: u32 = whole(3, 600), default "10", restart;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use persona::catalogue;

    #[test]
    fn no_tolerance_leaves_the_band() {
        for (name, _) in catalogue::PERSONAS {
            let [calm, keen] = catalogue::profile(name).unwrap().unwrap().risk.tolerance;
            for tolerance in [RiskTolerance::Low, RiskTolerance::Medium, RiskTolerance::High] {
                let [from, to] = tolerance.within([calm, keen]);
                assert!(calm <= from && from <= to && to <= keen, "{name}: {from} {to}");
            }
            assert!(
                RiskTolerance::Low.within([calm, keen])[1] <= RiskTolerance::High.within([calm, keen])[0]
            );
        }
    }
}
