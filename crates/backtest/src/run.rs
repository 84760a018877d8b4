//! One persona through one history.

use crate::equity::Sample;
use crate::history::{History, end_of};
use crate::replay::{ClosedTrade, Replay};
use cosmos::Sky;
use execution::{ExitReason, Posting};
use farm::{Character, Farm, News, Occasions, Recruit, Roster, RosterError, SessionSummary, drive};
use model::order::AccountMode;
use model::{
    BotId, Instrument, Interval, MarginMode, PositionMode, PositionSide, Price, StateHash, Time, Usd,
};
use persona::{Label, Psyche};
use risk::Refusal;
use venue::{AccountSettings, Models, Venue};

/// How it trades.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Its number: its account, and what its streams of randomness are split by.
    pub bot: BotId,
    /// Who.
    pub character: Character,
    /// Money it starts with.
    pub capital: Usd,
    /// Seed of its randomness.
    pub seed: u64,
    /// Slippage, latency and participation.
    pub models: Models,
    /// At most this many bars at once; any value gives the same result.
    pub stride: usize,
    /// The sky and the readings over it.
    pub sky: Sky,
}

impl RunSettings {
    /// The same bot without a psyche: its calm twin. A control has none.
    pub fn twin(&self) -> Option<RunSettings> {
        match &self.character {
            Character::Persona(profile, _) => {
                Some(RunSettings { character: Character::Twin(profile.clone()), ..self.clone() })
            }
            Character::Twin(_) | Character::Control(..) => None,
        }
    }
}

/// Why a run cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// Somebody cannot join the farm.
    Roster(RosterError),
    /// The bars do not fit the frames the strategy reads.
    Frames(farm::FarmError),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Roster(error) => write!(f, "{error}"),
            RunError::Frames(error) => write!(f, "{error}"),
        }
    }
}
impl std::error::Error for RunError {}

/// What came of it. `net = gross - fees + funding = final_equity - capital`, to the unit.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// Who.
    pub persona: String,
    /// Round trips; one still open at the end is marked at the last close.
    pub trades: Vec<ClosedTrade>,
    /// Fills.
    pub fills: u64,
    /// Profit of price alone, seized margin included.
    pub gross: Usd,
    /// Fees paid.
    pub fees: Usd,
    /// Funding received (+) or paid (-).
    pub funding: Usd,
    /// What is left of it all.
    pub net: Usd,
    /// Capital plus net.
    pub final_equity: Usd,
    /// Deepest fall of equity at the closes of bars, negative.
    pub max_drawdown: f64,
    /// Equity a day.
    pub samples: Vec<Sample>,
    /// What it was at each session's end.
    pub sessions: Vec<SessionSummary>,
    /// The emotional state it began with.
    pub felt_first: Label,
    /// When its emotional state changed, and to what.
    pub felt: Vec<(Time, Label)>,
    /// Looks at positions and what was made of them.
    pub occasions: Occasions,
    /// What was announced to everybody.
    pub news: Vec<News>,
    /// When the capital no longer carried the smallest order.
    pub ruined_at: Option<Time>,
    /// What risk refused.
    pub refusals: Vec<(Refusal, u64)>,
    /// What the venue refused.
    pub rejections: u64,
    /// Everything, in one word.
    pub state_hash: u64,
    /// The bot's books, the venue's books and each other agree to the unit.
    pub ledger_balanced: bool,
}

impl RunResult {
    /// The emotional state at an instant; neutral for those who feel nothing.
    pub fn label_at(&self, now: Time) -> Label {
        let known = self.felt.partition_point(|(at, _)| *at <= now);
        known.checked_sub(1).map_or(self.felt_first, |at| self.felt[at].1)
    }
}

/// Controls trade on margin that never binds first: their quantity is fixed, their comparison is price.
const CONTROL_LEVERAGE: u16 = 20;

fn leverage(instrument: &Instrument, settings: &RunSettings, price_max: Price) -> u16 {
    match &settings.character {
        // The account's leverage only bounds margin: the bot's own, at most the cap, is asked of the gate.
        Character::Persona(profile, _) | Character::Twin(profile) => profile.risk.leverage_max,
        Character::Control(_, control) => {
            let notional = instrument.notional(control.quantity, price_max).max(settings.capital);
            CONTROL_LEVERAGE.min(instrument.tier(notional).leverage_max)
        }
    }
}

/// Controls are there for comparison whatever the size: where one trades, the largest tier has no upper bound.
fn traded(instrument: &Instrument, settings: &[RunSettings]) -> Instrument {
    let mut traded = instrument.clone();
    if settings.iter().any(|settings| matches!(settings.character, Character::Control(..))) {
        let last = traded.tiers.last_mut().expect("an instrument has a tier");
        last.notional_max = Usd(i64::MAX / 4);
    }
    traded
}

