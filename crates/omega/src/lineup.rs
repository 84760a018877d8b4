//! Who runs: names of personas and controls to what the back-test takes.
//!
//! It refuses a name that nobody has, and says who is meant.

use crate::error::Failure;
use farm::Character;
use persona::{CONTROLS, ControlSettings, Gains, PERSONAS, Profile, catalogue};
use std::path::Path;

/// Who runs when nobody is named.
pub const DEFAULT: &[&str] = &["strategic", "ema_cross", "buy_hold"];
/// The word for everybody.
const ALL: &str = "all";

/// Every name there is, personas first.
pub fn names() -> Vec<&'static str> {
    PERSONAS.iter().chain(CONTROLS).map(|(name, _)| *name).collect()
}

/// The built-in profile of a persona.
pub fn profile(name: &str) -> Option<Profile> {
    Some(catalogue::profile(name)?.expect("a built-in profile is valid: its crate's tests read them all"))
}

/// What the user set of those who run.
#[derive(Clone, Copy, Debug)]
pub struct Dials {
    /// Of the controls.
    pub controls: ControlSettings,
    /// Of the personas.
    pub gains: Gains,
}

/// Those who were named, each once, in the order of naming.
pub fn called(words: &[String], dials: &Dials) -> Result<Vec<Character>, Failure> {
    let mut wanted: Vec<&str> = Vec::new();
    let named = words.iter().flat_map(|word| word.split([',', ' ', '\t'])).filter(|name| !name.is_empty());
    for name in named {
        let group = if name == ALL { names() } else { vec![name] };
        for name in group {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
    }
    if wanted.is_empty() {
        return Err(Failure::usage("--persona names nobody", known()));
    }
    wanted.into_iter().map(|name| find(name, dials)).collect()
}

fn find(name: &str, dials: &Dials) -> Result<Character, Failure> {
    if name.ends_with(".toml") {
        let profile = read_profile(Path::new(name))?;
        return Ok(Character::Persona(Box::new(profile), dials.gains));
    }
    if let Some(profile) = profile(name) {
        return Ok(Character::Persona(Box::new(profile), dials.gains));
    }
    if let Some((control, _)) = CONTROLS.iter().find(|(known, _)| *known == name) {
        return Ok(Character::Control(control, dials.controls));
    }
    Err(unknown("--persona", name))
}

/// The profile of a file.
pub fn read_profile(file: &Path) -> Result<Profile, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(
            format!("cannot read the profile {}: {error}", file.display()),
            "give a TOML file; `omega personas new NAME --from strategic` writes one to begin with",
        )
    })?;
    let profile = Profile::parse(&text).map_err(|error| {
        Failure::input(
            format!("{}: {error}", file.display()),
            "mend that line; `omega personas show strategic` shows a profile that is right",
        )
    })?;
    if persona::strategy::STRATEGIES.contains(&profile.strategy.as_str()) {
        return Ok(profile);
    }
    Err(Failure::input(
        format!("{}: no strategy is called \"{}\"", file.display(), profile.strategy),
        format!("`strategy` is one of {}", persona::strategy::STRATEGIES.join(", ")),
    ))
}

/// Nobody has the name that was given `to` a flag or a command.
pub fn unknown(to: &str, name: &str) -> Failure {
    let meant = closest(name).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    Failure::usage(format!("{to}: nobody is called \"{name}\""), format!("{meant}{}", known()))
}

fn known() -> String {
    format!("there are {} and all", names().join(", "))
}

/// The name that takes the fewest edits, unless it takes nearly as many as it has letters.
fn closest(name: &str) -> Option<&'static str> {
    let distance = |known: &&str| edits(&name.to_lowercase(), known);
    names().into_iter().min_by_key(distance).filter(|known| distance(known) * 2 <= known.len())
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Qty;

    const SETTINGS: Dials =
        Dials { controls: ControlSettings { fast: 2, slow: 4, quantity: Qty(1) }, gains: Gains::FULL };

    fn named(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match called(&words, &SETTINGS) {
            Ok(personas) => Ok(personas.iter().map(|persona| persona.name().to_owned()).collect()),
            Err(failure) => Err(failure.hint()),
        }
    }

    #[test]
    fn names_by_comma_space_and_repetition() {
        let both = Ok(vec!["buy_hold".to_owned(), "strategic".to_owned()]);
        assert_eq!(named(&["buy_hold,strategic"]), both);
        assert_eq!(named(&["buy_hold strategic"]), both);
        assert_eq!(named(&["buy_hold", "strategic", "buy_hold"]), both);
        assert_eq!(named(&["all"]).map(|all| all.len()), Ok(names().len()));
        assert_eq!(named(DEFAULT).map(|all| all.len()), Ok(DEFAULT.len()));
    }

    #[test]
    fn a_wrong_name_is_guessed() {
        assert!(named(&["stratgic"]).is_err_and(|hint| hint.starts_with("did you mean strategic?")));
        assert!(named(&["ema-cross"]).is_err_and(|hint| hint.starts_with("did you mean ema_cross?")));
        assert!(named(&["zzz"]).is_err_and(|hint| hint.starts_with("there are strategic")));
        assert!(named(&[","]).is_err());
        assert_eq!((edits("kitten", "sitting"), edits("", "abc"), edits("abc", "")), (3, 3, 3));
    }
}
