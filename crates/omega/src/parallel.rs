//! Work on all cores: independent runs side by side, results in the order asked for.
//!
//! It refuses to split one run: a run is one thread from its first bar to its last.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many runs go side by side.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` for each of `0..count`, on all cores; `work` may be called in any order, results come in theirs.
pub fn map<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    map_on(cores(), count, work)
}

/// The same on so many threads: for work that waits for others.
pub fn map_on<R: Send>(threads: usize, count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    assert!(threads > 0, "somebody does the work");
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(count));
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = work(index);
            results.lock().expect("no worker panics while it holds the list").push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(worker);
        }
        worker();
    });
    let mut results = results.into_inner().expect("every worker has ended");
    results.sort_by_key(|(index, _)| *index);
    assert_eq!(results.len(), count, "every piece of work has a result");
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_each_once() {
        let squares = map(1_000, |i| i * i);
        assert!(squares.iter().enumerate().all(|(i, square)| *square == i * i) && squares.len() == 1_000);
        assert!(map(0, |i| i).is_empty());
    }
}
