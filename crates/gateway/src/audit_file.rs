//! The audit on disk: a line an entry, on the disk before what it allows is done, looked through whole at every start.
//!
//! It refuses to go on after a line that is not what was written. Only an end without its line break is cut: such a line was
//! never on the disk whole, so nothing was done on the strength of it.

use crate::book::open_private_to_append;
use crate::error::BadGateway;
use access::{Attempt, Chain, Entry, Head, verify};
use model::Time;
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The name of the file in a farm's directory.
pub const AUDIT_FILE: &str = "audit.log";
/// Entries that are at hand without the file.
const RECENT_MAX: usize = 1_000;
/// Longer than any entry of ours: six texts of a kibibyte, escaped, and the rest.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// The file, to be written to.
pub struct AuditFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    chain: Chain,
    recent: VecDeque<Entry>,
}

impl fmt::Debug for AuditFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditFile({}, {} entries)", self.path.display(), self.chain.head().seq)
    }
}

/// An entry as its line, without the break.
pub fn line_of(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("an entry is numbers and text")
}

/// Looks a whole file through: where its chain stands, or where it breaks first.
pub fn verify_file(path: &Path, farm: &str, kept: Option<Head>) -> Result<Head, BadGateway> {
    let file = File::open(path).map_err(BadGateway::file("read", path))?;
    let (head, _, torn) = walk(path, file, farm, kept, |_| {})?;
    if let Some(line) = torn {
        return Err(BadGateway::NoEntry { file: path.to_owned(), line });
    }
    verify(head, &[], kept).map_err(|source| BadGateway::Audit { file: path.to_owned(), source })
}

/// Every entry in turn: the head behind the last, the bytes of whole lines, and the line without its break.
fn walk(
    path: &Path,
    file: File,
    farm: &str,
    kept: Option<Head>,
    mut each: impl FnMut(Entry),
) -> Result<(Head, u64, Option<u64>), BadGateway> {
    let mut lines = BufReader::new(file);
    let (mut head, mut bytes, mut number) = (Head::first(farm), 0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let taken = std::io::Read::take(&mut lines, LINE_BYTES_MAX).read_until(b'\n', &mut line);
        let taken = taken.map_err(BadGateway::file("read", path))? as u64;
        if taken == 0 {
            return Ok((head, bytes, None));
        }
        number += 1;
        if line.last() != Some(&b'\n') {
            if taken == LINE_BYTES_MAX {
                return Err(BadGateway::NoEntry { file: path.to_owned(), line: number });
            }
            return Ok((head, bytes, Some(number)));
        }
        let entry: Entry = serde_json::from_slice(&line)
            .map_err(|_| BadGateway::NoEntry { file: path.to_owned(), line: number })?;
        let kept = kept.filter(|kept| kept.seq <= entry.seq);
        head = verify(head, [&entry], kept)
            .map_err(|source| BadGateway::Audit { file: path.to_owned(), source })?;
        bytes += taken;
        each(entry);
    }
}

impl AuditFile {
    /// Opens the file in this directory and looks it through.
    pub fn open(directory: &Path, farm: &str) -> Result<AuditFile, BadGateway> {
        let path = directory.join(AUDIT_FILE);
        let mut file = open_private_to_append(&path)?;
        let mut recent = VecDeque::with_capacity(RECENT_MAX);
        let again = file.try_clone().map_err(BadGateway::file("read", &path))?;
        let (head, bytes, torn) = walk(&path, again, farm, None, |entry| {
            if recent.len() == RECENT_MAX {
                recent.pop_front();
            }
            recent.push_back(entry);
        })?;
        if torn.is_some() {
            file.set_len(bytes).map_err(BadGateway::file("mend", &path))?;
        }
        file.seek(SeekFrom::End(0)).map_err(BadGateway::file("read", &path))?;
        Ok(AuditFile { path, file, bytes, chain: Chain::after(head), recent })
    }

    /// Writes down what was tried; when this returns it is on the disk.
    pub fn write(&mut self, at: Time, attempt: &Attempt) -> Result<Entry, BadGateway> {
        let before = self.chain.head();
        let entry = self.chain.append(at, attempt);
        let line = line_of(&entry) + "\n";
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            self.chain = Chain::after(before);
            // Half a line would make nonsense of the next one; where even this fails the next start cuts it.
            let _cut_at_the_next_start = self.file.set_len(self.bytes);
            return Err(BadGateway::file("write", &self.path)(source));
        }
        self.bytes += line.len() as u64;
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(entry.clone());
        Ok(entry)
    }

    /// Where it stands: to be kept elsewhere too.
    pub fn head(&self) -> Head {
        self.chain.head()
    }

    /// The last entries before this number, the newest first; from the newest without one.
    pub fn recent(&self, before: Option<u64>, count: usize) -> Vec<&Entry> {
        let older = |entry: &&Entry| before.is_none_or(|before| entry.seq < before);
        self.recent.iter().rev().filter(older).take(count).collect()
    }
}
