//! After warm-up nothing on the venue's path allocates: not a submit, not a step, not a poll, not a scan.

use model::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use venue::{AccountSettings, MarkBar, MarkPath, Models, Venue};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[allow(unsafe_code)]
// SAFETY: every call is handed to the system's allocator unchanged; only a counter is kept.
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
static COUNTING: Counting = Counting;

fn allocations() -> usize {
    ALLOCATIONS.with(Cell::get)
}

fn market() -> BarColumns {
    let mut rng = Rng::new(7);
    let mut bars = BarColumns::new(Interval::MINUTE);
    let mut last = 300_000;
    for i in 0..5_000 {
        let close = (last + rng.below(2_001) as i64 - 1_000).max(100_000);
        let (up, down) = (rng.below(300) as i64, rng.below(300) as i64);
        bars.push(Bar {
            open_time: Time(i * Interval::MINUTE.0),
            open: Price(last),
            high: Price(last.max(close) + up),
            low: Price(last.min(close) - down),
            close: Price(close),
            volume: 3.0,
        });
        last = close;
    }
    bars
}

fn entry(bot: BotId, decision: u32, price: Price) -> Request {
    let mut targets = [Target::default(); TARGETS_MAX];
    targets[0] = Target { price: Price(price.0 + 1_500), qty: Qty(40) };
    targets[1] = Target { price: Price(price.0 + 4_000), qty: Qty(40) };
    Request::Place(OrderRequest {
        id: OrderId { bot, epoch: 0, decision, leg: Leg::Own },
        side: Side::Buy,
        position_side: PositionSide::Net,
        qty: Qty(100),
        kind: OrderKind::Limit { price: Price(price.0 - 100), tif: TimeInForce::GoodTillCancelled },
        reduce_only: false,
        bracket: Some(Bracket { stop: Price(price.0 - 3_000), targets }),
        one_cancels_other: Some(decision),
    })
}

#[test]
fn nothing_is_allocated_after_warm_up() {
    let instrument = Instrument::btcusdt();
    let mut venue = Venue::new(instrument.clone());
    let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 3 };
    let models =
        Models { slippage: Rate::bps(1), latency: Interval(250), participation: Some(Rate::bps(300)) };
    for bot in 0..4 {
        venue.open_account(AccountSettings { id: AccountId(bot), mode, balance: Usd(1 << 40), models });
    }
    let columns = market();
    let bars = columns.as_bars();
    let (mut i, mut fills, mut passed) = (0, 0, 0);
    let before = allocations();
    assert!(before > 0, "the counter counts");
    while i < bars.len() {
        if i % 7 == 0 {
            for bot in 0..4 {
                venue.submit(
                    bars.open_time[i],
                    AccountId(bot),
                    entry(BotId(bot), i as u32 + 1, bars.open[i]),
                );
            }
        }
        let to = (i / 7 * 7 + 7).min(bars.len());
        let quiet = venue.quiet(bars.slice(i, to), MarkPath::Basis(Mark(5)));
        if quiet > 0 {
            i += quiet;
            passed += quiet;
            venue.pass(bars.close[i - 1], instrument.mark_of(bars.close[i - 1]), bars.close_time(i - 1));
        } else {
            let bar = bars.get(i);
            venue.step(&bar, bars.interval, MarkBar::from_basis(instrument.mark_per_tick(), &bar, Mark(5)));
            i += 1;
        }
        while let Some((_, _, report)) = venue.poll() {
            fills += usize::from(matches!(report, Report::Filled(_)));
        }
    }
    assert_eq!(allocations(), before, "allocated on the way");
    assert!(fills > 1_000 && passed > 10, "{fills} fills, {passed} bars passed over");
}
