//! What is written down before the run: the question, the material and the rule of decision, as one text with one spelling.
//!
//! The same hypothesis always gives the same bytes and two different ones never do, so that the hash of the text (made where
//! there is a hash function, not here) proves what was asked first. It refuses figures that are not finite, and says
//! nothing of results.

use super::Sidedness;
use crate::Undefined;

/// The material a hypothesis is tested on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Name of the file of bars, without its directory.
    pub bars_file: String,
    /// Open of the first bar.
    pub first: model::Time,
    /// Open of the last bar.
    pub last: model::Time,
    /// Number of bars.
    pub bars: u64,
    /// Hash of the bars (and whatever else the run reads), in hexadecimal.
    pub data_hash: String,
}

/// A pre-registered hypothesis about one factor and one persona.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The factor whose timing is in question.
    pub factor: String,
    /// The persona it is tried on.
    pub persona: String,
    /// What it is tried on.
    pub material: Material,
    /// The statistic, by name and unit.
    pub statistic: String,
    /// Which results count against luck.
    pub sidedness: Sidedness,
    /// Placebos that will be run.
    pub placebos: u64,
    /// Level of the test.
    pub alpha: f64,
    /// Seed of every random choice.
    pub seed: u64,
    /// The effect that would matter, in the statistic's unit.
    pub effect_of_interest: f64,
    /// When it was written down, as the caller's clock says it.
    pub registered_at: String,
}

impl Hypothesis {
    /// `key = value` lines in a fixed order, each ended by a line feed; the first names the form and its version.
    ///
    /// Instants are RFC 3339 in UTC, figures the shortest decimals that read back as the same float. Backslashes and
    /// control characters in texts are escaped as Rust does it, so no text can pass for a line of its own.
    pub fn canonical_text(&self) -> Result<String, Undefined> {
        if !self.alpha.is_finite() || !self.effect_of_interest.is_finite() {
            return Err(Undefined::NotFinite);
        }
        let material = &self.material;
        let lines = [
            ("omega hypothesis", "1".to_owned()),
            ("factor", escaped(&self.factor)),
            ("persona", escaped(&self.persona)),
            ("bars file", escaped(&material.bars_file)),
            ("first bar", material.first.to_string()),
            ("last bar", material.last.to_string()),
            ("bars", material.bars.to_string()),
            ("data hash", escaped(&material.data_hash)),
            ("statistic", escaped(&self.statistic)),
            ("sidedness", self.sidedness.name().to_owned()),
            ("placebos", self.placebos.to_string()),
            ("alpha", figure(self.alpha)),
            ("seed", self.seed.to_string()),
            ("effect of interest", figure(self.effect_of_interest)),
            ("registered at", escaped(&self.registered_at)),
        ];
        Ok(lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect())
    }
}

/// Zero has one spelling.
fn figure(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { value.to_string() }
}

fn escaped(text: &str) -> String {
    let needs_escape = |c: char| c == '\\' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if needs_escape(c) { written.extend(c.escape_default()) } else { written.push(c) }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moon() -> Hypothesis {
        Hypothesis {
            factor: "moon".to_owned(),
            persona: "cosmic".to_owned(),
            material: Material {
                bars_file: "BTCUSDT-1m.parquet".to_owned(),
                first: model::Time(1_640_995_200_000),
                last: model::Time(1_672_531_140_000),
                bars: 525_600,
                data_hash: "00ff".to_owned(),
            },
            statistic: "net profit, USDT".to_owned(),
            sidedness: Sidedness::TwoSided,
            placebos: 999,
            alpha: 0.05,
            seed: 42,
            effect_of_interest: 250.0,
            registered_at: "2024-05-01T12:00:00Z".to_owned(),
        }
    }

    #[test]
    fn one_spelling() {
        let text = "omega hypothesis = 1\nfactor = moon\npersona = cosmic\nbars file = BTCUSDT-1m.parquet\n\
                    first bar = 2022-01-01T00:00:00Z\nlast bar = 2022-12-31T23:59:00Z\nbars = 525600\n\
                    data hash = 00ff\nstatistic = net profit, USDT\nsidedness = two-sided\nplacebos = 999\n\
                    alpha = 0.05\nseed = 42\neffect of interest = 250\nregistered at = 2024-05-01T12:00:00Z\n";
        assert_eq!(moon().canonical_text(), Ok(text.to_owned()));
        let zero = |effect_of_interest| Hypothesis { effect_of_interest, ..moon() }.canonical_text();
        assert_eq!(zero(0.0), zero(-0.0));
    }

    #[test]
    fn no_text_passes_for_a_line() {
        let forged = Hypothesis { factor: "moon\npersona = cosmic".to_owned(), ..moon() };
        let text = forged.canonical_text().expect("finite");
        assert_eq!(text.lines().count(), 15);
        let spelled = Hypothesis { factor: "moon\\npersona = cosmic".to_owned(), ..moon() };
        assert_ne!(spelled.canonical_text(), Ok(text));
    }

    #[test]
    fn a_figure_that_is_none_is_refused() {
        let broken = Hypothesis { alpha: f64::NAN, ..moon() };
        assert_eq!(broken.canonical_text(), Err(Undefined::NotFinite));
    }
}
