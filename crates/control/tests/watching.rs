//! What a teller sees by looking: limits and liquidations that come near, markets and skies that change, each told once.

#![allow(missing_docs, reason = "tests say what they hold")]

use control::message::{NoticeKind, NoticeSaid, Tier};
use control::view::Names;
use control::{Message, Teller};
use cosmos::{Almanac, Coordinates, FactorSet, Sky};
use farm::{Actions, Character, Farm, Recruit, Roster};
use market::indicators::Regime;
use market::{Frame, Indicator};
use model::{
    AccountId, AccountMode, Bar, BarColumns, BotId, Event, Fill, Instrument, Interval, Leg, Liquidity,
    MarginMode, OrderId, PositionMode, PositionSide, Price, Qty, Report, Rng, Time, Usd,
};
use persona::Gains;
use risk::Rules;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const START: Time = Time(1_735_689_600_000);
const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
const OPENING: i64 = 400_000;

/// Whether somebody feels.
#[derive(Clone, Copy, PartialEq)]
enum Heart {
    Feels,
    Calm,
}

struct Scene {
    farm: Farm,
    teller: Teller,
    now: Time,
}

impl Scene {
    fn new(rules: Rules, heart: Heart, sky: Sky) -> Scene {
        let profile = Box::new(persona::catalogue::profile("cosmic").expect("listed").expect("valid"));
        let character = match heart {
            Heart::Feels => Character::Persona(profile, Gains::FULL),
            Heart::Calm => Character::Twin(profile),
        };
        let recruits = [Recruit::alone(BotId(1), character, CAPITAL, 1)];
        let roster = Roster::of(&recruits, &[]).expect("one");
        let farm = Farm::new(Instrument::btcusdt(), Interval::MINUTE, roster, sky).expect("its bars fit");
        let names = Names {
            shard: "main".to_owned(),
            mode: "paper".to_owned(),
            node: "n1".to_owned(),
            bots: [(BotId(1), ("one".to_owned(), "cosmic".to_owned()))].into(),
            accounts: BTreeMap::new(),
            capital: BTreeMap::new(),
        };
        let mut scene = Scene { farm: farm.with_rules(rules), teller: Teller::new(names), now: START };
        scene.hear(Event::Tick(Price(OPENING)));
        scene
    }

    fn margin(mut self, margin: MarginMode, leverage: u16) -> Scene {
        let mode = AccountMode { position: PositionMode::OneWay, margin, leverage };
        self.teller = self.teller.with_margins([(AccountId(1), mode)].into());
        self
    }

    fn hear(&mut self, event: Event) {
        self.farm.on_event(self.now, &event, &mut Actions::default());
    }

    fn fill(&mut self, decision: u32, lots: i64, price: i64) {
        let id = OrderId { bot: BotId(1), epoch: 0, decision, leg: Leg::Own };
        let (position_side, liquidity, remaining) = (PositionSide::Net, Liquidity::Taker, Qty::ZERO);
        let (qty, price, fee) = (Qty(lots), Price(price), Usd::ZERO);
        let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
        self.hear(Event::Report(AccountId(1), Report::Filled(fill)));
    }

    fn look(&mut self) -> Vec<NoticeSaid> {
        let notice = |message| match message {
            Message::Notice(notice) => Some(notice),
            _ => None,
        };
        self.teller.look(self.now, &self.farm).into_iter().filter_map(notice).collect()
    }

    /// What is said of this kind at this price, some seconds later.
    fn at(&mut self, price: i64, kind: NoticeKind) -> Vec<NoticeSaid> {
        self.now = self.now + Interval(10_000);
        self.hear(Event::Tick(Price(price)));
        self.look().into_iter().filter(|notice| notice.kind == kind).collect()
    }

    /// Feeds a minute.
    fn bar(&mut self, bar: Bar) {
        let mut columns = BarColumns::new(Interval::MINUTE);
        columns.push(bar);
        let mut out = Actions::default();
        while self.farm.on_bars(columns.as_bars(), &mut out) == 0 {
            out.clear();
        }
        self.now = bar.open_time + Interval::MINUTE;
    }
}

fn tiers(said: &[NoticeSaid]) -> Vec<(Tier, &str)> {
    said.iter().map(|notice| (notice.tier, notice.text.as_str())).collect()
}

