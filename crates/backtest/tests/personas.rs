//! What must be seen of personas that live through a market: twins, checkpoints, sessions, the cap of risk, stops.

use backtest::noise::bursty_market;
use backtest::{CostOfEmotion, History, Replay, RunResult, RunSettings, prepare, run};
use cosmos::{Almanac, Factor, FactorSet, Series, Sky, Terms};
use farm::{Action, Character, Farm, News, Notice, Step, World, drive};
use model::event::{Shock, Wake};
use model::{BotId, FundingRate, Instrument, Interval, PositionSide, Rate, Request, Time, Usd};
use persona::{Gains, Label, PERSONAS, Profile};
use std::sync::Arc;
use venue::Models;

fn profile(name: &str) -> Profile {
    persona::catalogue::profile(name).expect("listed").expect("valid")
}

fn settings(name: &str, gains: Gains) -> RunSettings {
    let models =
        Models { slippage: Rate::bps(1), latency: Interval(250), participation: Some(Rate::bps(1_000)) };
    RunSettings {
        bot: BotId(0),
        character: Character::Persona(Box::new(profile(name)), gains),
        capital: Usd(10_000 * Usd::ONE.0),
        seed: 42,
        models,
        stride: farm::STRIDE_MAX,
        sky: cosmos::Sky::none(),
    }
}

/// The real sky over the made year, and a reading of everything that is read.
fn full_sky(history: &History) -> Sky {
    let bars = history.bars();
    let (from, to) = (bars.open_time[0], bars.close_time(bars.len() - 1));
    let almanac = Almanac::new(from - Interval::DAY, to + Interval::DAY).expect("the years of an almanac");
    let mut sky = Sky::none().with_almanac(Arc::new(almanac)).with_factors(FactorSet::ALL);
    for (factor, level, swing) in [
        (Factor::Kp, 4.0, 4.0),
        (Factor::Sentiment, 50.0, 45.0),
        (Factor::Schumann, 100.0, 60.0),
        (Factor::Liquidity, 1.0, 0.8),
    ] {
        let terms = Terms {
            source: "made".to_owned(),
            unit: "none".to_owned(),
            interval: Interval::HOUR,
            lag: Interval::HOUR,
            stale_after: Interval::DAY,
        };
        let wave = |hour: i64| level + swing * model::math::sin(hour as f64 / 37.0);
        let rows = (0..8_760).map(|hour| (from + Interval(hour * Interval::HOUR.0), wave(hour))).collect();
        sky = sky.with_series(Arc::new(Series::new(factor, terms, rows).expect("a good series")));
    }
    sky
}

fn made_year() -> History {
    let bars = bursty_market(525_600, 20);
    let start = bars.open_time[0];
    let funding: Vec<FundingRate> = (0..1_095)
        .map(|i| FundingRate {
            time: start + Interval(i * 8 * Interval::HOUR.0),
            rate: Rate((i % 7 - 3) * 50_000_000),
        })
        .collect();
    let shocks = [(start + Interval(40 * Interval::DAY.0), Shock::ExchangeHack)];
    History::new(Instrument::btcusdt(), bars, &funding, None).with_shocks(&shocks)
}

fn everybody() -> impl Iterator<Item = &'static str> {
    PERSONAS.iter().map(|(name, _)| *name)
}

/// What is decided and what is held, seen from outside.
struct Spy<'a> {
    inner: Replay<'a>,
    decisions: Vec<(Time, Request)>,
    naked: u64,
    checkpoints: Vec<u32>,
    sessions: Vec<u32>,
}

impl<'a> Spy<'a> {
    fn on(inner: Replay<'a>) -> Spy<'a> {
        Spy { inner, decisions: Vec::new(), naked: 0, checkpoints: Vec::new(), sessions: Vec::new() }
    }
}

impl World for Spy<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        self.inner.next(wake)
    }
    fn took(&mut self, bars: usize) {
        self.inner.took(bars);
        let account = self.inner.venue().account(BotId(0).own_account());
        let held = account.position(PositionSide::Net).qty.abs().0;
        let covered: i64 = account
            .open_orders()
            .filter(|order| matches!(order.role, venue::Role::BracketStop))
            .map(|order| order.remaining.0)
            .sum();
        self.naked += u64::from(bars > 0 && covered < held);
    }
    fn perform(&mut self, action: &Action) {
        match action {
            Action::Submit(_, approved) => self.decisions.push((self.inner.now(), *approved.request())),
            Action::Announce(News::Checkpoint(session)) => self.checkpoints.push(session.number),
            Action::Notify(_, Notice::Session(summary)) => self.sessions.push(summary.session.number),
            Action::Notify(..) | Action::Announce(_) | Action::Verify(_) | Action::Reply(..) => {}
        }
        self.inner.perform(action);
    }
}

