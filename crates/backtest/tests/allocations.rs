//! Nothing on the per-bar path allocates: counted by an allocator that counts.

use backtest::noise::bursty_market;
use backtest::{History, Replay, RunSettings, prepare};
use farm::{Action, Character, Step, World, drive};
use model::event::Wake;
use model::{FundingRate, Instrument, Interval, Qty, Rate, Time, Usd};
use persona::{ControlSettings, Gains};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use venue::Models;

struct Counting;
thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system allocator unchanged; only this thread's counter is moved.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}
#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Notes the count when the warm-up is over.
struct Watch<'a> {
    inner: Replay<'a>,
    warm_at: Time,
    at_warm: Option<u64>,
}

impl World for Watch<'_> {
    fn next(&mut self, wake: Option<(Time, Wake)>) -> Step<'_> {
        if self.at_warm.is_none() && self.inner.now() >= self.warm_at {
            self.at_warm = Some(allocations());
        }
        self.inner.next(wake)
    }
    fn took(&mut self, bars: usize) {
        self.inner.took(bars);
    }
    fn perform(&mut self, action: &Action) {
        self.inner.perform(action);
    }
}

#[test]
fn nothing_is_allocated_after_the_warm_up() {
    let bars = bursty_market(200_000, 2);
    let start = bars.open_time[0];
    let funding: Vec<FundingRate> = (0..400)
        .map(|i| FundingRate { time: start + Interval(i * 8 * Interval::HOUR.0), rate: Rate::bps(1) })
        .collect();
    let history = History::new(Instrument::btcusdt(), bars, &funding, None);
    let settings = ControlSettings { fast: 20, slow: 50, quantity: Qty(100) };
    let rough =
        Models { slippage: Rate::bps(1), latency: Interval(250), participation: Some(Rate(100_000_000_000)) };
    let personas = persona::PERSONAS.iter().map(|(_, toml)| {
        let profile = persona::Profile::parse(toml).expect("built in");
        (Character::Persona(Box::new(profile), Gains::FULL), rough)
    });
    let controls = [
        (Character::Control("ema_cross", settings), Models::NONE),
        (Character::Control("buy_hold", settings), Models::NONE),
    ];
    for (persona, models) in personas.chain(controls) {
        let name = persona.name().to_owned();
        let settings = RunSettings {
            bot: model::BotId(0),
            character: persona,
            capital: Usd(1_000_000 * Usd::ONE.0),
            seed: 1,
            models,
            stride: 256,
            sky: cosmos::Sky::none(),
        };
        let (mut farm, inner) = prepare(&history, &[settings]).expect("the bars fit");
        let warm_at = start + Interval(20 * Interval::DAY.0);
        let mut watch = Watch { inner, warm_at, at_warm: None };
        drive(&mut farm, &mut watch);
        let after = allocations() - watch.at_warm.expect("the run outlasts its warm-up");
        assert_eq!(after, 0, "{name} allocated {after} times after its warm-up");
        assert!(watch.inner.records()[0].curve.samples().len() > 100, "{name} ran");
    }
}
