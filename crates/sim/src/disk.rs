//! The disk of a shard, which outlives its nodes: it keeps what was synced and may lose or tear the rest in a crash.
//!
//! It knows who writes, and remembers when somebody wrote who no longer should.

use farm::journal::Keeper;

/// What a seat wrote since it was last looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    bytes: Vec<u8>,
    synced: usize,
}

impl Page {
    /// Bytes that a crash may take.
    pub(crate) fn unsynced(&self) -> usize {
        self.bytes.len() - self.synced
    }
}

impl Keeper for Page {
    fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    fn sync(&mut self) {
        self.synced = self.bytes.len();
    }
}

/// The disk under a journal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    bytes: Vec<u8>,
    /// How many of them survive.
    safe: usize,
    /// The last that took it over.
    writer: u32,
    /// A write of somebody before.
    pub(crate) stale: Option<u32>,
}

impl Disk {
    /// Somebody takes it over and reads it; until it is opened there is nothing on it.
    pub(crate) fn read(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Who has read it goes on behind so many of the bytes.
    pub(crate) fn open(&mut self, writer: u32, bytes: Vec<u8>, kept: u64) {
        let kept = usize::try_from(kept).expect("a journal in memory");
        assert!(writer > self.writer && kept <= bytes.len(), "writers come one after the other");
        self.writer = writer;
        self.bytes = bytes;
        self.bytes.truncate(kept);
        self.safe = kept;
    }

    /// Takes what was written; `is_kept` is whether a sync is one.
    pub(crate) fn write(&mut self, writer: u32, page: &mut Page, is_kept: bool) {
        if writer < self.writer && !page.bytes.is_empty() {
            self.stale = Some(writer);
        }
        if is_kept && page.synced > 0 {
            self.safe = self.bytes.len() + page.synced;
        }
        self.bytes.append(&mut page.bytes);
        page.synced = 0;
    }

    /// What is on it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that a crash may take.
    pub(crate) fn unsynced(&self) -> usize {
        self.bytes.len() - self.safe
    }

    /// A crash that leaves so many of the unsynced bytes.
    pub(crate) fn crash(&mut self, left: usize) {
        self.bytes.truncate(self.safe + left);
        self.safe = self.bytes.len();
    }
}
