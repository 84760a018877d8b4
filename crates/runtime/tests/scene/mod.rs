//! Two controls that trade often, on a made market: a shard for whoever hosts one.

use control::view::Names;
use edge::exchange::Clock;
use edge::journal::Place;
use edge::paper::PaperPlan;
use farm::{Character, Recruit};
use model::{AccountMode, BotId, Interval, MarginMode, PositionMode, Qty, Usd};
use persona::ControlSettings;
use risk::Rules;
use runtime::engine::Market;
use runtime::feed::Made;
use runtime::shard::ShardPlan;
use runtime::wiring::MADE_FROM;
use std::collections::BTreeMap;
use std::path::Path;
use venue::{Ladder, Models};

/// What each begins with.
pub const CAPITAL: Usd = Usd(10_000_000_000);

/// Two controls that trade often, on a made market.
pub fn plan(directory: &Path, speed: f64) -> ShardPlan {
    let place = |(bot, (fast, slow)): (u16, (u32, u32))| {
        let control = ControlSettings { fast, slow, quantity: Qty(20) };
        Recruit::alone(BotId(bot), Character::Control("ema_cross", control), CAPITAL, 7)
    };
    let recruits: Vec<Recruit> = (1_u16..).zip([(3, 8), (5, 20)]).map(place).collect();
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Isolated, leverage: 10 };
    let named =
        |recruit: &Recruit| (recruit.bot, (format!("cross-{}", recruit.bot.0), "ema_cross".to_owned()));
    let names = Names {
        shard: "main".to_owned(),
        mode: "paper".to_owned(),
        node: "test".to_owned(),
        bots: recruits.iter().map(named).collect(),
        accounts: BTreeMap::new(),
        capital: recruits.iter().map(|recruit| (recruit.bot, CAPITAL)).collect(),
    };
    let made = Made {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        seed: 5,
        born: MADE_FROM,
        warm_up: 100,
        speed,
    };
    let plan = PaperPlan {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        accounts: recruits.iter().map(|recruit| (recruit.account, (mode, CAPITAL))).collect(),
        recruits,
        models: Models::NONE,
        ladder: Ladder::Afterwards,
        rules: Rules::NONE,
        sky: cosmos::Sky::none(),
    };
    ShardPlan {
        names,
        journal: Place::at(directory.join("main.omega")),
        trading: runtime::Trading::Paper { plan: Box::new(plan), market: Market::Made(made) },
        clock: Clock::machine(),
    }
}