pub(crate) fn recruit(settings: &RunSettings) -> Recruit {
    let RunSettings { bot, character, capital, seed, .. } = settings;
    Recruit::alone(*bot, character.clone(), *capital, *seed)
}

/// The farm of these bots; its sky is the first bot's.
pub(crate) fn farm_of(
    instrument: &Instrument,
    interval: Interval,
    settings: &[RunSettings],
) -> Result<Farm, RunError> {
    let first = settings.first().expect("a farm has a bot");
    let places: Vec<Recruit> = settings.iter().map(recruit).collect();
    let roster = Roster::of(&places, &[]).map_err(RunError::Roster)?;
    Farm::new(instrument.clone(), interval, roster, first.sky.clone()).map_err(RunError::Frames)
}

/// The venue of these bots: each has its own account.
pub(crate) fn venue_of(instrument: &Instrument, settings: &[RunSettings], price_max: Price) -> Venue {
    let traded = traded(instrument, settings);
    let mut venue = Venue::new(traded.clone());
    for settings in settings {
        let leverage = leverage(&traded, settings, price_max);
        let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage };
        let (id, balance, models) = (settings.bot.own_account(), settings.capital, settings.models);
        venue.open_account(AccountSettings { id, mode, balance, models });
    }
    venue
}

/// A farm and the world it will live in: every bot its own account at one venue. Stride and sky are the first bot's.
pub fn prepare<'a>(history: &'a History, settings: &[RunSettings]) -> Result<(Farm, Replay<'a>), RunError> {
    let farm = farm_of(history.instrument(), history.interval(), settings)?;
    let venue = venue_of(history.instrument(), settings, history.price_max());
    let accounts: Vec<_> = settings.iter().map(|settings| (settings.bot, settings.capital)).collect();
    let replay = Replay::new(history, venue, &accounts).with_stride(settings[0].stride);
    let thin = settings.iter().any(|settings| settings.models.participation.is_some());
    Ok((farm, if thin { replay } else { replay.without_volume() }))
}

/// Runs one persona through a history.
pub fn run(history: &History, settings: &RunSettings) -> Result<RunResult, RunError> {
    let (mut farm, mut replay) = prepare(history, std::slice::from_ref(settings))?;
    let felt_first = farm.bots()[0].psyche().map_or(Label::Neutral, Psyche::label);
    drive(&mut farm, &mut replay);
    Ok(result(history, settings, &farm, replay, felt_first))
}

fn result(
    history: &History,
    settings: &RunSettings,
    farm: &Farm,
    replay: Replay<'_>,
    felt_first: Label,
) -> RunResult {
    let (instrument, bars) = (history.instrument(), history.bars());
    let bot = &farm.bots()[0];
    let (ledger, books) = (bot.ledger(), bot.ledger().books());
    let account = replay.venue().account(settings.bot.own_account());
    let close = bars.close[bars.len() - 1];
    let balanced = books.is_balanced()
        && replay.venue().balanced()
        && account.wallet() == books.wallet()
        && account.position(PositionSide::Net) == ledger.position();
    let mut hash = StateHash::default();
    hash.word(farm.state_hash());
    replay.venue().state_hash(&mut hash);
    let news = replay.news().to_vec();
    let record = replay.into_records().pop().expect("one bot, one record");
    let open_trade = ledger.marked_trade(end_of(bars), instrument, close);
    let entry_reason = open_trade.and_then(|trade| record.reason_of(trade.position.entry.id));
    let mut trades = record.trades;
    if let Some(trade) = open_trade {
        assert_eq!(trade.reason, ExitReason::EndOfData, "only the data's end is left to close it");
        trades.push(ClosedTrade { trade, entry_reason });
    }
    let unrealised = instrument.usd(ledger.position().unrealised(close));
    let final_equity = ledger.equity(instrument, close);
    let (fees, funding) = (-books.total(Posting::Fee), books.total(Posting::Funding));
    let gross = books.total(Posting::Trade) + books.total(Posting::Liquidation) + unrealised;
    let net = final_equity - settings.capital;
    assert_eq!(net, gross - fees + funding, "every figure is a sum of postings");
    let by_trade = trades.iter().map(|closed| i128::from(closed.trade.net().0)).sum::<i128>();
    assert_eq!(by_trade, i128::from(net.0), "the trades explain the result");
    RunResult {
        persona: settings.character.name().to_owned(),
        trades,
        fills: ledger.fills(),
        gross,
        fees,
        funding,
        net,
        final_equity,
        max_drawdown: record.curve.max_drawdown(),
        samples: record.curve.samples().to_vec(),
        sessions: record.sessions,
        felt_first,
        felt: record.felt,
        occasions: *bot.occasions(),
        news,
        ruined_at: bot.ruined_at(),
        refusals: bot.refusals().filter(|(_, count)| *count > 0).collect(),
        rejections: record.rejections,
        state_hash: hash.finish(),
        ledger_balanced: balanced,
    }
}
