//! What nobody says and can be seen by looking: a limit that is near, a position that comes near its liquidation, a market that
//! has changed its ways, a sky that has changed for somebody who feels it.
//!
//! A limit is told once a day when it is near and once when it is reached, a position once at a tenth and once at a twentieth, a
//! regime when it has held for three closed bars, a band of the sky under one key a day. It refuses to tell of a market and a
//! sky what was so before it began to look, and of a margin what nobody said.

use super::Told;
use crate::message::{NoticeKind, Tier};
use crate::view::LimitView;
use crate::view::limits::{money_of_bot, money_of_farm};
use crate::view::market::regime as in_a_word;
use cosmos::Factor;
use farm::{Bot, Farm};
use market::Indicator;
use market::indicators::Regime;
use model::{
    AccountId, AccountMode, BotId, Instrument, Interval, MarginMode, OrderId, Price, Qty, Time, Usd,
};
use std::collections::BTreeMap;

/// Limits and positions are looked at this often, by the farm's clock, and the sky this often.
const LOOK_EACH: Interval = Interval(5_000);
const SKY_EACH: Interval = Interval::MINUTE;
/// A limit is near from here on.
const NEAR_PERMILLE: u32 = 800;
const REACHED_PERMILLE: u32 = 1_000;
/// A regime has changed when it has held for so many closed bars.
const REGIME_BARS: u64 = 3;
/// What a position may lose before it is liquidated, of its notional, in basis points: worth a word, and worth an alarm.
const DISTANCE_NEAR_BPS: i64 = 1_000;
const DISTANCE_CLOSE_BPS: i64 = 500;

/// What was seen last.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// How the margin of each account is set; one that is not here is not known.
    margins: BTreeMap<AccountId, AccountMode>,
    look_at: Time,
    sky_at: Time,
    /// Of each limit the day on which it was told, and how much of it was used then.
    limits: BTreeMap<(Option<BotId>, String), (i64, u32)>,
    /// Of each account the trade that was told of, and the distance it was told at.
    distances: BTreeMap<AccountId, (OrderId, i64)>,
    /// Of the longest frame that has one.
    regime: Option<Held>,
    /// Of each factor its band.
    bands: BTreeMap<Factor, &'static str>,
}

/// A regime that was told, and the one that may follow it: since which closed bar.
#[derive(Clone, Copy, Debug)]
struct Held {
    told: Regime,
    next: Regime,
    since: u64,
}

/// Of whom, and what.
type Seen = (Option<BotId>, Told);

impl Watch {
    pub(super) fn new() -> Watch {
        Watch {
            margins: BTreeMap::new(),
            look_at: Time(i64::MIN),
            sky_at: Time(i64::MIN),
            limits: BTreeMap::new(),
            distances: BTreeMap::new(),
            regime: None,
            bands: BTreeMap::new(),
        }
    }

    pub(super) fn set_margins(&mut self, margins: BTreeMap<AccountId, AccountMode>) {
        self.margins = margins;
    }

    /// Looks at a farm.
    pub(super) fn look(&mut self, at: Time, farm: &Farm) -> Vec<Seen> {
        let mut seen = Vec::new();
        self.look_at_regime(farm, &mut seen);
        if at >= self.look_at {
            self.look_at = at + LOOK_EACH;
            self.look_at_limits(at, farm, &mut seen);
            self.look_at_positions(farm, &mut seen);
        }
        if at >= self.sky_at {
            self.sky_at = at + SKY_EACH;
            self.look_at_sky(at, farm, &mut seen);
        }
        seen
    }

    fn look_at_limits(&mut self, at: Time, farm: &Farm, seen: &mut Vec<Seen>) {
        if farm.price().is_none() {
            return;
        }
        for limit in money_of_farm(farm, at) {
            seen.extend(self.limit(at, None, &limit));
        }
        for bot in farm.bots() {
            for limit in money_of_bot(bot, farm, at) {
                seen.extend(self.limit(at, Some(bot.id()), &limit));
            }
        }
    }

