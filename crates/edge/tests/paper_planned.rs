//! What a plan says otherwise than the journal: its rules are taken, and everything else is refused with what to do about it.
#![allow(clippy::unwrap_used)]

use cosmos::{Factor, FactorSet, Sky};
use edge::paper::{BadPaper, Paper, PaperPlan};
use farm::journal::{self, Input, Otherwise};
use farm::{Character, Recruit, Right};
use model::{AccountId, AccountMode, BotId, Interval, MarginMode, PositionMode, Qty, Time, Usd};
use persona::{ControlSettings, Gains, Profile};
use risk::{Rules, RulesError};
use std::path::{Path, PathBuf};
use venue::{Ladder, Models};

const START: Time = Time(1_760_000_040_000);
const BALANCE: Usd = Usd(20_000_000_000);
const TIGHTER: Rules = Rules { daily_loss_max_bps: Some(100), ..Rules::TRADING };

fn profile() -> Profile {
    persona::catalogue::profile("newbie").unwrap().unwrap()
}

fn plan() -> PaperPlan {
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Isolated, leverage: 10 };
    let control = ControlSettings { fast: 40, slow: 120, quantity: Qty(20) };
    let felt = Character::Persona(Box::new(profile()), Gains::FULL);
    let recruits = vec![
        Recruit::alone(BotId(1), felt, Usd(0), 7),
        Recruit::alone(BotId(2), Character::Control("ema_cross", control), Usd(0), 7),
    ];
    PaperPlan {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        accounts: recruits.iter().map(|recruit| (recruit.account, (mode, BALANCE))).collect(),
        recruits,
        models: Models::NONE,
        ladder: Ladder::Afterwards,
        rules: Rules::TRADING,
        sky: Sky::none(),
    }
}

fn journal(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("omega-planned-{}-{name}.omega", std::process::id()));
    let _gone = std::fs::remove_file(&path);
    path
}

fn rise(path: &Path, plan: &PaperPlan) -> Result<Paper, BadPaper> {
    Paper::rise(path, plan, START, Right::Sole)
}

/// The changes of rules that a journal holds.
fn changes(path: &Path) -> Vec<Rules> {
    let mut changes = Vec::new();
    let bytes = std::fs::read(path).unwrap();
    journal::replay_with(&bytes, |heard| {
        if let Input::Rules(_, rules) = heard.input {
            changes.push(rules);
        }
    })
    .unwrap();
    changes
}

#[test]
fn rising_under_other_rules_is_taking_them() {
    let path = journal("rules");
    drop(rise(&path, &plan()).unwrap());
    assert_eq!(changes(&path), []);
    for _ in 0..2 {
        // The second time they are those it is under.
        let paper = rise(&path, &PaperPlan { rules: TIGHTER, ..plan() }).unwrap();
        assert_eq!(paper.seat().farm().rules(), &TIGHTER);
        drop(paper);
        assert_eq!(changes(&path), [TIGHTER]);
    }
    let mut paper = rise(&path, &plan()).unwrap();
    paper.set_rules(Rules::NONE).unwrap();
    assert_eq!(paper.seat().farm().rules(), &Rules::NONE);
    assert_eq!(changes(&path), [TIGHTER, Rules::TRADING, Rules::NONE], "in the file when it returns");
    let never = Rules { entries_per_minute_max: Some(1_000), ..TIGHTER };
    assert!(matches!(paper.set_rules(never), Err(RulesError::NotCounted { .. })));
    drop(paper);
    assert!(matches!(rise(&path, &PaperPlan { rules: never, ..plan() }), Err(BadPaper::Rules(_))));
    std::fs::remove_file(&path).unwrap();
}

/// Who a bot is instead.
fn with(number: usize, change: impl FnOnce(&mut Recruit)) -> PaperPlan {
    let mut plan = plan();
    change(&mut plan.recruits[number]);
    plan
}

fn felt(change: impl FnOnce(&mut Profile)) -> PaperPlan {
    let mut own = profile();
    change(&mut own);
    with(0, |recruit| recruit.character = Character::Persona(Box::new(own), Gains::FULL))
}

#[test]
fn everything_else_is_refused_with_what_to_do_about_it() {
    let path = journal("otherwise");
    drop(rise(&path, &plan()).unwrap());
    let mut hedged = plan();
    hedged.accounts.get_mut(&AccountId(1)).unwrap().0.position = PositionMode::Hedge;
    let mut richer = plan();
    richer.accounts.get_mut(&AccountId(1)).unwrap().1 = Usd(BALANCE.0 + 1);
    let named = with(0, |recruit| recruit.capital = Usd(BALANCE.0 - 5));
    let gains = Gains { emotion: 0.5, ..Gains::FULL };
    let own = || Box::new(profile());
    let sky = Sky::none().with_factors([Factor::Moon].into_iter().collect::<FactorSet>());
    let control = ControlSettings { fast: 41, slow: 120, quantity: Qty(20) };
    let cases: [(PaperPlan, &str); 12] = [
        (with(0, |recruit| recruit.bot = BotId(3)), "name its own bots"),
        (with(0, |recruit| recruit.seed = 8), "farm.seed"),
        (named, "omega ctl allocate"),
        (richer, "omega ctl allocate"),
        (with(0, |recruit| recruit.character = Character::Persona(own(), gains)), "emotion_gain"),
        (with(0, |recruit| recruit.character = Character::Twin(own())), "calm"),
        (with(1, |recruit| recruit.character = Character::Control("ema_cross", control)), "ema_cross"),
        (felt(|profile| profile.risk.tolerance = [0.0, 0.0]), "omega ctl set_risk"),
        (felt(|profile| profile.risk.leverage = 1), "put the old one back"),
        (hedged, "position_mode"),
        (PaperPlan { sky, ..plan() }, "another sky"),
        (PaperPlan { interval: Interval::minutes(5), ..plan() }, "market.interval"),
    ];
    let before = std::fs::read(&path).unwrap();
    for (plan, mend) in cases {
        let refused = rise(&path, &plan).unwrap_err();
        let told = refused.to_string();
        assert!(matches!(refused, BadPaper::Otherwise(..)), "{told}");
        assert!(told.contains(mend), "{told}");
        assert!(told.contains("begin a new journal elsewhere"), "{told}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before, "and its journal is as it was");
    // What is only said of a persona decides nothing.
    drop(rise(&path, &felt(|profile| profile.about = "Something else.".to_owned())).unwrap());
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_a_contract_has_become_is_told() {
    let path = journal("aged");
    assert_eq!(rise(&path, &plan()).unwrap().aged(), &[] as &[&str]);
    assert_eq!(rise(&path, &plan()).unwrap().aged(), &[] as &[&str]);
    let mut other = plan();
    other.instrument.fees.taker.0 *= 2;
    other.instrument.leverage_max -= 1;
    assert_eq!(rise(&path, &other).unwrap().aged(), ["fees", "margin tiers"]);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_bot_that_names_no_capital_goes_on_with_what_it_has() {
    let farm = journal::Origin {
        instrument: mock_bitget::btcusdt(),
        interval: Interval::MINUTE,
        sky: Sky::none(),
        recruits: plan().recruits,
        accounts: Vec::new(),
        rules: Rules::NONE,
    };
    let mut kept = farm.clone();
    kept.recruits.iter_mut().for_each(|recruit| recruit.capital = BALANCE);
    assert_eq!(kept.check_plan(&farm), Ok(()));
    let refused = farm.check_plan(&kept);
    assert!(matches!(refused, Err(Otherwise::Capital { bot: BotId(1), kept: Usd(0), .. })), "{refused:?}");
}
