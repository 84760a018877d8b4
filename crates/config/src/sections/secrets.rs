//! Where the encrypted file of secrets is. What opens it comes from OMEGA_SECRETS_KEY, OMEGA_SECRETS_KEY_FILE or a prompt,
//! and from nowhere else.

use crate::kinds::FilePath;
use crate::section::section;

section! {
    /// The encrypted file of secrets.
    pub struct SecretsFile {
        /// The file that `secret:NAME` is looked up in; `omega secrets set NAME` writes it.
        file: String = FilePath, default "\"secrets.omega\"", restart;
    }
}
