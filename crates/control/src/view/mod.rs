//! How a shard is: everything a person may look at, in one message a second or so.
//!
//! It refuses to be believed when it is old: a view carries its instant, and whoever shows it says how old it is.
//! What is not known is absent, not zero.

pub(crate) mod limits;
pub(crate) mod market;
mod sky;

pub use limits::{LimitView, LockView, RiskView};
pub use market::{FrameLook, LevelLook};
pub use sky::{InfluenceView, ReadingView};

use crate::amount::Amount;
use crate::record::MoodRecord;
use execution::{Posting, Working};
use farm::{Bot, Farm};
use model::{AccountId, BotId, Price, Time, Usd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A shard at an instant. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardView {
    /// Its name.
    pub shard: String,
    /// Which life of which process holds it.
    pub node: String,
    /// Under which epoch of its lease; zero without one.
    pub epoch: u16,
    /// Of this process's views, which one.
    pub number: u64,
    /// When it was taken.
    pub at: i64,
    /// `paper`, `demo` or `live`.
    pub mode: String,
    /// What is traded.
    pub symbol: String,
    /// Length of its bars, in milliseconds.
    pub bar_ms: i64,
    /// The last price and when it was traded; nothing before the market opened.
    pub price: Option<PriceView>,
    /// Since when the kill switch is thrown.
    pub halted_at: Option<i64>,
    /// Since when everything is known to be flat behind it.
    pub flat_at: Option<i64>,
    /// The session it is in.
    pub session: Option<SessionView>,
    /// Its accounts.
    pub accounts: Vec<AccountView>,
    /// Its bots.
    pub bots: Vec<BotView>,
    /// What its bots see of the market.
    pub market: Vec<FrameLook>,
    /// What is outside.
    pub sky: Vec<InfluenceView>,
    /// What all of them may together, and what of it is used.
    pub limits: Vec<LimitView>,
    /// What keeps everybody from opening.
    pub locks: Vec<LockView>,
    /// Who leads the battle, from first to last; those with too few trades are not ranked.
    pub battle: Vec<StandingView>,
}

/// A price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceView {
    /// In the instrument's decimals.
    pub last: String,
    /// When it was traded, by the market's clock.
    pub at: i64,
    /// How old it was when the view was taken, in milliseconds: a market that is replayed has a clock of its own.
    pub age_ms: i64,
}

/// Where the farm's clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionView {
    /// Since the farm's start, from 1.
    pub number: u32,
    /// The day since its start, from 1.
    pub day: u32,
    /// Which of the day's four, from 1.
    pub of_day: u32,
    /// Its first instant.
    pub starts: i64,
    /// Its end.
    pub ends: i64,
    /// Whether everybody is saved at its end.
    pub is_checkpoint: bool,
}

/// An account of the venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountView {
    /// Its name.
    pub account: String,
    /// Its number.
    pub number: u16,
    /// Money that belongs to no bot.
    pub treasury: Amount,
    /// What it has that its books do not explain; nothing where all is explained.
    pub unexplained: Option<UnexplainedView>,
}

/// What nobody can explain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnexplainedView {
    /// Money.
    pub money: Amount,
    /// Net, or long and short.
    pub positions: [String; 2],
    /// Orders that no farm placed.
    pub orders: u32,
}

/// A bot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotView {
    /// Its name.
    pub bot: String,
    /// Its number.
    pub number: u16,
    /// Who it is.
    pub persona: String,
    /// On which account.
    pub account: String,
    /// What it is doing: `scheduled`, `trading`, `paused`, `reduce_only`, `halted`, `ruined`.
    pub status: String,
    /// Money it began with.
    pub capital: Amount,
    /// Money it has, without what it holds.
    pub wallet: Amount,
    /// With what it holds at the last price; nothing before there is one.
    pub equity: Option<Amount>,
    /// Fees, paid is positive.
    pub fees: Amount,
    /// Funding, received is positive.
    pub funding: Amount,
    /// What it holds.
    pub position: Option<PositionView>,
    /// Its orders.
    pub orders: Vec<OrderView>,
    /// Round trips.
    pub trades: u32,
    /// Fills.
    pub fills: u64,
    /// Its state of mind; nothing for controls and calm twins.
    pub mood: Option<MoodRecord>,
    /// A trade that waits for approval, and until when.
    pub waits: Option<WaitsView>,
    /// What the gate refused, by reason.
    pub refusals: BTreeMap<String, u64>,
    /// The longest that a position ever stood without a stop at the venue, in milliseconds.
    pub naked_ms_max: i64,
    /// 0 to 1.1; nothing for controls.
    pub energy: Option<f64>,
    /// What it risks, and may; nothing for controls.
    pub risk: Option<RiskView>,
    /// Its limits and what of them is used.
    pub limits: Vec<LimitView>,
    /// What keeps it from opening, besides what keeps everybody.
    pub locks: Vec<LockView>,
    /// What it decided lately and why, as far as this process has heard; the last one last.
    pub decisions: Vec<DecisionView>,
}

