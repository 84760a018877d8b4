//! Fingerprints: SHA-256 of a text, of the program that runs, of everything a history holds.
//!
//! Two runs with equal fingerprints of program, history and settings end equal. It refuses to leave out what a run reads:
//! fees and ticks, marks, funding, news and finer bars are in it, not the bars alone.

use backtest::History;
use model::{Bars, Mark};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// SHA-256 in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of bytes.
    pub fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint(hexadecimal(&Sha256::digest(bytes)))
    }

    /// Of a history.
    pub fn of_history(history: &History) -> Fingerprint {
        let mut hash = Sha256::new();
        // The instrument is small and has many parts: its description names them all.
        hash.update(format!("{:?}\n{:?}\n", history.instrument(), history.shocks()).as_bytes());
        add_bars(&mut hash, history.bars());
        hash.update(format!("{:?}\n{:?}\n", history.funding(), history.basis()).as_bytes());
        if history.has_mark_bars() {
            for i in 0..history.bars().len() {
                let mark = history.mark_bar(i, Mark::ZERO);
                for price in [mark.open, mark.high, mark.low, mark.close] {
                    hash.update(price.0.to_le_bytes());
                }
            }
        }
        if let Some(path) = history.path() {
            add_bars(&mut hash, path);
        }
        Fingerprint(hexadecimal(&hash.finalize()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program: its bytes, so that another build does not pass its own results for this one's. Where it cannot be read
/// its version has to do.
pub fn of_program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let bytes = std::env::current_exe().and_then(std::fs::read);
        bytes.map_or_else(|_| env!("CARGO_PKG_VERSION").to_owned(), |bytes| Fingerprint::of(&bytes).0)
    })
}

fn add_bars(hash: &mut Sha256, bars: Bars<'_>) {
    hash.update(format!("{} bars of {}\n", bars.len(), bars.interval).as_bytes());
    for i in 0..bars.len() {
        hash.update(bars.open_time[i].0.to_le_bytes());
        for price in [bars.open[i], bars.high[i], bars.low[i], bars.close[i]] {
            hash.update(price.0.to_le_bytes());
        }
        hash.update(bars.volume[i].to_bits().to_le_bytes());
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backtest::noise::random_market;
    use model::event::Shock;
    use model::{FundingRate, Instrument, Interval, Rate};

    #[test]
    fn the_published_hash_of_abc() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Fingerprint::of(b"abc").as_str(), abc);
    }

    #[test]
    fn whatever_a_run_reads_is_in_it() {
        let market = random_market(3_000, 1);
        let instrument = Instrument::btcusdt();
        let of = |history: History| Fingerprint::of_history(&history);
        let plain = || History::new(instrument.clone(), market.clone(), &[], None);
        let mut dearer = instrument.clone();
        dearer.fees.taker = Rate::bps(7);
        let mut other = market.clone();
        other.volume[2_999] += 1.0;
        let due = FundingRate { time: market.open_time[480], rate: Rate::bps(1) };
        let news = (market.open_time[9], Shock::ALL[0]);
        let mut halves = model::BarColumns::new(Interval(30_000));
        let mut bar = market.as_bars().get(0);
        halves.push(bar);
        bar.open_time = bar.open_time + Interval(30_000);
        halves.push(bar);
        let all = [
            of(plain()),
            of(History::new(dearer, market.clone(), &[], None)),
            of(History::new(instrument.clone(), other, &[], None)),
            of(History::new(instrument.clone(), market.clone(), &[due], None)),
            of(plain().with_shocks(&[news])),
            of(plain().with_path(halves)),
            of(plain().part(0, 2_999)),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| other != one), "{i}");
        }
        assert_eq!(of(plain()), of(plain()));
    }
}