#[test]
fn a_limit_is_told_when_it_is_near_and_when_it_is_reached_once_a_day_each() {
    let rules = Rules { daily_loss_max_bps: Some(1_000), ..Rules::NONE };
    let mut scene = Scene::new(rules, Heart::Calm, Sky::none());
    // A thousandth of a coin is 0.1 USDT a dollar: this many lots lose one basis point a tick.
    scene.fill(1, 10_000, OPENING);
    let per_bp = {
        let one = scene.farm.instrument().usd(10_000).0;
        CAPITAL.0 / 10_000 / one
    };
    // Marks of the day are taken when the rules are asked.
    scene.farm.on_rules(scene.now, rules, &mut Actions::default());
    let of_farm = |said: Vec<NoticeSaid>| -> Vec<NoticeSaid> {
        said.into_iter().filter(|notice| notice.bot.is_none()).collect()
    };
    let fallen =
        |scene: &mut Scene, bps: i64| of_farm(scene.at(OPENING - bps * per_bp, NoticeKind::RiskAlert));
    assert_eq!(fallen(&mut scene, 700), []);
    let near = fallen(&mut scene, 850);
    assert_eq!(tiers(&near), [(Tier::Warning, "a limit is near: loss of the day 8.50 % of 10.00 %")]);
    assert_eq!(near[0].key, format!("main//near/loss-of-the-day/{}", START.day()));
    assert_eq!(fallen(&mut scene, 700), []);
    assert_eq!(fallen(&mut scene, 900), [], "once a day");
    let reached = fallen(&mut scene, 1_100);
    assert_eq!(tiers(&reached), [(Tier::Warning, "a limit is reached: loss of the day 11.00 % of 10.00 %")]);
    assert_eq!(fallen(&mut scene, 1_200), []);
    assert_eq!(fallen(&mut scene, 850), []);
}

#[test]
fn a_bots_own_limits_are_told_of_it() {
    let mut scene = Scene::new(Rules::NONE, Heart::Calm, Sky::none());
    scene.fill(1, 10_000, OPENING);
    let most = i64::from(scene.farm.bots()[0].allowance(START).expect("a persona").limits.drawdown_max_bps);
    let one = scene.farm.instrument().usd(10_000).0;
    let said = scene.at(OPENING - (most * 9 / 10) * CAPITAL.0 / 10_000 / one, NoticeKind::RiskAlert);
    assert!(
        said.iter().any(|notice| notice.bot.as_deref() == Some("one") && notice.text.contains("drawdown")),
        "{said:?}"
    );
}

#[test]
fn a_liquidation_is_told_at_a_tenth_and_at_a_twentieth_of_each_trade() {
    let (lots, kind) = (1_000, NoticeKind::LiquidationWarning);
    let mut scene = Scene::new(Rules::NONE, Heart::Calm, Sky::none()).margin(MarginMode::Isolated, 8);
    scene.fill(1, lots, OPENING);
    // An eighth is set aside, of which some has to be left: about an eighth below the entry it is gone.
    assert_eq!(scene.at(OPENING, kind), []);
    let near = scene.at(OPENING * 97 / 100, kind);
    assert_eq!(near.len(), 1, "{near:?}");
    assert_eq!((near[0].tier, near[0].bot.as_deref()), (Tier::Warning, Some("one")));
    assert!(near[0].text.starts_with("its position is liquidated if the price moves 9."), "{}", near[0].text);
    assert_eq!(scene.at(OPENING * 96 / 100, kind), []);
    let close = scene.at(OPENING * 92 / 100, kind);
    assert_eq!(close.iter().map(|notice| notice.tier).collect::<Vec<_>>(), [Tier::Critical]);
    assert_eq!(scene.at(OPENING, kind), []);
    assert_eq!(scene.at(OPENING * 92 / 100, kind), [], "of each trade once");
    scene.fill(2, -lots, OPENING * 92 / 100);
    assert_eq!(scene.at(OPENING, kind), []);
    // A short comes near on the other side; from far to close it is told once, as the graver.
    scene.fill(3, -lots, OPENING);
    assert_eq!(scene.at(OPENING * 92 / 100, kind), []);
    let close = scene.at(OPENING * 109 / 100, kind);
    assert_eq!(close.iter().map(|notice| notice.tier).collect::<Vec<_>>(), [Tier::Critical]);
}

