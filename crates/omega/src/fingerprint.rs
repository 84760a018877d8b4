//! What determines a run, in one word: so that a finished run is not run again, and a registered hypothesis is not
//! swapped.
//!
//! It refuses shortcuts: all that is read goes in, byte by byte.

use backtest::{History, RunSettings};
use sha2::{Digest, Sha256};

/// Bytes as lower-case hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a text.
pub fn of_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// SHA-256 of all that a market is made of: instrument, bars, funding, basis, news.
pub fn of_market(history: &History) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{:?}", history.instrument()));
    let bars = history.bars();
    hash.update(bars.interval.0.to_le_bytes());
    for i in 0..bars.len() {
        let bar = bars.get(i);
        for word in [bar.open_time.0, bar.open.0, bar.high.0, bar.low.0, bar.close.0] {
            hash.update(word.to_le_bytes());
        }
        hash.update(bar.volume.to_bits().to_le_bytes());
    }
    hash.update(format!("{:?}{:?}{:?}", history.funding(), history.basis(), history.shocks()));
    hexadecimal(&hash.finalize())
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

    #[test]
    fn the_published_digest_of_abc() {
        // FIPS 180-2, appendix B.1.
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_text("abc"), want);
    }
}
