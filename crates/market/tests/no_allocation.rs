//! Nothing on the per-bar path allocates: a counting allocator holds it.

use market::{FrameSet, Market, Wants};
use model::{Bar, BarColumns, Interval, Price, Rng, Time};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "the only way to count allocations")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Alone in its file, so that no other test allocates meanwhile.
#[test]
fn absorbing_bars_allocates_nothing() {
    let mut columns = BarColumns::new(Interval::MINUTE);
    let mut rng = Rng::new(3);
    let mut close = 400_000;
    for minute in 0..20_000 {
        let open = close;
        close += rng.below(401) as i64 - 200;
        let open_time = Time(minute * 60_000);
        let (high, low) = (Price(open.max(close)), Price(open.min(close)));
        columns.push(Bar { open_time, open: Price(open), high, low, close: Price(close), volume: 1.0 });
    }
    let all = columns.as_bars();
    let mut market =
        Market::new(Interval::MINUTE, Wants::all(FrameSet::ALL)).expect("minutes make every frame");
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let mut at = 0;
    while at < all.len() {
        at += market.absorb(all.slice(at, all.len())).0;
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0);
    assert!(before > 0, "the allocator counts");
}