/// A position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionView {
    /// `long` or `short`.
    pub side: String,
    /// How much, unsigned.
    pub quantity: String,
    /// Average entry.
    pub entry_price: String,
    /// Since when.
    pub since: Option<i64>,
    /// At the last price.
    pub unrealised: Option<Amount>,
    /// Where its stop rests.
    pub stop: Option<String>,
    /// What it would have won or lost at its stop, before fees.
    pub at_stop: Option<Amount>,
    /// Leverage asked for.
    pub leverage: Option<u16>,
    /// Worth at the last price.
    pub notional: Option<Amount>,
    /// What leaving it at the last price would cost in fees.
    pub close_fee: Option<Amount>,
}

/// An order at the venue, or on its way there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderView {
    /// As this farm names it.
    pub order: String,
    /// `buy` or `sell`.
    pub side: String,
    /// How much.
    pub quantity: String,
    /// Its limit or trigger; a market order has none.
    pub price: Option<String>,
    /// Whether it only leaves.
    pub reduce_only: bool,
    /// How far it is.
    pub status: String,
}

/// A trade that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitsView {
    /// Its order.
    pub order: String,
    /// Until when, by the farm's clock.
    pub until: i64,
    /// `long` or `short`.
    pub side: String,
    /// Why it wants in.
    pub why: String,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionView {
    /// When, by the farm's clock; of one that was taken again and again, when it was last.
    pub at: i64,
    /// The order it was about, where there is one.
    pub order: Option<String>,
    /// What, and why.
    pub what: String,
    /// How often in a row.
    pub times: u32,
}

/// A place in the battle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingView {
    /// Who.
    pub bot: String,
    /// Since the start, a fraction of the capital.
    pub total_return: f64,
    /// The deepest fall, a fraction of the peak.
    pub drawdown: f64,
    /// Round trips.
    pub trades: u32,
    /// Return over drawdown; nothing below ten trades.
    pub score: Option<f64>,
}

/// Names that a farm itself does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of the shard.
    pub shard: String,
    /// `paper`, `demo` or `live`.
    pub mode: String,
    /// Of the process's life.
    pub node: String,
    /// Of each bot: its own, and its persona's.
    pub bots: BTreeMap<BotId, (String, String)>,
    /// Of each account.
    pub accounts: BTreeMap<AccountId, String>,
    /// Money each bot began with.
    pub capital: BTreeMap<BotId, Usd>,
}

impl Names {
    /// A bot's name.
    pub fn bot(&self, id: BotId) -> String {
        self.bots.get(&id).map_or_else(|| format!("b{}", id.0), |(name, _)| name.clone())
    }

    /// Who a bot is.
    pub fn persona(&self, id: BotId) -> String {
        self.bots.get(&id).map_or_else(String::new, |(_, persona)| persona.clone())
    }

