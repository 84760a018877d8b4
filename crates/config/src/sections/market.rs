//! What is traded, and where its prices come from. Three feeds stand side by side; `feed` picks one.

use crate::kinds::{
    BarLength, FilePath, Instant, LaidScenario, ListOf, Real, Symbol, Truth, Url, whole, word, words,
};
use crate::section::section;
use model::{Interval, Time};
use synthetic::Scenario;

words! {
    /// Where prices come from.
    pub enum Feed {
        /// A made market: no network, no files.
        Generator = "generator",
        /// Bars of a file.
        Replay = "replay",
        /// Bitget's public stream: no key.
        Bitget = "bitget",
    }
}

section! {
    /// What is traded, and where its prices come from.
    pub struct Market {
        /// The perpetual.
        symbol: String = Symbol, default "\"BTCUSDT\"", restart;
        /// How long a bar is. Personas look at their positions every quarter of an hour, so no bar is longer.
        interval: Interval = BarLength, default "\"1m\"", restart;
        /// Where prices come from. Demo and live trading need bitget.
        feed: Feed = word(), default "\"generator\"", restart;
        /// How many bars are read before anybody trades: indicators need a past.
        warm_up_bars: u32 = whole(0, 100_000), default "3000", restart;
    }
    tables {
        /// The made market, where `feed = "generator"`.
        generator: Generator;
        /// Bars of a file, where `feed = "replay"`.
        replay: ReplayFile;
        /// The exchange, where `feed = "bitget"`.
        bitget: Bitget;
    }
}

section! {
    /// The made market.
    pub struct Generator {
        /// Seed of the market: the same seed, the same minutes.
        seed: u64 = whole(0, i64::MAX), default "1", restart;
        /// How many times real time: 1 is real time, 60 a minute a second, 0 as fast as can be.
        speed: f64 = Real { min: 0.0, max: 1_000_000.0 }, default "1.0", restart;
        /// What is laid into it, one after the other.
        scenarios: Vec<Scenario> = ListOf { kind: LaidScenario, most: 9 }, default "[]", restart;
    }
}

section! {
    /// Bars of a file.
    pub struct ReplayFile {
        /// CSV, Parquet or an archive, as `omega backtest` reads it.
        file: Option<String> = FilePath, unset "\"btcusdt-1m.csv\"", restart;
        /// The first instant; none: the file's.
        from: Option<Time> = Instant, unset "\"2024-01-01\"", restart;
        /// The instant before which it ends; none: the file's end.
        to: Option<Time> = Instant, unset "\"2024-02-01\"", restart;
        /// How many times real time: 1 is real time, 60 a minute a second, 0 as fast as can be.
        speed: f64 = Real { min: 0.0, max: 1_000_000.0 }, default "1.0", restart;
    }
}

section! {
    /// The exchange. What is unset is Bitget's own address; a mock or a proxy is another one.
    pub struct Bitget {
        /// Requests.
        rest_url: Option<String> = Url { schemes: &["https://", "http://"], example: "https://api.bitget.com" }, unset "\"https://api.bitget.com\"", restart;
        /// Sockets; in demo trading Bitget's own is wss://wspap.bitget.com.
        ws_url: Option<String> = Url { schemes: &["wss://", "ws://"], example: "wss://ws.bitget.com" }, unset "\"wss://ws.bitget.com\"", restart;
        /// Whether it waits for us at every step, as `omega mock-exchange --lock-step` does: what is played against it can be repeated to the last fill.
        lock_step: bool = Truth, default "false", restart;
    }
}
