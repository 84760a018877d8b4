//! Farms on paper, and what their journals say of drift.

use cosmos::Sky;
use drift::{Budget, Market, Report, Stretch, Terms, Wanted, last_bar, sessions};
use edge::journal::Place;
use edge::paper::{Paper, PaperPlan};
use farm::{Character, Recruit, Right};
use mock_bitget::MadeMarket;
use model::{
    AccountId, AccountMode, Bar, BotId, Command, Interval, MarginMode, PositionMode, Price, Qty, Rate, Time,
    Usd,
};
use persona::{CONTROLS, ControlSettings, Gains};
use risk::Rules;
use std::path::PathBuf;
use venue::{Ladder, MarkBar, Models};

pub const BALANCE: Usd = Usd(20_000_000_000);
/// A midnight: a farm's first session is whole.
pub const START: Time = Time(1_759_968_000_000);
/// The scalper decides on base bars, the others on frames.
pub const BOTS: &[&str] =
    &["scalper", "newbie", "aggressive", "fibonacci", "cosmic", "strategic", "ema_cross"];

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

/// How a farm is set up.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub name: &'static str,
    pub position: PositionMode,
    pub margin: MarginMode,
    pub ladder: Ladder,
    pub bots: &'static [&'static str],
    pub shared: Option<AccountId>,
    pub participation: Option<Rate>,
    pub seed: u64,
}

pub const ALONE: Case = Case {
    name: "alone",
    position: PositionMode::OneWay,
    margin: MarginMode::Cross,
    ladder: Ladder::Afterwards,
    bots: BOTS,
    shared: None,
    participation: None,
    seed: 11,
};

/// A journal in a directory of its own, which goes with it.
pub struct Kept(pub Place, PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.1);
    }
}

impl Case {
    pub fn mode(&self) -> AccountMode {
        AccountMode { position: self.position, margin: self.margin, leverage: 10 }
    }

    pub fn plan(&self) -> PaperPlan {
        let place = |(number, name): (u16, &&str)| {
            let alone = Recruit::alone(BotId(number), character(name), Usd(0), 7);
            Recruit { account: self.shared.unwrap_or(alone.account), ..alone }
        };
        let recruits: Vec<Recruit> = (0_u16..).zip(self.bots).map(place).collect();
        PaperPlan {
            instrument: mock_bitget::btcusdt(),
            interval: Interval::MINUTE,
            accounts: recruits.iter().map(|recruit| (recruit.account, (self.mode(), BALANCE))).collect(),
            recruits,
            models: self.models(),
            ladder: self.ladder,
            rules: Rules::NONE,
            sky: Sky::default(),
        }
    }

    fn models(&self) -> Models {
        Models { participation: self.participation, ..Models::NONE }
    }

    pub fn terms(&self) -> Terms {
        let of = |(id, (mode, _)): (&AccountId, &(AccountMode, Usd))| (*id, (mode.margin, mode.leverage));
        Terms {
            models: self.models(),
            ladder: self.ladder,
            accounts: self.plan().accounts.iter().map(of).collect(),
        }
    }

    pub fn keep(&self) -> Kept {
        let directory =
            std::env::temp_dir().join(format!("omega-drift-{}-{}", std::process::id(), self.name));
        let _gone = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        // So short that sessions begin in the midst of segments, and a reader has to choose one.
        let place = Place::at(directory.join("main.omega")).in_segments_of(60_000);
        Kept(place, directory)
    }

    /// The minutes of the market: its past, which a farm may live through bar by bar.
    pub fn minutes(&self) -> Vec<Stretch> {
        let market =
            MadeMarket::begin(&mock_bitget::btcusdt(), self.seed, START + Interval(91 * Interval::DAY.0));
        market.past().iter().map(of).collect()
    }

    /// Lives through so many minutes bar by bar; `between` may say something behind each.
    pub fn live(&self, minutes: &[Stretch], mut between: impl FnMut(usize, &mut Paper)) -> Kept {
        let kept = self.keep();
        let mut paper = Paper::rise(&kept.0, &self.plan(), START, Right::Sole).unwrap();
        paper.open(minutes[0].bar.open_time, minutes[0].bar.open);
        for (number, minute) in minutes.iter().enumerate() {
            let Stretch { bar, interval, mark, funding } = *minute;
            paper.trade(&edge::paper::Stretch { bar, interval, mark, funding });
            paper.turn();
            paper.see(bar);
            paper.turn();
            between(number, &mut paper);
        }
        kept
    }
}

/// A stretch of the made market.
pub fn of(stretch: &mock_bitget::Stretch) -> Stretch {
    let mock_bitget::Stretch { bar, interval, mark, funding } = *stretch;
    Stretch { bar, interval, mark, funding }
}

/// The sessions of a journal, what is not over among them.
pub fn reports(case: &Case, kept: &Kept, market: &mut Market<'_>) -> Vec<Report> {
    let shelf = kept.0.read().unwrap();
    let until = last_bar(&shelf).unwrap();
    sessions(&shelf, Wanted { since: Time(i64::MIN), until }, &case.terms(), market).unwrap()
}

/// How many round trips are in reports of which none has any drift.
pub fn trips_without_drift(reports: &[Report]) -> u32 {
    for report in reports {
        assert_eq!(report.broken, None, "{:?}", report.span);
        for (bot, one) in &report.bots {
            assert!(one.is_none(), "{bot:?} in session {:?}: {one:?}", report.span);
        }
        assert_eq!(report.verdict(&Budget::default()), drift::Verdict::Within);
    }
    reports.iter().map(|report| report.together().trades.matched).sum()
}

/// What a market's minutes are where nobody knows marks and fundings: the price.
pub fn flat(minute: &Stretch) -> Stretch {
    let mark = MarkBar::from_basis(mock_bitget::btcusdt().mark_per_tick(), &minute.bar, model::Mark::ZERO);
    Stretch { mark, funding: None, ..*minute }
}

/// A minute of quarters of a second, as a bar.
pub fn grow(bar: &mut Option<Bar>, part: &Bar) {
    let whole = bar.get_or_insert(Bar { volume: 0.0, ..*part });
    whole.high = whole.high.max(part.high);
    whole.low = whole.low.min(part.low);
    whole.close = part.close;
    whole.volume += part.volume;
}

pub fn command(id: u64, at: Time, instruction: model::Instruction) -> Command {
    Command { id: model::CommandId(id), role: model::Role::Admin, given_at: at, instruction }
}

/// The farm's first price.
pub fn opens(stretch: &Stretch) -> (Time, Price) {
    (stretch.bar.open_time, stretch.bar.open)
}
