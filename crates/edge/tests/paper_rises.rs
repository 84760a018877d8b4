//! A farm on paper that dies and rises again and again ends as one that never died: its venue is opened again with what the
//! farm had heard of, to the last order.
#![allow(clippy::unwrap_used)]

use cosmos::Sky;
use edge::paper::{BadPaper, Paper, PaperPlan, Stretch};
use farm::{Character, Notice, Recruit, Right, Word};
use mock_bitget::MadeMarket;
use model::{
    AccountId, AccountMode, BotId, Interval, MarginMode, PositionMode, PositionSide, Qty, Rate, Rng, Time,
    Usd,
};
use persona::{CONTROLS, ControlSettings, Gains};
use risk::{Rules, TradingState};
use std::path::PathBuf;
use venue::{Ladder, Models};

const BALANCE: Usd = Usd(20_000_000_000);
/// In debug a day takes seconds.
const DAYS: usize = if cfg!(debug_assertions) { 2 } else { 12 };
const START: Time = Time(1_760_000_040_000);

fn character(name: &str) -> Character {
    match CONTROLS.iter().find(|(control, _)| *control == name) {
        Some((control, _)) => {
            Character::Control(control, ControlSettings { fast: 40, slow: 120, quantity: Qty(20) })
        }
        None => {
            let profile = persona::catalogue::profile(name).unwrap().unwrap();
            Character::Persona(Box::new(profile), Gains::default())
        }
    }
}

/// How the accounts are set.
#[derive(Clone, Copy, Debug)]
struct Case {
    position: PositionMode,
    margin: MarginMode,
    ladder: Ladder,
    bots: &'static [&'static str],
    /// Everybody on one account.
    shared: Option<AccountId>,
    /// Share of a bar's volume that may fill, so that orders fill in parts.
    participation: Option<Rate>,
}

impl Case {
    fn plan(&self) -> PaperPlan {
        let mode = AccountMode { position: self.position, margin: self.margin, leverage: 10 };
        let place = |(number, name): (u16, &&str)| {
            let alone = Recruit::alone(BotId(number), character(name), Usd(0), 7);
            Recruit { account: self.shared.unwrap_or(alone.account), ..alone }
        };
        let recruits: Vec<Recruit> = (0_u16..).zip(self.bots).map(place).collect();
        PaperPlan {
            instrument: mock_bitget::btcusdt(),
            interval: Interval::MINUTE,
            accounts: recruits.iter().map(|recruit| (recruit.account, (mode, BALANCE))).collect(),
            recruits,
            models: Models { participation: self.participation, ..Models::NONE },
            ladder: self.ladder,
            rules: Rules::NONE,
            sky: Sky::default(),
        }
    }
}

fn journal(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("omega-rises-{}-{name}.omega", std::process::id()));
    let _gone = std::fs::remove_file(&path);
    path
}

/// What a farm ends with.
#[derive(Debug, Default, PartialEq)]
struct Ended {
    trips: Vec<String>,
    bots: Vec<(Usd, Qty, u64, usize)>,
}

fn live(
    case: &Case,
    market: &MadeMarket,
    minutes: usize,
    name: &str,
    mut dies: impl FnMut(&Paper) -> bool,
) -> Ended {
    let (path, plan, mut ended) = (journal(name), case.plan(), Ended::default());
    let past = market.past();
    let begins = past[0].bar.open_time;
    let mut paper = Paper::rise(&path, &plan, begins, Right::Sole).unwrap();
    paper.open(begins, past[0].bar.open);
    for (number, minute) in past[..minutes].iter().enumerate() {
        let mock_bitget::Stretch { bar, interval, mark, funding } = *minute;
        paper.trade(&Stretch { bar, interval, mark, funding });
        paper.see(bar);
        for (_, word) in paper.turn() {
            if let Word::Of(bot, Notice::Closed(trade)) = word {
                ended.trips.push(format!("{number} {bot:?} {trade:?}"));
            }
        }
        if dies(&paper) {
            drop(paper);
            paper = Paper::rise(&path, &plan, START, Right::Sole).unwrap();
            assert_eq!(paper.seen_until(), bar.open_time + interval, "what was seen is known");
        }
    }
    let bots = paper.seat().farm().bots().iter();
    ended.bots = bots
        .map(|bot| {
            let ledger = bot.ledger();
            (ledger.books().wallet(), ledger.position().qty, ledger.fills(), bot.orders().iter().count())
        })
        .collect();
    agrees(&paper);
    drop(paper);
    std::fs::remove_file(&path).unwrap();
    ended
}