    fn limit(&mut self, at: Time, whose: Option<BotId>, view: &LimitView) -> Option<Seen> {
        let LimitView { limit, used, most, used_permille } = view;
        let step = match *used_permille {
            REACHED_PERMILLE.. => REACHED_PERMILLE,
            NEAR_PERMILLE.. => NEAR_PERMILLE,
            _ => return None,
        };
        let (day, last) = (at.day(), self.limits.get(&(whose, limit.clone())));
        if last.is_some_and(|(told_on, told)| *told_on == day && *told >= step) {
            return None;
        }
        self.limits.insert((whose, limit.clone()), (day, step));
        let state = if step == REACHED_PERMILLE { "reached" } else { "near" };
        let text = format!("a limit is {state}: {limit} {used} of {most}");
        let key = format!("{state}/{}/{day}", limit.replace(' ', "-"));
        Some((whose, Told::new(key, NoticeKind::RiskAlert, Tier::Warning, text)))
    }

    fn look_at_positions(&mut self, farm: &Farm, seen: &mut Vec<Seen>) {
        for account in farm.accounts() {
            let Some(Distance { trade, bps, shared, bot }) = self.distance(account, farm) else {
                self.distances.remove(&account);
                continue;
            };
            let steps = [DISTANCE_CLOSE_BPS, DISTANCE_NEAR_BPS];
            let Some(step) = steps.into_iter().find(|step| bps <= *step) else { continue };
            let last = self.distances.get(&account);
            if last.is_some_and(|(told_of, told)| *told_of == trade && *told <= step) {
                continue;
            }
            self.distances.insert(account, (trade, step));
            let tier = if step == DISTANCE_CLOSE_BPS { Tier::Critical } else { Tier::Warning };
            let whose = if shared { "the positions of its account are" } else { "its position is" };
            let text = format!(
                "{whose} liquidated if the price moves {}.{:02} % against it",
                bps.max(0) / 100,
                bps.max(0) % 100
            );
            let key = format!("liquidation/{trade}/{step}");
            seen.push((Some(bot), Told::new(key, NoticeKind::LiquidationWarning, tier, text)));
        }
    }

    /// How far what an account holds is from its liquidation; nothing where nothing is held, or where nobody said how its
    /// margin is set.
    fn distance(&self, account: AccountId, farm: &Farm) -> Option<Distance> {
        let (mode, (price, _)) = (self.margins.get(&account)?, farm.price()?);
        let holds = |bot: &&Bot| bot.account() == account && !bot.ledger().position().is_flat();
        let holders: Vec<&Bot> = farm.bots().iter().filter(holds).collect();
        match mode.margin {
            MarginMode::Isolated => {
                let near = |bot: &&Bot| isolated(bot, farm.instrument(), price, mode.leverage);
                holders.iter().filter_map(near).min_by_key(|distance| distance.bps)
            }
            MarginMode::Cross => cross(account, &holders, farm, price),
        }
    }

    fn look_at_regime(&mut self, farm: &Farm, seen: &mut Vec<Seen>) {
        let shared = farm.market();
        let views = shared.frames().iter().map(|frame| shared.frame(frame));
        let Some(view) = views.filter(|view| view.kept().contains(Indicator::Regime)).last() else { return };
        if view.bars == 0 {
            return;
        }
        let (now, bars) = (*view.regime(), view.bars);
        let held = self.regime.get_or_insert(Held { told: now, next: now, since: bars });
        if now != held.next {
            (held.next, held.since) = (now, bars);
        }
        if held.next == held.told || bars - held.since + 1 < REGIME_BARS {
            return;
        }
        let before = std::mem::replace(&mut held.told, now);
        let (frame, closed) = (view.frame.name(), view.last.open_time + view.frame.interval());
        let [is, was] = [now, before].map(in_a_word);
        let text = format!("the market is {is} for {REGIME_BARS} closed bars of {frame}, and was {was}");
        let key = format!("regime/{frame}/{}", closed.0);
        seen.push((None, Told::new(key, NoticeKind::MarketShift, Tier::Informational, text)));
    }