    /// An account's name.
    pub fn account(&self, id: AccountId) -> String {
        self.accounts.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// A figure as it is shown: to six decimals, which every reader of JSON reads alike.
fn shown(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

impl ShardView {
    /// A farm as it is now.
    pub fn of(farm: &Farm, names: &Names, (number, epoch): (u64, u16), at: Time) -> ShardView {
        let instrument = farm.instrument();
        let price = farm.price();
        let session = farm.session().map(|session| SessionView {
            number: session.number,
            day: session.day(),
            of_day: session.of_day(),
            starts: session.start.0,
            ends: session.end().0,
            is_checkpoint: session.is_checkpoint(),
        });
        let halted = farm.halted();
        // A farm lives by its prices: before the first one there is nothing to count either.
        let clock = price.map_or(at, |(_, known)| known);
        let look = |bot: &Bot| BotView::of(bot, farm, names, clock);
        ShardView {
            shard: names.shard.clone(),
            node: names.node.clone(),
            epoch,
            number,
            at: at.0,
            mode: names.mode.clone(),
            symbol: instrument.symbol.clone(),
            bar_ms: farm.base().0,
            price: price.map(|(price, traded)| PriceView {
                last: instrument.format_price(price).to_string(),
                at: traded.0,
                age_ms: (at - traded).0,
            }),
            halted_at: halted.map(|(at, _)| at.0),
            flat_at: halted.and_then(|(_, flat)| flat).map(|at| at.0),
            session,
            accounts: farm.accounts().map(|id| AccountView::of(farm, names, id)).collect(),
            bots: farm.bots().iter().map(look).collect(),
            market: FrameLook::all(farm),
            sky: InfluenceView::all(farm, clock),
            limits: limits::of_farm(farm, clock),
            locks: limits::locks_of_farm(farm, clock),
            battle: farm
                .battle()
                .ranking()
                .iter()
                .map(|standing| StandingView::of(standing, names))
                .collect(),
        }
    }
}

impl StandingView {
    fn of(standing: &farm::Standing, names: &Names) -> StandingView {
        StandingView {
            bot: names.bot(standing.bot),
            total_return: shown(standing.total_return),
            drawdown: shown(standing.drawdown),
            trades: standing.trades,
            score: standing.score().map(shown),
        }
    }
}

impl AccountView {
    fn of(farm: &Farm, names: &Names, id: AccountId) -> AccountView {
        let instrument = farm.instrument();
        AccountView {
            account: names.account(id),
            number: id.0,
            treasury: Amount(farm.treasury(id).unwrap_or(Usd::ZERO)),
            unexplained: farm.unexplained(id).map(|difference| UnexplainedView {
                money: Amount(difference.wallet),
                positions: difference.positions.map(|qty| instrument.format_qty(qty).to_string()),
                orders: difference.orders,
            }),
        }
    }
}

fn mood(psyche: &persona::Psyche) -> MoodRecord {
    let mood = psyche.mood();
    let shown = persona::Mood {
        confidence: shown(mood.confidence),
        stress: shown(mood.stress),
        fatigue: shown(mood.fatigue),
        urge: shown(mood.urge),
        risk_appetite: shown(mood.risk_appetite),
    };
    MoodRecord::of(psyche.label(), &shown)
}

impl BotView {
    fn of(bot: &Bot, farm: &Farm, names: &Names, clock: Time) -> BotView {
        let (instrument, ledger) = (farm.instrument(), bot.ledger());
        let (books, price) = (ledger.books(), farm.price().map(|(price, _)| price));
        BotView {
            bot: names.bot(bot.id()),
            number: bot.id().0,
            persona: names.persona(bot.id()),
            account: names.account(bot.account()),
            status: bot.status().name().to_owned(),
            capital: Amount(names.capital.get(&bot.id()).copied().unwrap_or(Usd::ZERO)),
            wallet: Amount(books.wallet()),
            equity: price.map(|price| Amount(ledger.equity(instrument, price))),
            fees: Amount(Usd(-books.total(Posting::Fee).0)),
            funding: Amount(books.total(Posting::Funding)),
            position: PositionView::of(bot, farm, price),
            orders: bot.orders().iter().map(|order| OrderView::of(order, farm)).collect(),
            trades: ledger.trades(),
            fills: ledger.fills(),
            mood: bot.psyche().map(mood),
            waits: WaitsView::of(bot, farm),
            refusals: bot
                .refusals()
                .filter(|(_, count)| *count > 0)
                .map(|(refusal, count)| (refusal.name().to_owned(), count))
                .collect(),
            naked_ms_max: bot.naked_position_ms_max(),
            energy: bot.energy().map(shown),
            risk: bot.allowance(clock).map(|allowance| RiskView::of(&allowance, bot)),
            limits: limits::of_bot(bot, farm, clock),
            locks: limits::locks_of_bot(bot, farm, names, clock),
            decisions: Vec::new(),
        }
    }
}

impl WaitsView {
    fn of(bot: &Bot, farm: &Farm) -> Option<WaitsView> {
        let ((id, until), impulse) = (bot.proposal()?, bot.proposed()?);
        Some(WaitsView {
            order: id.to_string(),
            until: until.0,
            side: if impulse.signal.side == model::Side::Buy { "long" } else { "short" }.to_owned(),
            why: impulse.signal.reason.describe(farm.instrument()),
        })
    }
}

impl PositionView {
    fn of(bot: &Bot, farm: &Farm, price: Option<Price>) -> Option<PositionView> {
        let (instrument, position) = (farm.instrument(), bot.ledger().position());
        let side = model::Side::of(position.qty)?;
        let entry = position.entry_price()?;
        let stop = bot.orders().protective_stop().and_then(|order| order.price);
        Some(PositionView {
            side: if side == model::Side::Buy { "long" } else { "short" }.to_owned(),
            quantity: instrument.format_qty(position.qty.abs()).to_string(),
            entry_price: instrument.format_price(entry).to_string(),
            since: bot.ledger().open_trade().map(|trade| trade.entered_at.0),
            unrealised: price.map(|price| Amount(instrument.usd(position.unrealised(price)))),
            stop: stop.map(|stop| instrument.format_price(stop).to_string()),
            at_stop: stop.map(|stop| Amount(instrument.usd(position.unrealised(stop)))),
            leverage: bot.ledger().open_trade().map(|trade| trade.entry.leverage),
            notional: price.map(|price| Amount(instrument.notional(position.qty.abs(), price))),
            close_fee: price
                .map(|price| Amount(instrument.fee(position.qty.abs(), price, instrument.fees.taker))),
        })
    }
}

impl OrderView {
    fn of(order: &Working, farm: &Farm) -> OrderView {
        let instrument = farm.instrument();
        OrderView {
            order: order.id.to_string(),
            side: if order.side == model::Side::Buy { "buy" } else { "sell" }.to_owned(),
            quantity: instrument.format_qty(order.qty).to_string(),
            price: order.price.map(|price| instrument.format_price(price).to_string()),
            reduce_only: order.reduce_only,
            status: order.status.name().to_owned(),
        }
    }
}
