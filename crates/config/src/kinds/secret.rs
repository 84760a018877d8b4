//! A reference to a secret. It refuses the secret itself and never repeats what it refused.

use super::{Kind, Says, Scalar, Shape, Wrong};
use crate::reference::{self, BadReference, Reference};

/// A reference to a secret.
#[derive(Clone, Copy, Debug)]
pub struct Secret;

impl Kind for Secret {
    type Value = Reference;

    fn says(&self) -> Says {
        Says { is_secret: true, ..Says::new(Shape::Text, "env:NAME, file:/path or secret:NAME") }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Reference, Wrong> {
        let Scalar::Text(text) = value else {
            return Err(Wrong::new(BadReference::Plain.to_string(), reference::MEND));
        };
        Reference::parse(text).map_err(|why| Wrong::new(why.to_string(), reference::MEND))
    }

    fn write(&self, value: &Reference) -> String {
        super::quoted(&value.to_string())
    }

    /// A variable that users of other programs know holds the secret itself: it becomes a reference to that variable.
    fn read_variable(&self, name: &str, _text: &str) -> Result<Reference, Wrong> {
        Ok(Reference::Environment(name.to_owned()))
    }
}
