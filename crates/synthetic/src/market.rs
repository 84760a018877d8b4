//! The market itself: a minute of price is drawn, traded, marked and published.
//!
//! A minute's return is its volatility times a normal number times a rare excess; what it reached in between is drawn as
//! a random walk that has to end there would reach it. It refuses to allocate for a minute, and a bar that does not hold its own open and close.

use crate::flow::{Flow, Mood};
use crate::minute::Minute;
use crate::noise::normal;
use crate::premium::Premium;
use crate::schedule::{Bend, Schedule, within};
use crate::settings::{PRICE_START, SCENARIOS_MAX};
use crate::volatility::Volatility;
use crate::{Laid, MarketSettings, Scenario, profile};
use model::{Bar, BotId, Concern, Interval, Price, Rng, Time, math};

/// Deviation of a middling minute's return, at an hour and a day of average life.
const DEVIATION_MIDDLING: f64 = 0.000_44;
/// Deviation of the logarithm of a single minute's own wildness, which no other minute remembers.
const OWN_WILDNESS: f64 = 0.25;
/// A minute in so many is an event; its movement is larger by a power law of this exponent, from and up to these factors.
const EVENT: Event = Event { share: 0.0008, exponent: 2.2, from: 4.5, most: 24.0 };
/// A minute goes on with this much of the one before it ...
const ECHO: f64 = 0.010;
/// ... and gives back this much of the shocks of the last minutes, which are remembered like this.
const GIVE_BACK: f64 = 0.009;
const SHOCKS_KEPT: f64 = 0.90;
/// The start price draws the price back within two years, or a market of a century would leave the range of prices.
const ANCHOR_PER_MINUTE: f64 = 1.0 / 1_051_200.0;
const TICKS_PER_USDT: f64 = 10.0;

struct Event {
    share: f64,
    exponent: f64,
    from: f64,
    most: f64,
}

/// A market that goes on for ever.
#[derive(Clone, Debug)]
pub struct Market {
    rng: Rng,
    /// When the next minute opens.
    time: Time,
    anchor: f64,
    log_price: f64,
    close: Price,
    volatility: Volatility,
    shock: f64,
    shocks: f64,
    flow: Flow,
    premium: Premium,
    schedule: Schedule,
}

/// A minute's movement.
struct Move {
    deviation: f64,
    size: f64,
    in_deviations: f64,
    log_volatility: f64,
}

impl Market {
    /// The market of these settings.
    ///
    /// # Panics
    ///
    /// If the price lies outside [`PRICE_START`], or there are more than [`SCENARIOS_MAX`] scenarios.
    pub fn new(settings: &MarketSettings) -> Market {
        assert!(
            (PRICE_START.0..=PRICE_START.1).contains(&settings.price),
            "a market starts where it has room to fall and to rise"
        );
        assert!(
            settings.scenarios.len() <= SCENARIOS_MAX,
            "at most {SCENARIOS_MAX} scenarios lie in a market at once"
        );
        let mut rng = Rng::stream(settings.seed, BotId(0), Concern::Market);
        let log_price = math::ln(settings.price);
        Market {
            time: settings.start.floor(Interval::MINUTE),
            anchor: log_price,
            log_price,
            close: Price((settings.price * TICKS_PER_USDT).round() as i64),
            volatility: Volatility::new(&mut rng),
            shock: 0.0,
            shocks: 0.0,
            flow: Flow::new(&mut rng),
            premium: Premium::new(log_price, &mut rng),
            schedule: Schedule::new(&settings.scenarios),
            rng,
        }
    }

    /// Lays a scenario that begins with the next minute; `false` where [`SCENARIOS_MAX`] are waiting or running, which
    /// leaves the market as it was.
    #[must_use]
    pub fn lay(&mut self, scenario: Scenario, lasts: Option<Interval>) -> bool {
        self.schedule.lay(Laid { scenario, at: self.time, lasts })
    }

    /// Whether such a scenario waits or runs.
    pub fn holds(&self, scenario: Scenario) -> bool {
        self.schedule.holds(scenario)
    }

