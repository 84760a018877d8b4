//! The file in which it is kept who there is: read once, written whole before a change counts, sealed where there is a key.
//!
//! One process owns it, by a lock beside it. It refuses a file that others on this machine can read, and to write a sealed one
//! without its key.

use crate::error::BadGateway;
use access::{Access, Rules, Saved};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a sealed file begins with.
const SEALED: &[u8] = b"omega sealed access 1\n";
/// Of what the seal is, so that nothing else that was sealed opens here.
const ASSOCIATED: &[u8] = b"omega access file 1";
/// No book is longer: 256 identities with 16 tokens each are a tenth of it.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Somebody who seals: authenticated, with a fresh nonce each time.
pub trait Seal: Send + Sync {
    /// Seals a text together with what it belongs to, or says why not.
    fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, String>;
    /// Opens it; nothing if the key, the text or what it belongs to is another.
    fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// The file, owned.
pub struct BookFile {
    path: PathBuf,
    seal: Option<Box<dyn Seal>>,
    /// Held as long as this lives; the operating system lets it go with the process.
    _lock: File,
}

impl fmt::Debug for BookFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BookFile({})", self.path.display())
    }
}

impl BookFile {
    /// Owns the file of access in this directory, which is made if it is not there.
    pub fn own(directory: &Path, seal: Option<Box<dyn Seal>>) -> Result<BookFile, BadGateway> {
        fs::create_dir_all(directory).map_err(BadGateway::file("make", directory))?;
        let beside = directory.join("access.lock");
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(&beside)
            .map_err(BadGateway::file("open", &beside))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BadGateway::InUse(directory.join("access.json"))),
            Err(TryLockError::Error(source)) => return Err(BadGateway::file("lock", &beside)(source)),
        }
        Ok(BookFile { path: directory.join("access.json"), seal, _lock: lock })
    }

    /// What is in it; an empty book where there is none yet.
    pub fn read(&self, farm: &str, rules: Rules) -> Result<Access, BadGateway> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Access::new(farm, rules)),
            Err(error) => return Err(BadGateway::file("read", &self.path)(error)),
        };
        refuse_readable_by_others(&file, &self.path)?;
        let mut bytes = Zeroizing::new(Vec::new());
        let read = (&mut file).take(FILE_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(BadGateway::file("read", &self.path))?;
        let plain = match (bytes.strip_prefix(SEALED), &self.seal) {
            (None, _) => bytes,
            (Some(_), None) => return Err(BadGateway::Sealed(self.path.clone())),
            (Some(sealed), Some(seal)) => {
                let opened = seal.open(ASSOCIATED, sealed);
                Zeroizing::new(opened.ok_or_else(|| BadGateway::Seal(self.path.clone()))?)
            }
        };
        // What is no UTF-8 is no JSON either, and says so.
        let text = Zeroizing::new(String::from_utf8_lossy(&plain).into_owned());
        let book = |source| BadGateway::Book { file: self.path.clone(), source };
        Access::load(farm, rules, &text).map_err(book)
    }

    /// Writes all of it, beside what is there and then over it.
    pub fn write(&self, saved: &Saved) -> Result<(), BadGateway> {
        let plain = saved.reveal().as_bytes();
        let sealed;
        let bytes: &[u8] = match &self.seal {
            None => plain,
            Some(seal) => {
                let made = seal.seal(ASSOCIATED, plain);
                let made = made.map_err(|why| BadGateway::NotSealed { file: self.path.clone(), why })?;
                sealed = [SEALED, &made].concat();
                &sealed
            }
        };
        write_private(&self.path, bytes)
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn refuse_readable_by_others(file: &File, path: &Path) -> Result<(), BadGateway> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = file.metadata().map_err(BadGateway::file("look at", path))?;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(BadGateway::Open(path.to_owned()));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, path);
    Ok(())
}

/// A file for its owner alone, whole or not at all, and on the disk when this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), BadGateway> {
    let beside = path.with_extension("new");
    let written = (|| {
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private(OpenOptions::new().create_new(true).write(true)).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        let directory = path.parent().expect("a file of ours stands in a directory");
        File::open(directory)?.sync_all()
    })();
    written.map_err(BadGateway::file("write", path))
}

/// Opens a file to add lines to it, for its owner alone.
pub(crate) fn open_private_to_append(path: &Path) -> Result<File, BadGateway> {
    private(OpenOptions::new().create(true).append(true).read(true))
        .open(path)
        .map_err(BadGateway::file("open", path))
}
