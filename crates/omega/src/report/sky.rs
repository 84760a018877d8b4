//! Which sky a run stood under, in words: what is felt, what is absent, and where readings come from.

use cosmos::{Absence, Sky};
use model::Time;

/// A line for each factor that is switched on, as of the end of the run.
pub fn lines(sky: &Sky, end: Time) -> Vec<String> {
    let line = |one: &cosmos::Provenance| match &one.state {
        Ok(seen) => Some(format!("{}: {}", one.factor.name(), seen.source)),
        Err(Absence::Off) => None,
        Err(absence) => Some(format!("{}: absent, {absence}", one.factor.name())),
    };
    sky.provenance(end).iter().filter_map(line).collect()
}

/// The same in one line: who is felt, and who is absent.
pub fn sentence(sky: &Sky, end: Time) -> String {
    let (mut felt, mut absent) = (Vec::new(), Vec::new());
    for one in sky.provenance(end) {
        match one.state {
            Ok(_) => felt.push(one.factor.name()),
            Err(Absence::Off) => {}
            Err(_) => absent.push(one.factor.name()),
        }
    }
    let listed = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let without = if absent.is_empty() { String::new() } else { format!("; absent: {}", absent.join(", ")) };
    format!("{} felt{without}", listed(&felt))
}