    /// The next minute.
    pub fn minute(&mut self) -> Minute {
        let time = self.time;
        let profile = profile::at(time);
        let bend = self.schedule.bend(time, self.log_price);
        let funding = self.premium.funding(time);
        self.jump(bend.gap);
        let moved = self.draw(profile.volatility, &bend);
        let prices = self.prices(&moved, &bend);
        let mood = Mood {
            volatility: moved.log_volatility,
            movement: moved.in_deviations,
            volume: profile.volume * bend.volume,
        };
        let traded = self.flow.step(mood, &mut self.rng);
        let mark = self.premium.mark(prices, self.log_price, &mut self.rng);
        let [open, high, low, close] = prices;
        assert!(low.0 > 0 && low <= open.min(close), "a bar holds its own open and close");
        assert!(high >= open.max(close), "a bar holds its own open and close");
        self.close = close;
        self.time = time + Interval::MINUTE;
        let bar = Bar { open_time: time, open, high, low, close, volume: traded.volume };
        Minute { bar, mark, funding, trades: traded.trades, taker_buy_volume: traded.taker_buy_volume }
    }

    /// A gap moves the price before the minute opens; which way is luck.
    fn jump(&mut self, size: f64) {
        let up = self.rng.next_u64() >> 63 == 0;
        if size == 0.0 {
            return;
        }
        self.log_price = bounded(self.log_price + if up { size } else { -size });
        self.close = ticks(self.log_price);
    }

    /// How the minute moves, before walls.
    fn draw(&mut self, clock: f64, bend: &Bend) -> Move {
        let rng = &mut self.rng;
        let log_volatility = self.volatility.step(rng);
        let own = OWN_WILDNESS * normal(rng);
        let excess = excess(rng);
        let in_deviations = normal(rng) * excess;
        let scale = DEVIATION_MIDDLING * clock * bend.volatility * math::exp(log_volatility + own);
        let shock = scale * in_deviations;
        let given_back = ECHO * self.shock - GIVE_BACK * self.shocks;
        let drawn_back = ANCHOR_PER_MINUTE * (self.anchor - self.log_price);
        self.shock = shock;
        self.shocks = SHOCKS_KEPT * self.shocks + shock;
        Move {
            deviation: scale * excess,
            size: shock + given_back + drawn_back + bend.drift,
            in_deviations,
            log_volatility: log_volatility + own,
        }
    }

    /// Open, high, low and close.
    fn prices(&mut self, moved: &Move, bend: &Bend) -> [Price; 4] {
        let from = self.log_price;
        let mut to = bounded(from + moved.size);
        if let Some(walls) = bend.walls {
            to = within(walls, to);
        }
        self.log_price = to;
        let size = to - from;
        let (up, down) = self.reach(size, moved.deviation);
        let close = ticks(to);
        let open = self.close;
        let high = ticks(bounded(from.max(to) + up * bend.wick));
        let low = ticks(bounded(from.min(to) - down * bend.wick));
        [open, high.max(open).max(close), low.min(open).min(close), close]
    }

    /// How far a random walk that ends `size` away reaches beyond its two ends: up and down, each as it is alone.
    fn reach(&mut self, size: f64, deviation: f64) -> (f64, f64) {
        let variance = 2.0 * deviation * deviation;
        let mut beyond = || {
            let luck = -math::ln(1.0 - self.rng.unit());
            0.5 * ((size * size + variance * luck).sqrt() - size.abs())
        };
        (beyond(), beyond())
    }
}

/// How much larger than usual the minute's movement is: mostly not at all.
fn excess(rng: &mut Rng) -> f64 {
    let (chance, luck) = (rng.unit(), 1.0 - rng.unit());
    if chance >= EVENT.share {
        return 1.0;
    }
    (EVENT.from * math::pow(luck, -1.0 / EVENT.exponent)).min(EVENT.most)
}

fn ticks(log_price: f64) -> Price {
    Price((math::exp(log_price) * TICKS_PER_USDT).round() as i64)
}

/// Nothing costs less than the least price or more than the largest.
fn bounded(log_price: f64) -> f64 {
    log_price.clamp(LOG_PRICE_MIN, LOG_PRICE_MAX)
}

/// Logarithms of `PRICE_MIN` and `PRICE_MAX`.
const LOG_PRICE_MIN: f64 = 2.0 * std::f64::consts::LN_10;
const LOG_PRICE_MAX: f64 = 7.0 * std::f64::consts::LN_10;
