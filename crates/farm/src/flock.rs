//! The farm: many bots, one market view. A pod is a farm of one.

use crate::action::Actions;
use crate::bot::Bot;
use market::{FrameSet, Market, MarketError, Wants};
use model::{Bars, BotId, Event, Instrument, Interval, StateHash, Time, event::Wake};
use persona::Context;

/// Bots over one shared view of one market.
#[derive(Clone, Debug)]
pub struct Farm {
    instrument: Instrument,
    market: Market,
    bots: Vec<Bot>,
}

impl Farm {
    /// A farm of these bots, fed with bars of length `base`; it keeps only what some bot reads.
    pub fn new(instrument: Instrument, base: Interval, bots: Vec<Bot>) -> Result<Farm, MarketError> {
        let wants = bots.iter().fold(Wants::NONE, |wants, bot| wants.union(bot.wants()));
        Ok(Farm { instrument, market: Market::new(base, wants)?, bots })
    }

    /// Its bots.
    pub fn bots(&self) -> &[Bot] {
        &self.bots
    }

    /// The shared view.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The earliest deadline and what it is for.
    pub fn next_wake(&self) -> Option<(Time, Wake)> {
        self.bots
            .iter()
            .filter_map(|bot| Some((bot.deadline()?, Wake::Unanswered(bot.id()))))
            .min_by_key(|w| w.0)
    }

    fn bot(&mut self, id: BotId) -> Option<&mut Bot> {
        self.bots.iter_mut().find(|bot| bot.id() == id)
    }

    /// Hears one event.
    pub fn on_event(&mut self, now: Time, event: &Event, out: &mut Actions) {
        match *event {
            Event::Tick(price) => {
                for bot in &mut self.bots {
                    bot.on_tick(now, &self.instrument, price, out);
                }
            }
            Event::Report(id, ref report) => {
                // A report for a bot that is not here is another process's; it changes nothing.
                if let Some(at) = self.bots.iter().position(|bot| bot.id() == id) {
                    self.bots[at].on_report(now, &self.instrument, report, out);
                }
            }
            Event::Wake(Wake::Unanswered(id)) => {
                if let Some(bot) = self.bot(id) {
                    bot.on_unanswered(now, out);
                }
            }
        }
    }

    /// Takes bars until somebody has something to say; returns how many it took.
    pub fn on_bars(&mut self, bars: Bars<'_>, out: &mut Actions) -> usize {
        if self.market.frames().is_empty() && self.bots.len() == 1 {
            return self.bots[0].scan(&self.instrument, bars, out);
        }
        // Bots that read base bars must all stand at the same bar when one of them speaks.
        let one_by_one = self.bots.iter().any(Bot::reads_base_bars);
        let mut taken = 0;
        while taken < bars.len() && out.is_empty() {
            let (absorbed, closed) = if one_by_one {
                self.scan_one(bars.slice(taken, taken + 1), out)
            } else {
                self.market.absorb_from(&bars, taken)
            };
            taken += absorbed;
            if !closed.is_empty() {
                self.decide(closed, out);
            }
        }
        taken
    }

    /// Shows one bar to the view and, once the view has taken it, to the bots that read base bars.
    fn scan_one(&mut self, bar: Bars<'_>, out: &mut Actions) -> (usize, FrameSet) {
        let (absorbed, closed) = self.market.absorb(bar);
        if absorbed > 0 {
            for bot in self.bots.iter_mut().filter(|bot| bot.reads_base_bars()) {
                bot.scan(&self.instrument, bar, out);
            }
        }
        (absorbed, closed)
    }

    #[inline]
    fn decide(&mut self, closed: FrameSet, out: &mut Actions) {
        let mut context = Context {
            market: &self.market,
            closed,
            now: self.market.now(),
            price: self.market.last_close(),
            alignment: 0.0,
        };
        for bot in &mut self.bots {
            // A frame that only others want is no occasion: a bot decides as often as it would alone.
            context.closed = closed.intersection(bot.frames());
            if !context.closed.is_empty() {
                bot.decide(&self.instrument, &context, out);
            }
        }
    }

    /// Everything the farm knows, in one word.
    pub fn state_hash(&self) -> u64 {
        let mut hash = StateHash::default();
        for bot in &self.bots {
            bot.hash(&mut hash);
        }
        hash.finish()
    }
}
