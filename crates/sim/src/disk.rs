//! A disk that keeps what was synced and may lose or tear the rest.

use farm::journal::Keeper;

/// The disk under a journal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    bytes: Vec<u8>,
    synced: usize,
}

impl Disk {
    /// A disk that holds this, safely.
    pub(crate) fn holding(bytes: Vec<u8>) -> Disk {
        Disk { synced: bytes.len(), bytes }
    }

    /// Everything written so far survives whatever comes.
    pub(crate) fn sync(&mut self) {
        self.synced = self.bytes.len();
    }

    /// What is on it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that a crash may take.
    pub(crate) fn unsynced(&self) -> usize {
        self.bytes.len() - self.synced
    }

    /// What is on it after a crash that leaves so many of the unsynced bytes.
    pub(crate) fn after_crash(&self, left: usize) -> Vec<u8> {
        self.bytes[..self.synced + left.min(self.unsynced())].to_vec()
    }
}

impl Keeper for Disk {
    fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }
}
