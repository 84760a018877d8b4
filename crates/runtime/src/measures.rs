//! What is measured of a shard while it works, for whoever watches the process.
//!
//! It refuses to slow the shard down (counts are taken, never waited for) and to go on saying what is not so any more: a
//! shard that is over has no age of its market and no lease.

use crate::engine::Engine;
use crate::outbox::Outbox;
use control::telemetry::ShardTelemetry;
use farm::Farm;
use model::{Interval, Time};
use std::sync::Arc;
use std::time::Instant;

/// The numbers of one life.
pub(crate) struct Measures {
    numbers: Option<Arc<ShardTelemetry>>,
    /// The market's newest instant, and when it was heard.
    newest: Option<(Time, Instant)>,
    /// What was counted when it was looked last.
    fills: u64,
    reconnects: u64,
}

impl Measures {
    /// Of a farm that has just risen: what it did in earlier lives was counted there.
    pub(crate) fn begin(numbers: Option<Arc<ShardTelemetry>>, farm: &Farm) -> Measures {
        numbers.iter().for_each(|numbers| numbers.lease_held.set(1));
        Measures { numbers, newest: None, fills: fills(farm), reconnects: 0 }
    }

    /// Takes what a turn came to.
    pub(crate) fn turned(&self, engine: &mut Engine) {
        let (tally, written) = engine.take_counts();
        let Some(numbers) = &self.numbers else { return };
        numbers.orders.add(tally.orders);
        numbers.rejections.add(tally.rejections);
        if matches!(engine, Engine::Exchange(_)) {
            // On paper no time passes between a decision and its order.
            tally.signal_to_order.iter().for_each(|wait| numbers.signal_to_order_ms.took_ms(wait.0 as f64));
        }
        numbers.journal_bytes.add(written.bytes);
        written.waits.iter().for_each(|wait| numbers.journal_fsync_ms.took_ms(wait.as_secs_f64() * 1_000.0));
    }

    /// Looks how it is now: how old is what is known of the market?
    pub(crate) fn look(&mut self, engine: &mut Engine, outbox: &Outbox) -> Option<Interval> {
        let (now, reconnects) = (engine.now(), engine.reconnects());
        let (fills, newest) = (fills(engine.farm()), engine.farm().price().map(|(_, at)| at));
        if newest != self.newest.map(|(at, _)| at) {
            self.newest = newest.map(|at| (at, Instant::now()));
        }
        let age = age(engine, now, self.newest);
        if let Some(numbers) = &self.numbers {
            match age {
                Some(age) => numbers.market_data_age_ms.set(age.0.unsigned_abs()),
                None => numbers.market_data_age_ms.forget(),
            }
            let naked = engine.farm().bots().iter().map(|bot| bot.naked_position_ms(now)).max();
            numbers.naked_position_ms.set(naked.unwrap_or(0).unsigned_abs());
            numbers.fills.add(fills - self.fills);
            numbers.reconnects.add(reconnects - self.reconnects);
            numbers.outbox_waiting.set(outbox.backlog().0 as u64);
        }
        (self.fills, self.reconnects) = (fills, reconnects);
        age
    }
}

impl Drop for Measures {
    fn drop(&mut self) {
        if let Some(numbers) = &self.numbers {
            numbers.lease_held.set(0);
            numbers.market_data_age_ms.forget();
            numbers.naked_position_ms.forget();
        }
    }
}

fn fills(farm: &Farm) -> u64 {
    farm.bots().iter().map(|bot| bot.ledger().fills()).sum()
}

/// An exchange's market is as old as its stamp; a market on paper as the time since it last moved.
fn age(engine: &Engine, now: Time, newest: Option<(Time, Instant)>) -> Option<Interval> {
    let (at, heard) = newest?;
    Some(match engine {
        Engine::Exchange(_) => Interval((now - at).0.max(0)),
        Engine::Paper(_) => Interval(i64::try_from(heard.elapsed().as_millis()).unwrap_or(i64::MAX)),
    })
}