#[test]
fn with_cross_margin_everything_stands_for_it_and_without_a_word_of_the_margin_nothing_is_told() {
    let kind = NoticeKind::LiquidationWarning;
    let lots = {
        let instrument = Instrument::btcusdt();
        // Twenty times what there is.
        20 * CAPITAL.0 / instrument.notional(Qty(1), Price(OPENING)).0
    };
    for (margin, told) in [(Some(MarginMode::Cross), 1), (None, 0)] {
        let mut scene = Scene::new(Rules::NONE, Heart::Calm, Sky::none());
        if let Some(margin) = margin {
            scene = scene.margin(margin, 8);
        }
        scene.fill(1, lots, OPENING);
        let said = scene.at(OPENING, kind);
        assert_eq!(said.len(), told, "{said:?}");
        assert!(said.iter().all(|notice| notice.tier == Tier::Critical));
    }
    let mut small = Scene::new(Rules::NONE, Heart::Calm, Sky::none()).margin(MarginMode::Cross, 8);
    small.fill(1, lots / 40, OPENING);
    assert_eq!(small.at(OPENING * 90 / 100, kind), []);
}

#[test]
fn a_market_shift_is_a_regime_that_has_held_for_three_closed_bars() {
    let mut scene = Scene::new(Rules::NONE, Heart::Calm, Sky::none());
    let (mut rng, mut price) = (Rng::new(4), OPENING);
    // Its regimes, bar by bar, and what is to be told of them.
    let (mut lived, mut known): (Vec<Regime>, Option<Regime>) = (Vec::new(), None);
    let (mut said, mut wanted): (Vec<NoticeSaid>, Vec<String>) = (Vec::new(), Vec::new());
    for i in 0..12 * 1_440 {
        let reach = if i / 1_440 % 3 == 1 { 1_500 } else { 100 };
        let open = price;
        price += rng.below(2 * reach + 1) as i64 - reach as i64;
        let (high, low) = (Price(open.max(price) + 20), Price(open.min(price) - 20));
        let open_time = START + Interval::minutes(i);
        scene.bar(Bar { open_time, open: Price(open), high, low, close: Price(price), volume: 10.0 });
        let view = scene.farm.market().frame(Frame::M15);
        assert!(view.kept().contains(Indicator::Regime), "though its method does not read it");
        if view.bars > 0 && lived.len() as u64 != view.bars {
            lived.push(*view.regime());
            let told = *known.get_or_insert(*view.regime());
            if let [.., a, b, c] = lived[..]
                && a == b
                && b == c
                && c != told
            {
                known = Some(c);
                wanted.push(format!("main//regime/15m/{}", (view.last.open_time + Interval::minutes(15)).0));
            }
        }
        said.extend(scene.look().into_iter().filter(|notice| notice.kind == NoticeKind::MarketShift));
    }
    assert!(wanted.len() > 3, "{wanted:?}");
    assert_eq!(said.iter().map(|notice| notice.key.clone()).collect::<Vec<_>>(), wanted);
    assert!(said[0].text.contains("for 3 closed bars of 15m, and was "), "{}", said[0].text);
    assert!(said.iter().all(|notice| notice.tier == Tier::Informational));
}

#[test]
fn the_sky_is_told_to_those_who_feel_it() {
    let end = START + Interval(60 * Interval::DAY.0);
    let sky = || {
        let almanac = Almanac::new(START - Interval::DAY, end + Interval::DAY).expect("in the ephemeris");
        let place = Coordinates::new(50.0, 8.0).expect("on Earth");
        Sky::none().with_factors(FactorSet::ALL).with_almanac(Arc::new(almanac)).with_coordinates(place)
    };
    let month = |heart| {
        let mut scene = Scene::new(Rules::NONE, heart, sky());
        let mut said = Vec::new();
        while scene.now < end {
            scene.now = scene.now + Interval::HOUR;
            said.extend(scene.look().into_iter().filter(|notice| notice.kind == NoticeKind::CosmicEvent));
        }
        said
    };
    let said = month(Heart::Feels);
    let moons = said.iter().filter(|notice| notice.text.starts_with("moon: ")).count();
    assert!((8..=40).contains(&moons), "{:?}", tiers(&said));
    let keys: BTreeSet<&str> = said.iter().map(|notice| notice.key.as_str()).collect();
    assert_eq!(keys.len(), said.len());
    assert_eq!(month(Heart::Calm), []);
}
