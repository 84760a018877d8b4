//! The encrypted file of secrets: `secrets.omega`.
//!
//! ```text
//! "OMEGASEC" version | memory KiB, passes, lanes, salt | check | count | entries: name, sealed text | end | crc32
//! ```
//! argon2id makes the key from the passphrase. Each text is sealed for its version and name, so none can stand under
//! another's; `end` is a seal over everything before it, so none can go. The checksum tells a damaged file from a wrong
//! passphrase. It refuses to be half written: a new file is synced before it takes the old one's place.

use crate::error::BadSecret;
use crate::fetch::{self, SECRET_BYTES_MAX};
use crate::passphrase::Passphrase;
use crate::seal::{BadSeal, Key, OVERHEAD_BYTES, Seal, fill};
use crate::text::SecretText;
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How many secrets a file has room for.
pub const SECRETS_MAX: usize = 256;

const MAGIC: &[u8; 8] = b"OMEGASEC";
const VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const HEADER_BYTES: usize = MAGIC.len() + 1 + 12 + SALT_BYTES;
const CRC_BYTES: usize = 4;
const FILE_BYTES_MAX: usize = SECRETS_MAX * (SECRET_BYTES_MAX + 256);
/// Only the owner.
const MODE: u32 = 0o600;

/// What a guess of the passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// RFC 9106's second recommendation: 64 MiB, three passes, four lanes.
    pub const STANDARD: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// More than this is no file of ours, and would only stop the machine.
    const MAX: Cost = Cost { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    fn is_sane(self) -> bool {
        let least = 8 * u64::from(self.lanes.max(1));
        (least..=u64::from(Cost::MAX.memory_kib)).contains(&u64::from(self.memory_kib))
            && (1..=Cost::MAX.passes).contains(&self.passes)
            && (1..=Cost::MAX.lanes).contains(&self.lanes)
    }
}

/// An opened file of secrets. The texts stay sealed in memory until one is asked for.
pub struct Safe {
    file: PathBuf,
    header: [u8; HEADER_BYTES],
    seal: Seal,
    sealed: BTreeMap<String, Vec<u8>>,
}

/// Names are no secrets; nothing else is shown.
impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Safe")
            .field("file", &self.file)
            .field("names", &self.sealed.keys())
            .finish_non_exhaustive()
    }
}

impl Safe {
    /// A new, empty one; it is on disk once it is saved.
    ///
    /// # Errors
    /// The random device failed.
    pub fn create(file: &Path, passphrase: &Passphrase, cost: Cost) -> Result<Safe, BadSecret> {
        assert!(cost.is_sane(), "a cost is one that the file may have");
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8] = VERSION;
        for (slot, number) in header[9..21].chunks_mut(4).zip([cost.memory_kib, cost.passes, cost.lanes]) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        fill(&mut header[21..])?;
        let seal = seal_of(&header, cost, passphrase);
        Ok(Safe { file: file.to_owned(), header, seal, sealed: BTreeMap::new() })
    }

    /// Opens a file and checks all of it.
    ///
    /// # Errors
    /// It is not there, damaged, tampered with, or the passphrase is another one.
    pub fn open(file: &Path, passphrase: &Passphrase) -> Result<Safe, BadSecret> {
        let bytes = match fetch::read_at_most(file, FILE_BYTES_MAX) {
            Err(BadSecret::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(BadSecret::NoSafe(file.to_owned()));
            }
            read => read?,
        };
        read(file, &bytes, passphrase)
    }

    /// What the secrets are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sealed.keys().map(String::as_str)
    }

    /// A secret.
    ///
    /// # Errors
    /// Nothing is called so.
    pub fn get(&self, name: &str) -> Result<SecretText, BadSecret> {
        let sealed = self.sealed.get(name).ok_or_else(|| self.unknown(name))?;
        let tampered =
            |_: BadSeal| BadSecret::Tampered(self.file.clone(), "a text is not the one that was sealed");
        let plain = Zeroizing::new(self.seal.open(&place_of(name), sealed).map_err(tampered)?);
        let text = std::str::from_utf8(&plain);
        Ok(SecretText::new(text.expect("only text was sealed: the seal says it is that").to_owned()))
    }

    fn unknown(&self, name: &str) -> BadSecret {
        let meant = config::nearest(name, self.names());
        let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean {meant}?)"));
        BadSecret::Unknown { file: self.file.clone(), name: name.to_owned(), meant }
    }

    /// Sets a secret, new or not.
    ///
    /// # Errors
    /// It is no name, no text, or one too many.
    pub fn set(&mut self, name: &str, text: &SecretText) -> Result<(), BadSecret> {
        if !config::is_name(name) {
            return Err(BadSecret::Name(name.to_owned()));
        }
        let text = fetch::checked(text.expose().to_owned(), || format!("what was given for {name}"))?;
        if self.sealed.len() >= SECRETS_MAX && !self.sealed.contains_key(name) {
            return Err(BadSecret::Full(SECRETS_MAX));
        }
        let sealed = sealed(&self.seal, &place_of(name), text.expose().as_bytes())?;
        self.sealed.insert(name.to_owned(), sealed);
        Ok(())
    }

    /// Takes a secret out.
    ///
    /// # Errors
    /// Nothing is called so.
    pub fn remove(&mut self, name: &str) -> Result<(), BadSecret> {
        self.sealed.remove(name).map(drop).ok_or_else(|| self.unknown(name))
    }

    /// The same secrets under another passphrase, each sealed anew.
    ///
    /// # Errors
    /// The random device failed.
    pub fn rotated(&self, passphrase: &Passphrase, cost: Cost) -> Result<Safe, BadSecret> {
        let mut new = Safe::create(&self.file, passphrase, cost)?;
        for name in self.names() {
            new.set(name, &self.get(name)?)?;
        }
        Ok(new)
    }

    /// Writes it: beside its place, synced, and then into it. The old file is there until the new one is on disk.
    ///
    /// # Errors
    /// The disk is full, or the directory is not ours.
    pub fn save(&self) -> Result<(), BadSecret> {
        let bytes = self.to_bytes()?;
        replace(&self.file, &bytes).map_err(|source| BadSecret::File { file: self.file.clone(), source })
    }

    /// Keeps others from changing the file until what is returned is dropped: between opening and saving.
    ///
    /// # Errors
    /// The directory cannot be opened.
    pub fn hold(file: &Path) -> Result<Hold, BadSecret> {
        let directory = directory_of(file);
        let failed = |source| BadSecret::File { file: directory.clone(), source };
        let opened = File::open(&directory).map_err(failed)?;
        match opened.lock() {
            // A file system without locks is a user alone with it.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            locked => locked.map_err(failed)?,
        }
        Ok(Hold(opened))
    }

    fn to_bytes(&self) -> Result<Vec<u8>, BadSecret> {
        let mut bytes = self.header.to_vec();
        bytes.extend(sealed(&self.seal, &self.header, b"")?);
        bytes.extend(length(self.sealed.len()));
        for (name, text) in &self.sealed {
            for part in [name.as_bytes(), text] {
                bytes.extend(length(part.len()));
                bytes.extend_from_slice(part);
            }
        }
        let end = sealed(&self.seal, &bytes, b"")?;
        bytes.extend(end);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        Ok(bytes)
    }
}

