//! Who runs: names of personas and controls to what the back-test takes.
//!
//! It refuses a name that nobody has, and says who is meant.

use crate::error::Failure;
use farm::Character;
use model::nearest::nearest;
use persona::{CONTROLS, ControlSettings, Gains, PERSONAS, Profile, catalogue};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Who runs when nobody is named.
pub const DEFAULT: &[&str] = &["strategic", "ema_cross", "buy_hold"];
/// The word for everybody.
pub const ALL: &str = "all";

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
    Profile::parse(&profile_text(file)?).map_err(|error| {
        Failure::input(
            format!("{}: {error}", file.display()),
            format!("mend that line; `omega personas check {}` lists all that is wrong", file.display()),
        )
    })
}

/// Longer texts are no profiles.
const PROFILE_BYTES_MAX: u64 = 64 * 1024;

/// What a profile's file says.
pub fn profile_text(file: &Path) -> Result<String, Failure> {
    let cannot = |why: String| {
        Failure::input(
            format!("cannot read the profile {}: {why}", file.display()),
            "give a TOML file; `omega personas new NAME --from strategic` writes one to begin with",
        )
    };
    let mut text = String::new();
    let read =
        File::open(file).and_then(|opened| opened.take(PROFILE_BYTES_MAX + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(cannot(error.to_string())),
        Ok(bytes) if bytes as u64 > PROFILE_BYTES_MAX => {
            Err(cannot(format!("it is longer than {} KiB", PROFILE_BYTES_MAX / 1024)))
        }
        Ok(_) => Ok(text),
    }
}

/// Nobody has the name that was given `to` a flag or a command.
pub fn unknown(to: &str, name: &str) -> Failure {
    let meant = nearest(name, names()).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    Failure::usage(format!("{to}: nobody is called \"{name}\""), format!("{meant}{}", known()))
}

/// The name that was given `to` a flag is that of no persona.
pub fn no_persona(to: &str, name: &str) -> Failure {
    let personas: Vec<&str> = PERSONAS.iter().map(|(known, _)| *known).collect();
    let meant = nearest(name, personas.iter().copied())
        .map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    let problem = match CONTROLS.iter().any(|(control, _)| *control == name) {
        true => format!("{to}: {name} is a control and has no profile"),
        false => format!("{to}: no persona is called \"{name}\""),
    };
    Failure::usage(problem, format!("{meant}there are {}", personas.join(", ")))
}

fn known() -> String {
    format!("there are {} and {ALL}", names().join(", "))
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
    }
}
