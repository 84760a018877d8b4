//! An entry that rests: it is a maker's or nothing, it is taken back in time, and what fills of it is protected.

use backtest::noise::random_market;
use backtest::{History, Replay, RunSettings, prepare};
use farm::{Action, Character, Step, World, drive};
use model::event::Wake;
use model::{
    BotId, Instrument, Interval, Leg, OrderId, OrderKind, PositionSide, Rate, Request, Time, TimeInForce, Usd,
};
use venue::Models;

const BOT: BotId = BotId(0);
/// The scalper's patience: a whole number of its looks at the market.
const PATIENCE: Interval = Interval::minutes(15);

/// A world that watches resting entries.
struct Watch<'a> {
    inner: Replay<'a>,
    placed: Vec<(OrderId, Time)>,
    cancelled: Vec<(OrderId, Time)>,
    /// Bars after which a position was held, and how many of those entries were still resting in part.
    held: u64,
    part_filled: u64,
}

impl World for Watch<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        let account = self.inner.venue().account(BOT.own_account());
        let held = account.position(PositionSide::Net).qty.abs();
        if held.0 > 0 {
            self.held += 1;
            let stops = account.open_orders().filter(|order| order.id.leg == Leg::Stop);
            let covered: i64 = stops.map(|order| order.remaining.0).sum();
            assert_eq!(covered, held.0, "a position is covered by its stop at {}", self.inner.now());
            self.part_filled += u64::from(account.open_orders().any(|order| !order.reduce_only));
        }
        self.inner.next(wake)
    }
    fn took(&mut self, bars: usize) {
        self.inner.took(bars);
    }
    fn perform(&mut self, action: &Action) {
        let now = self.inner.now();
        if let Action::Submit(_, approved) = action {
            match approved.request() {
                Request::Place(order) if !order.reduce_only => {
                    let OrderKind::Limit { tif: TimeInForce::PostOnly, .. } = order.kind else {
                        panic!("the calm scalper is a maker: {order:?}")
                    };
                    self.placed.push((order.id, now));
                }
                Request::Cancel(id) => self.cancelled.push((*id, now)),
                Request::Place(_) | Request::Amend { .. } => {}
            }
        }
        self.inner.perform(action);
    }
}

fn watch(history: &History, participation: Option<Rate>, each: impl FnOnce(&Watch<'_>)) {
    let profile = persona::catalogue::profile("scalper").expect("listed").expect("valid");
    let settings = RunSettings {
        bot: BOT,
        character: Character::Twin(Box::new(profile)),
        capital: Usd(10_000 * Usd::ONE.0),
        seed: 42,
        models: Models { slippage: Rate::bps(1), latency: Interval(250), participation },
        stride: 256,
        sky: cosmos::Sky::none(),
    };
    let (mut farm, inner) = prepare(history, &[settings]).expect("the bars fit");
    let mut watch = Watch { inner, placed: Vec::new(), cancelled: Vec::new(), held: 0, part_filled: 0 };
    drive(&mut farm, &mut watch);
    each(&watch);
}

#[test]
fn what_nobody_took_in_time_is_taken_back() {
    let history = History::new(Instrument::btcusdt(), random_market(60_000, 4), &[], None);
    watch(&history, None, |watch| {
        let (mut filled, mut given_up) = (0, 0);
        for (id, at) in &watch.placed {
            let ends: Vec<Time> =
                watch.cancelled.iter().filter(|(other, _)| other == id).map(|(_, end)| *end).collect();
            match ends[..] {
                [] => filled += 1,
                [end] => {
                    assert_eq!(end - *at, PATIENCE, "{at}");
                    given_up += 1;
                }
                _ => panic!("{id:?} was cancelled {} times", ends.len()),
            }
        }
        assert!(filled > 20 && given_up > 20, "{filled} filled, {given_up} given up");
        assert!(watch.held > 20 && watch.part_filled == 0);
    });
}

#[test]
fn what_filled_in_part_keeps_its_bracket() {
    let history = History::new(Instrument::btcusdt(), random_market(60_000, 4), &[], None);
    // A ten-thousandth of some hundred coins a minute: less than the scalper wants.
    watch(&history, Some(Rate(100_000_000)), |watch| {
        assert!(watch.part_filled > 20, "{} of {} in part", watch.part_filled, watch.held);
        for (id, at) in &watch.placed {
            let mut ends = watch.cancelled.iter().filter(|(other, _)| other == id).map(|(_, end)| *end);
            assert!(ends.all(|end| end - *at <= PATIENCE), "{id:?}");
        }
    });
}