/// The venue holds what the books say, and nobody found anything strange on the way.
fn agrees(paper: &Paper) {
    let farm = paper.seat().farm();
    for id in farm.accounts() {
        let account = paper.counter().venue().account(id);
        let (wallet, positions) = farm.held(id).unwrap();
        assert_eq!((account.wallet(), account.books().balanced()), (wallet, true), "{id}");
        let sides = if farm.bots().iter().filter(|bot| bot.account() == id).count() > 1 {
            [PositionSide::Long, PositionSide::Short]
        } else {
            [PositionSide::Net, PositionSide::Net]
        };
        assert_eq!(account.position(sides[0]).qty, positions[0].qty, "{id}");
        assert_eq!(farm.unexplained(id), None);
    }
    for bot in farm.bots() {
        assert!(matches!(bot.trading_state(), TradingState::Active), "{:?} is {:?}", bot.id(), bot.status());
    }
}

/// Requests on their way die with a process, and are asked for again: who dies between two of them goes on as if nothing
/// had been.
fn at_rest(paper: &Paper) -> bool {
    paper.seat().desk().open_requests() == 0
}

fn check(name: &str, case: &Case, trips_min: usize) {
    let market = MadeMarket::begin(&mock_bitget::btcusdt(), 11, START);
    let minutes = DAYS * 1_440;
    let whole = live(case, &market, minutes, &format!("{name}-whole"), |_| false);
    let mut rng = Rng::new(3);
    let torn =
        live(case, &market, minutes, &format!("{name}-torn"), |paper| at_rest(paper) && rng.below(90) == 0);
    for (one, other) in whole.trips.iter().zip(&torn.trips) {
        assert_eq!(one, other, "the first round trip that differs");
    }
    assert_eq!(whole, torn);
    let trips_min = if cfg!(debug_assertions) { 0 } else { trips_min };
    assert!(whole.trips.len() >= trips_min, "{} round trips only", whole.trips.len());
}

/// Who dies with a request on its way loses no more than that request.
#[test]
fn dying_at_any_instant() {
    let market = MadeMarket::begin(&mock_bitget::btcusdt(), 12, START);
    let mut rng = Rng::new(4);
    let ended = live(&ALONE, &market, DAYS / 2 * 1_440, "any", |paper| {
        rng.below(if at_rest(paper) { 90 } else { 2 }) == 0
    });
    assert!(ended.trips.len() >= 15 * DAYS / 12 / 2, "{} round trips only", ended.trips.len());
}

const ALONE: Case = Case {
    position: PositionMode::OneWay,
    margin: MarginMode::Cross,
    ladder: Ladder::Afterwards,
    bots: &["scalper", "newbie", "aggressive", "fibonacci", "cosmic", "strategic", "ema_cross"],
    shared: None,
    participation: None,
};

#[test]
fn everybody_on_accounts_of_their_own() {
    check("alone", &ALONE, 40);
}

#[test]
fn with_ladders_that_rest_at_once_and_isolated_margin() {
    check("at-once", &Case { ladder: Ladder::AtOnce, margin: MarginMode::Isolated, ..ALONE }, 40);
}

#[test]
fn with_fills_in_parts() {
    check("parts", &Case { participation: Some(Rate::bps(20)), ..ALONE }, 40);
}

#[test]
fn on_one_hedged_account() {
    let bots = &["scalper", "newbie", "aggressive", "fibonacci", "cosmic"];
    let case = Case {
        position: PositionMode::Hedge,
        shared: Some(AccountId(3)),
        bots,
        ladder: Ladder::AtOnce,
        ..ALONE
    };
    check("hedged", &case, 30);
}

#[test]
fn a_journal_of_other_bots_is_refused() {
    let path = journal("other");
    drop(Paper::rise(&path, &ALONE.plan(), START, Right::Sole).unwrap());
    let other = Case { bots: &["newbie"], ..ALONE };
    let refused = Paper::rise(&path, &other.plan(), START, Right::Sole).unwrap_err();
    assert!(matches!(refused, BadPaper::Otherwise(..)), "{refused}");
    std::fs::remove_file(&path).unwrap();
}