    fn look_at_sky(&mut self, at: Time, farm: &Farm, seen: &mut Vec<Seen>) {
        let felt = |factor| farm.bots().iter().any(|bot| bot.susceptibility_to(factor) > 0.0);
        for provenance in farm.sky().provenance(at) {
            let factor = provenance.factor;
            // The hour of the day changes several times in each of them: that is no event.
            let Ok(observed) = provenance.state else { continue };
            if factor == Factor::Circadian || !felt(factor) {
                continue;
            }
            let (band, day) = (observed.band, at.day());
            let Some(before) = self.bands.insert(factor, band).filter(|before| *before != band) else {
                continue;
            };
            // A reading that goes to and fro has the same key within a day.
            let text = format!("{}: {band}, was {before}", factor.name());
            let key = format!("sky/{}/{}/{day}", factor.name(), band.replace(' ', "-"));
            seen.push((None, Told::new(key, NoticeKind::CosmicEvent, Tier::Informational, text)));
        }
    }
}

/// What a position of so many lots is worth, and what of that has to be left.
fn worth(instrument: &Instrument, lots: i64, price: Price) -> (Usd, f64) {
    let notional = instrument.notional(Qty(lots.abs()), price);
    (notional, instrument.tier(notional).maintenance.as_f64() * notional.as_f64())
}

fn bps(left: f64, notional: Usd) -> i64 {
    (left / notional.as_f64().max(1.0) * 10_000.0) as i64
}

/// A position has its own margin; where bots share one it is as near as for him whose entry was worst.
fn isolated(bot: &Bot, instrument: &Instrument, price: Price, leverage: u16) -> Option<Distance> {
    let (position, trade) = (bot.ledger().position(), bot.ledger().open_trade()?.entry.id);
    let lots = position.qty.0;
    let entry = instrument.notional(position.qty.abs(), position.entry_price()?);
    let (notional, needs) = worth(instrument, lots, price);
    let gained = (notional - entry).as_f64() * lots.signum() as f64;
    let left = entry.as_f64() / f64::from(leverage.max(1)) + gained - needs;
    Some(Distance { trade, bps: bps(left, notional), shared: false, bot: bot.id() })
}

/// Everything on the account stands for what is held there on balance.
fn cross(account: AccountId, holders: &[&Bot], farm: &Farm, price: Price) -> Option<Distance> {
    let (instrument, lots_of) = (farm.instrument(), |bot: &Bot| bot.ledger().position().qty.0);
    let lots: i64 = holders.iter().map(|bot| lots_of(bot)).sum();
    let with_it = holders.iter().filter(|bot| lots_of(bot).signum() == lots.signum());
    // Where nothing is held on balance no price is too far.
    let largest = with_it.max_by_key(|bot| lots_of(bot).abs())?;
    let on_it = farm.bots().iter().filter(|bot| bot.account() == account);
    let treasury = farm.treasury(account).unwrap_or(Usd::ZERO);
    let (equity, bots) = on_it
        .fold((treasury, 0), |(sum, count), bot| (sum + bot.ledger().equity(instrument, price), count + 1));
    let (_, needs) = worth(instrument, holders.iter().map(|bot| lots_of(bot).abs()).sum(), price);
    let (notional, _) = worth(instrument, lots, price);
    let trade = largest.ledger().open_trade()?.entry.id;
    Some(Distance { trade, bps: bps(equity.as_f64() - needs, notional), shared: bots > 1, bot: largest.id() })
}

/// How near a liquidation is.
struct Distance {
    /// The trade it is told of.
    trade: OrderId,
    /// How far the price may move, of the notional.
    bps: i64,
    /// Whether others trade on the account.
    shared: bool,
    /// Whose trade it is.
    bot: BotId,
}