fn spied<'a>(history: &'a History, settings: &RunSettings) -> (Farm, Spy<'a>) {
    let (mut farm, inner) = prepare(history, std::slice::from_ref(settings)).expect("the bars fit");
    let mut spy = Spy::on(inner);
    drive(&mut farm, &mut spy);
    (farm, spy)
}

#[test]
fn with_gains_at_zero_a_persona_is_its_twin_decision_by_decision() {
    let history = made_year();
    for name in everybody() {
        let numb = settings(name, Gains::ZERO);
        let twin = numb.twin().expect("a persona has a twin");
        let (_, numb) = spied(&history, &numb);
        let (_, twin) = spied(&history, &twin);
        assert!(numb.decisions.len() > 20, "{name} decided {} times", numb.decisions.len());
        assert_eq!(numb.decisions, twin.decisions, "{name}");
        let (_, felt) = spied(&history, &settings(name, Gains::FULL));
        assert_ne!(felt.decisions, twin.decisions, "{name} feels nothing");
    }
}

#[test]
fn under_a_full_sky_too_and_without_one_nothing_is_added() {
    let history = made_year();
    let sky = full_sky(&history);
    for name in everybody() {
        let under = |gains, sky: &Sky| RunSettings { sky: sky.clone(), ..settings(name, gains) };
        let (_, numb) = spied(&history, &under(Gains::ZERO, &sky));
        let (_, twin) = spied(&history, &under(Gains::FULL, &sky).twin().expect("a persona has a twin"));
        assert_eq!(numb.decisions, twin.decisions, "{name}");
        let (_, starstruck) = spied(&history, &under(Gains::FULL, &sky));
        let (_, sober) = spied(&history, &under(Gains::FULL, &Sky::none()));
        let (_, off) = spied(&history, &under(Gains::FULL, &sky.clone().with_factors(FactorSet::EMPTY)));
        let (_, unfelt) = spied(&history, &under(Gains { cosmic: 0.0, ..Gains::FULL }, &sky));
        assert_eq!(off.decisions, sober.decisions, "{name} with every factor off");
        assert_eq!(unfelt.decisions, sober.decisions, "{name} with a gain of zero");
        assert_ne!(starstruck.decisions, sober.decisions, "{name} feels no sky");
        assert_eq!(starstruck.naked, 0, "{name}");
    }
}

#[test]
fn ten_thousand_identical_readings_leave_the_state_bit_equal() {
    let history = made_year();
    let sky = full_sky(&history);
    for name in everybody() {
        let settings = RunSettings { sky: sky.clone(), ..settings(name, Gains::FULL) };
        let (farm, spy) = spied(&history, &settings);
        let (before, now) = (farm.state_hash(), spy.inner.now());
        let first = sky.at(now);
        let felt = &profile(name).susceptibility;
        let dials = persona::Modifier::of(&first, felt, 1.0);
        for _ in 0..10_000 {
            assert_eq!(sky.at(now), first);
            assert_eq!(persona::Modifier::of(&sky.at(now), felt, 1.0), dials);
        }
        assert_eq!(farm.state_hash(), before, "{name}");
    }
}

#[test]
fn no_position_is_ever_without_a_stop_and_no_trade_risks_more_than_two_percent() {
    let history = made_year();
    for name in everybody() {
        let settings = settings(name, Gains::FULL);
        let (_, spy) = spied(&history, &settings);
        assert_eq!(spy.naked, 0, "{name}");
        let result = run(&history, &settings).expect("the bars fit");
        assert!(result.ledger_balanced, "{name}");
        let instrument = history.instrument();
        for closed in &result.trades {
            let (position, entry) = (&closed.trade.position, &closed.trade.position.entry);
            let stop = entry.stop.expect("a persona's entry has a stop");
            let at_stop = instrument
                .usd((position.entry_cost - i128::from(position.opened.0) * i128::from(stop.0)).abs());
            assert!(at_stop.0 * 50 <= entry.equity.0, "{name}: {at_stop} of {}", entry.equity);
        }
    }
}

