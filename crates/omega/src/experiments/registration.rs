//! What is asked, written down before anything is known: the file of hypotheses and its hash.
//!
//! It refuses a test whose flags, data or readings are not those that were registered, and says which.

use crate::error::Failure;
use crate::{fingerprint, whole_file};
use analytics::significance::{Hypothesis, Material, Sidedness};
use model::Time;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// One hypothesis without the time of its registration.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of `Hypothesis`")]
pub struct Asked {
    pub factor: String,
    pub persona: String,
    pub bars_file: String,
    pub first: Time,
    pub last: Time,
    pub bars: u64,
    pub data_hash: String,
    pub placebos: u64,
    pub alpha: f64,
    pub seed: u64,
    pub effect: f64,
}

/// A file that was found to hold what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// When it was written, as its author's clock said.
    pub at: String,
    /// SHA-256 of the file.
    pub hash: String,
}

impl Asked {
    fn text(&self, at: &str) -> String {
        let hypothesis = Hypothesis {
            factor: self.factor.clone(),
            persona: self.persona.clone(),
            material: Material {
                bars_file: self.bars_file.clone(),
                first: self.first,
                last: self.last,
                bars: self.bars,
                data_hash: self.data_hash.clone(),
            },
            statistic: backtest::experiment::STATISTIC.to_owned(),
            sidedness: Sidedness::TwoSided,
            placebos: self.placebos,
            alpha: self.alpha,
            seed: self.seed,
            effect_of_interest: self.effect,
            registered_at: at.to_owned(),
        };
        hypothesis.canonical_text().expect("flags are finite")
    }
}

fn text(asked: &[Asked], at: &str) -> String {
    asked.iter().map(|one| one.text(at)).collect::<Vec<_>>().join("\n")
}

/// Writes the hypotheses, never over others; returns the hash of the file.
pub fn write(file: &Path, asked: &[Asked]) -> Result<String, Failure> {
    if file.exists() {
        return Err(Failure::usage(
            format!("{} is there already", file.display()),
            "a registration is never changed: give a new name",
        ));
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = Time(i64::try_from(since).expect("seconds since 1970 fit") * 1_000);
    let text = text(asked, &now.to_string());
    whole_file::prepare(file, text.as_bytes())?.commit()?;
    Ok(fingerprint::of_text(&text))
}

const AT: &str = "registered at = ";

/// Whether a file holds exactly these hypotheses.
pub fn check(file: &Path, asked: &[Asked]) -> Result<Registered, Failure> {
    let written = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(
            format!("cannot read {}: {error}", file.display()),
            "register with --register FILE first",
        )
    })?;
    let at = written.lines().find_map(|line| line.strip_prefix(AT)).ok_or_else(|| {
        Failure::input(format!("{} is no registration", file.display()), "write one with --register FILE")
    })?;
    let wanted = text(asked, at);
    if written == wanted {
        return Ok(Registered { at: at.to_owned(), hash: fingerprint::of_text(&written) });
    }
    let differs = written.lines().zip(wanted.lines()).find(|(a, b)| a != b);
    let problem = match differs {
        Some((registered, now)) => {
            format!("{} says \"{registered}\", the flags say \"{now}\"", file.display())
        }
        None => format!("{} holds other hypotheses than the flags ask", file.display()),
    };
    Err(Failure::usage(problem, "test what was registered, or register anew under another name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(factor: &str, placebos: u64) -> Asked {
        Asked {
            factor: factor.to_owned(),
            persona: "cosmic".to_owned(),
            bars_file: "bars.csv".to_owned(),
            first: Time(0),
            last: Time(60_000),
            bars: 2,
            data_hash: "00".to_owned(),
            placebos,
            alpha: 0.05,
            seed: 1,
            effect: 5.0,
        }
    }

    #[test]
    fn what_was_registered_is_tested_and_nothing_else() {
        let file = std::env::temp_dir().join(format!("omega-registered-{}", std::process::id()));
        let both = [asked("moon", 99), asked("mercury", 99)];
        let hash = write(&file, &both).unwrap();
        assert_eq!(check(&file, &both).unwrap().hash, hash);
        assert!(write(&file, &both).unwrap_err().to_string().ends_with("is there already"));
        let said = check(&file, &[asked("moon", 99), asked("mercury", 98)]).unwrap_err().to_string();
        assert!(said.contains("placebos = 99") && said.contains("placebos = 98"), "{said}");
        assert!(check(&file, &both[..1]).is_err());
        std::fs::write(&file, "something\n").unwrap();
        assert!(check(&file, &both).unwrap_err().to_string().ends_with("is no registration"));
        std::fs::remove_file(&file).unwrap();
    }
}