/// The right to change a file of secrets.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "the lock is the open file")] File);

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("nothing in the file is so long").to_le_bytes()
}

fn sealed(seal: &Seal, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, BadSecret> {
    seal.seal(aad, plain).map_err(|_| BadSecret::Random(getrandom::Error::UNEXPECTED))
}

/// What a text is sealed for.
fn place_of(name: &str) -> Vec<u8> {
    [MAGIC.as_slice(), &[VERSION], name.as_bytes()].concat()
}

fn seal_of(header: &[u8; HEADER_BYTES], cost: Cost, passphrase: &Passphrase) -> Seal {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(crate::KEY_BYTES));
    let params = params.expect("a sane cost is one of argon2's");
    let mut key = Zeroizing::new([0; crate::KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &header[21..], &mut *key)
        .expect("salt and key have lengths that argon2 takes");
    Seal::new(&Key::new(*key))
}

/// Reads from the front.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    fn part(&mut self) -> Option<&'b [u8]> {
        let count = self.number()?;
        self.take(count)
    }
}

fn read(file: &Path, bytes: &[u8], passphrase: &Passphrase) -> Result<Safe, BadSecret> {
    let damaged = |what| BadSecret::Damaged(file.to_owned(), what);
    if !bytes.starts_with(MAGIC) {
        return Err(damaged("it does not begin as a file of secrets does"));
    }
    let (body, crc) = bytes.split_last_chunk::<CRC_BYTES>().ok_or_else(|| damaged("it is cut off"))?;
    let (header, sealed_part) =
        body.split_first_chunk::<HEADER_BYTES>().ok_or_else(|| damaged("it is cut off"))?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return Err(damaged("it is cut off or a byte of it has changed"));
    }
    if header[8] != VERSION {
        return Err(BadSecret::Version(file.to_owned(), header[8]));
    }
    let number = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
    let cost = Cost { memory_kib: number(9), passes: number(13), lanes: number(17) };
    if !cost.is_sane() {
        return Err(damaged("its cost is none that omega uses"));
    }
    let mut rest = Rest(sealed_part);
    let check = rest.take(OVERHEAD_BYTES).ok_or_else(|| damaged("it is cut off"))?;
    let seal = seal_of(header, cost, passphrase);
    seal.open(header, check).map_err(|_| BadSecret::WrongPassphrase(file.to_owned()))?;
    let sealed = entries(&mut rest).ok_or_else(|| damaged("its entries do not fit"))?;
    let end_at = body.len() - OVERHEAD_BYTES;
    let tampered = |what| BadSecret::Tampered(file.to_owned(), what);
    seal.open(&body[..end_at], &body[end_at..])
        .map_err(|_| tampered("entries were added, taken or changed"))?;
    let safe = Safe { file: file.to_owned(), header: *header, seal, sealed };
    for name in safe.names() {
        let _opens = safe.get(name)?;
    }
    Ok(safe)
}

fn entries(rest: &mut Rest<'_>) -> Option<BTreeMap<String, Vec<u8>>> {
    let count = rest.number().filter(|count| *count <= SECRETS_MAX)?;
    let mut sealed = BTreeMap::new();
    for _ in 0..count {
        let name = std::str::from_utf8(rest.part()?).ok().filter(|name| config::is_name(name))?;
        sealed.insert(name.to_owned(), rest.part()?.to_vec());
    }
    (sealed.len() == count && rest.0.len() == OVERHEAD_BYTES).then_some(sealed)
}

fn directory_of(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where a link leads: the file is replaced there, and the link stays one.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{}.part", std::process::id()));
    let beside = file.with_file_name(name);
    let written = write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, &file));
    if written.is_err() {
        // What matters is why it could not be written.
        let _ = fs::remove_file(&beside);
    }
    written?;
    File::open(directory_of(&file))?.sync_all()
}

fn write_synced(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // One that a killed process left behind.
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = OpenOptions::new().write(true).create_new(true).mode(MODE).open(file)?;
    out.write_all(bytes)?;
    out.sync_all()
}