#[test]
fn the_cost_of_emotion_is_explained_to_the_unit() {
    let history = made_year();
    for name in everybody() {
        let persona = settings(name, Gains::FULL);
        let twin = run(&history, &persona.twin().expect("a persona has a twin")).expect("the bars fit");
        let persona = run(&history, &persona).expect("the bars fit");
        let cost = CostOfEmotion::of(&persona, &twin);
        assert_eq!(cost.total, twin.net - persona.net);
        let split: i64 = cost.by_cause.iter().map(|cost| cost.0).sum();
        assert_eq!(split, cost.total.0, "{name}");
        let days: f64 = cost.daily.iter().sum();
        assert!((days - cost.total.as_f64()).abs() < 1e-3, "{name}: {days} over the days, {}", cost.total);
        let self_compared = CostOfEmotion::of(&twin, &twin);
        assert_eq!(self_compared.total, Usd::ZERO);
        assert!(self_compared.by_cause.iter().all(|cost| cost.0 == 0));
    }
}

#[test]
fn sessions_are_counted_and_fibonacci_sessions_are_checkpoints() {
    let history = made_year();
    let (farm, spy) = spied(&history, &settings("strategic", Gains::FULL));
    assert!(spy.sessions.windows(2).all(|pair| pair[1] == pair[0] + 1), "no session is left out");
    assert_eq!((spy.sessions[0], spy.sessions.len()), (1, 365 * 4 - 1));
    assert_eq!(spy.checkpoints, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]);
    assert_eq!(farm.checkpoints().len(), spy.checkpoints.len());
}

/// Stops a world at the first checkpoint from `number` on.
struct Until<'a> {
    inner: Replay<'a>,
    number: u32,
    reached: bool,
}

impl World for Until<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        if self.reached { Step::End } else { self.inner.next(wake) }
    }
    fn took(&mut self, bars: usize) {
        self.inner.took(bars);
    }
    fn perform(&mut self, action: &Action) {
        if let Action::Announce(News::Checkpoint(session)) = action {
            self.reached |= session.number >= self.number;
        }
        self.inner.perform(action);
    }
}

#[test]
fn a_checkpoint_restores_a_bot_exactly() {
    let history = made_year();
    for name in everybody() {
        let settings = settings(name, Gains::FULL);
        let (mut whole, mut world) =
            prepare(&history, std::slice::from_ref(&settings)).expect("the bars fit");
        drive(&mut whole, &mut world);

        let (mut farm, inner) = prepare(&history, std::slice::from_ref(&settings)).expect("the bars fit");
        let mut until = Until { inner, number: 377, reached: false };
        drive(&mut farm, &mut until);
        let (at_checkpoint, world_then) = (farm.clone(), until.inner.clone());
        // The bot goes on and is changed by what it meets …
        let mut later = until.inner;
        drive(&mut farm, &mut later);
        assert_eq!(farm.state_hash(), whole.state_hash(), "{name}: a stop changes nothing");
        // … and is put back into a farm that stands where the checkpoint was taken.
        let mut again = at_checkpoint;
        let then = farm.roster().snapshot(377, BotId(0)).expect("taken").clone();
        let bot = again.roster_mut().bot_mut(BotId(0)).expect("the only bot");
        bot.on_shock(Time(0), Shock::ExchangeHack, &mut farm::Actions::default());
        assert_eq!(again.roster_mut().restore(&then), Some(()));
        let mut world = world_then;
        drive(&mut again, &mut world);
        assert_eq!(again.state_hash(), whole.state_hash(), "{name}");
    }
}

fn labels(result: &RunResult) -> Vec<Label> {
    std::iter::once(result.felt_first).chain(result.felt.iter().map(|(_, label)| *label)).collect()
}

#[test]
fn every_emotional_state_is_reached_and_left_in_a_year() {
    let history = made_year();
    let all: Vec<Vec<Label>> = everybody()
        .map(|name| labels(&run(&history, &settings(name, Gains::FULL)).expect("the bars fit")))
        .collect();
    for label in Label::ALL {
        let left = all.iter().any(|seen| seen.windows(2).any(|pair| pair[0] == label && pair[1] != label));
        assert!(left, "{label:?} is reached and left by somebody");
    }
}
