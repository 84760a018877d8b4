//! A secret from where its reference says it is.
//!
//! It refuses a file that everybody on the machine can read, unless a cluster mounted it that way, and says so then.

use crate::error::BadSecret;
use crate::passphrase::{Passphrase, Source};
use crate::safe::Safe;
use crate::text::SecretText;
use config::{Environment, Reference};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The longest secret.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Whoever asks a person for the passphrase, where one can be asked.
pub type Ask<'a> = Box<dyn FnMut(Source) -> Option<SecretText> + 'a>;

/// Fetches secrets. The encrypted file is opened once, and only when a reference needs it.
pub struct Fetcher<'a> {
    environment: &'a Environment,
    file: PathBuf,
    ask: Ask<'a>,
    safe: Option<Safe>,
    warnings: Vec<String>,
}

impl<'a> Fetcher<'a> {
    /// With these variables, that encrypted file, and whoever asks for its passphrase.
    pub fn new(environment: &'a Environment, file: &Path, ask: Ask<'a>) -> Fetcher<'a> {
        Fetcher { environment, file: file.to_owned(), ask, safe: None, warnings: Vec::new() }
    }

    /// The secret.
    ///
    /// # Errors
    /// It is not there, or not safe there.
    pub fn fetch(&mut self, reference: &Reference) -> Result<SecretText, BadSecret> {
        match reference {
            Reference::Environment(name) => {
                let text = self.environment.get(name).ok_or_else(|| BadSecret::NotSet(name.clone()))?;
                checked(text.clone(), || format!("the environment variable {name}"))
            }
            Reference::File(path) => {
                let path = Path::new(path);
                if is_open(path)? && is_mounted(path) {
                    let warning = format!(
                        "everybody in this container can read {}: mount it with defaultMode 0400",
                        path.display()
                    );
                    self.warnings.push(warning);
                }
                of_file(path)
            }
            Reference::Secret(name) => self.safe()?.get(name),
        }
    }

    /// What a reader of the log should know.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn safe(&mut self) -> Result<&Safe, BadSecret> {
        if self.safe.is_none() {
            let passphrase = match Passphrase::of_environment(Source::Current, self.environment)? {
                Some(passphrase) => passphrase,
                None => (self.ask)(Source::Current)
                    .map(Passphrase::new)
                    .ok_or(BadSecret::NoPassphrase(Source::Current.variable()))?,
            };
            self.safe = Some(Safe::open(&self.file, &passphrase)?);
        }
        Ok(self.safe.as_ref().expect("it was just opened"))
    }
}

impl std::fmt::Debug for Fetcher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("file", &self.file).field("safe", &self.safe).finish_non_exhaustive()
    }
}

/// A secret is text, not empty and not endless.
pub(crate) fn checked(text: String, what: impl FnOnce() -> String) -> Result<SecretText, BadSecret> {
    let secret = SecretText::new(text);
    let text = secret.expose();
    if text.is_empty() || text.len() > SECRET_BYTES_MAX || text.contains('\0') {
        return Err(BadSecret::NoText(what()));
    }
    Ok(secret)
}

/// The secret of a file: editors and `echo` leave a line break at its end, which is none of it.
pub(crate) fn of_file(path: &Path) -> Result<SecretText, BadSecret> {
    if is_open(path)? && !is_mounted(path) {
        return Err(BadSecret::Open(path.to_owned()));
    }
    let bytes = read_at_most(path, SECRET_BYTES_MAX + 2)?;
    let no_text = || BadSecret::NoText(path.display().to_string());
    let text = std::str::from_utf8(&bytes).map_err(|_| no_text())?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    checked(text.to_owned(), || path.display().to_string())
}

/// Bytes of a file, at most so many and one more.
pub(crate) fn read_at_most(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, BadSecret> {
    let failed = |source| BadSecret::File { file: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.min(SECRET_BYTES_MAX) + 1));
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

const OTHERS: u32 = 0o007;

fn is_open(path: &Path) -> Result<bool, BadSecret> {
    let failed = |source| BadSecret::File { file: path.to_owned(), source };
    let described = std::fs::metadata(path).map_err(failed)?;
    if !described.is_file() {
        return Err(failed(std::io::Error::other("it is no file")));
    }
    Ok(described.permissions().mode() & OTHERS != 0)
}

/// Kubernetes mounts a secret as a link into `..data`, Docker below /run/secrets; both readable by all in the container
/// unless told otherwise.
fn is_mounted(path: &Path) -> bool {
    let into_data = std::fs::read_link(path).is_ok_and(|target| target.starts_with("..data"));
    into_data || path.starts_with("/run/secrets") || path.starts_with("/var/run/secrets")
}
