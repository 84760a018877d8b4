//! What determines a run, in one word: so that a finished run is not run again, and a registered hypothesis is not
//! swapped.
//!
//! It refuses shortcuts: all that is read goes in, byte by byte.

use backtest::{History, RunSettings};
use model::{Bars, Mark};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// Bytes as lower-case hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a text.
pub fn of_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// SHA-256 of this program. Another build may end a run otherwise, so what it finished is not taken for ours; where the
/// program cannot read itself, its version has to do.
pub fn of_program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let bytes = std::env::current_exe().and_then(std::fs::read);
        bytes.map_or_else(
            |_| env!("CARGO_PKG_VERSION").to_owned(),
            |bytes| hexadecimal(&Sha256::digest(bytes)),
        )
    })
}

/// SHA-256 of all that a market is made of: instrument, bars, finer bars, marks, funding, basis, news.
pub fn of_market(history: &History) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{:?}", history.instrument()));
    add_bars(&mut hash, history.bars());
    hash.update(format!("{:?}{:?}{:?}", history.funding(), history.basis(), history.shocks()));
    // Only where there are any: the hash of a market without them stays what it was when it was registered.
    if history.has_mark_bars() {
        for i in 0..history.bars().len() {
            let mark = history.mark_bar(i, Mark::ZERO);
            for word in [mark.open, mark.high, mark.low, mark.close] {
                hash.update(word.0.to_le_bytes());
            }
        }
    }
    if let Some(path) = history.path() {
        add_bars(&mut hash, path);
    }
    hexadecimal(&hash.finalize())
}

fn add_bars(hash: &mut Sha256, bars: Bars<'_>) {
    hash.update(bars.interval.0.to_le_bytes());
    for i in 0..bars.len() {
        let bar = bars.get(i);
        for word in [bar.open_time.0, bar.open.0, bar.high.0, bar.low.0, bar.close.0] {
            hash.update(word.to_le_bytes());
        }
        hash.update(bar.volume.to_bits().to_le_bytes());
    }
}

/// SHA-256 of everything but the market that a run depends on: the whole bot, its sky and readings, the venue's models.
/// Strides change nothing and are left out.
pub fn of_run(market: &str, settings: &RunSettings) -> String {
    let RunSettings { bot, character, capital, seed, models, stride: _, sky } = settings;
    of_text(&format!("{market} {bot:?} {character:?} {capital:?} {seed} {models:?} {sky:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backtest::noise::random_market;
    use model::event::Shock;
    use model::{FundingRate, Instrument, Interval, MarkColumns, Rate};

    #[test]
    fn the_published_digest_of_abc() {
        // FIPS 180-2, appendix B.1.
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_text("abc"), want);
    }

    #[test]
    fn whatever_a_market_is_made_of_is_in_it() {
        let bars = random_market(3_000, 1);
        let instrument = Instrument::btcusdt();
        let plain = || History::new(instrument.clone(), bars.clone(), &[], None);
        let mut dearer = instrument.clone();
        dearer.fees.taker = Rate::bps(7);
        let mut other = bars.clone();
        other.volume[2_999] += 1.0;
        let due = FundingRate { time: bars.open_time[480], rate: Rate::bps(1) };
        let news = (bars.open_time[9], Shock::ALL[0]);
        let mut halves = model::BarColumns::new(Interval(30_000));
        let mut bar = bars.as_bars().get(0);
        halves.push(bar);
        bar.open_time = bar.open_time + Interval(30_000);
        halves.push(bar);
        let marks = |low_below: i64| MarkColumns {
            interval: Interval::MINUTE,
            open_time: bars.open_time.clone(),
            open: bars.open.iter().map(|&price| instrument.mark_of(price)).collect(),
            high: bars.high.iter().map(|&price| instrument.mark_of(price)).collect(),
            low: bars.low.iter().map(|&price| instrument.mark_of(price) - Mark(low_below)).collect(),
            close: bars.close.iter().map(|&price| instrument.mark_of(price)).collect(),
        };
        let all = [
            of_market(&plain()),
            of_market(&History::new(dearer, bars.clone(), &[], None)),
            of_market(&History::new(instrument.clone(), other, &[], None)),
            of_market(&History::new(instrument.clone(), bars.clone(), &[due], None)),
            of_market(&plain().with_shocks(&[news])),
            of_market(&plain().with_path(halves)),
            of_market(&History::new(instrument.clone(), bars.clone(), &[], Some(&marks(0)))),
            of_market(&History::new(instrument.clone(), bars.clone(), &[], Some(&marks(1)))),
            of_market(&plain().part(0, 2_999)),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(of_market(&plain()), all[0]);
    }
}
