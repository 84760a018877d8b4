//! Who there is. A new persona is one TOML file and one line here (and one strategy file, if it thinks differently).

use crate::profile::{Profile, ProfileError};

/// The personas, by name.
// tidy: list-of ../../../personas/
pub const PERSONAS: &[(&str, &str)] = &[
    ("strategic", include_str!("../../../personas/strategic.toml")),
    ("aggressive", include_str!("../../../personas/aggressive.toml")),
    ("scalper", include_str!("../../../personas/scalper.toml")),
    ("newbie", include_str!("../../../personas/newbie.toml")),
    ("fibonacci", include_str!("../../../personas/fibonacci.toml")),
    ("cosmic", include_str!("../../../personas/cosmic.toml")),
];

/// The controls that every comparison needs: no psychology, no bracket, back-test and paper only.
pub const CONTROLS: &[(&str, &str)] = &[
    ("ema_cross", "EMA cross on closes; always in the market after its first counted cross"),
    ("buy_hold", "Buys once with all its capital at 1x and holds"),
];

/// The built-in profile of a name.
pub fn profile(name: &str) -> Option<Result<Profile, ProfileError>> {
    PERSONAS.iter().find(|(known, _)| *known == name).map(|(_, toml)| Profile::parse(toml))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_is_valid_and_named_as_listed() {
        for (name, toml) in PERSONAS {
            let profile = Profile::parse(toml).expect("a built-in profile is valid");
            assert_eq!(&profile.name, name);
        }
        assert!(profile("nobody").is_none());
    }
}
