//! A secret in memory: shown to nobody, overwritten when it goes.

use std::fmt;
use zeroize::Zeroizing;

/// A secret. It has no `Display`, and its `Debug` shows nothing.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a secret over.
    pub fn new(text: String) -> SecretText {
        SecretText(Zeroizing::new(text))
    }

    /// The secret itself: whoever asks for it takes care of it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown() {
        let secret = SecretText::new("hunter2".to_owned());
        assert_eq!(
            (format!("{secret:?}"), format!("{:#?}", Some(&secret))),
            ("***".to_owned(), "Some(\n    ***,\n)".to_owned())
        );
        assert_eq!(secret.expose(), "hunter2");
    }
}
