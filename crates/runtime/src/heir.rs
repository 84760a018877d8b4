//! What a process leaves beside its journal for the one that comes after it: under which life it held its lease.
//!
//! A process that was killed cannot give its lease back, and nobody else could tell that it is dead rather than deaf. Who has
//! the lock of its journal can: the system takes that lock from the dead only. It refuses to speak for the living: without the
//! lock the lease has to run out.

use bus::registry::{Keeper, Life};
use edge::journal::{Place, Unheld};
use farm::lease::{NodeId, ShardId};
use std::path::PathBuf;

fn beside(journal: &Place) -> PathBuf {
    let path = journal.path();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lease");
    path.with_file_name(name)
}

/// Leaves word of the lease that was gained. It need not survive the loss of power: then the lease runs out.
pub(crate) fn leave_word(journal: &Place, shard: ShardId, life: Life, epoch: u16) {
    let text = format!("{} {} {} {epoch}\n", shard.0, life.node.0, life.nonce);
    if let Err(error) = std::fs::write(beside(journal), text) {
        tracing::warn!(%error, "who comes after this process waits until its lease runs out");
    }
}

fn word(journal: &Place) -> Option<(ShardId, Life, u16)> {
    let text = std::fs::read_to_string(beside(journal)).ok()?;
    let mut numbers = text.split_whitespace();
    let shard = ShardId(numbers.next()?.parse().ok()?);
    let node = NodeId(numbers.next()?.parse().ok()?);
    let nonce = numbers.next()?.parse().ok()?;
    Some((shard, Life { node, nonce }, numbers.next()?.parse().ok()?))
}

/// Gives back the lease of whoever wrote this journal last, if he is dead. Each is buried once: whoever looks has the journal's
/// lock for a moment, and must not keep it from one who rises.
pub(crate) fn bury(journal: &Place, shard: ShardId, keeper: &Keeper, buried: &mut Option<(Life, u16)>) {
    let Some((of, dead, epoch)) = word(journal).filter(|(of, ..)| *of == shard) else { return };
    if *buried == Some((dead, epoch)) {
        return;
    }
    if let Some(lock) = Unheld::take(journal) {
        tracing::info!(epoch, "the process that held this shard is dead: its lease is given back");
        keeper.release_for(dead, of, epoch);
        *buried = Some((dead, epoch));
        drop(lock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edge::journal::JournalFile;

    #[test]
    fn a_word_is_read_as_it_was_left_and_only_once_its_writer_is_gone_does_it_count() {
        let path = std::env::temp_dir().join(format!("omega-heir-{}.omega", std::process::id()));
        let place = Place::at(&path);
        assert_eq!(word(&place), None);
        let life = Life { node: NodeId(7), nonce: u64::MAX };
        leave_word(&place, ShardId(3), life, 12);
        assert_eq!(word(&place), Some((ShardId(3), life, 12)));
        let (writer, _) = JournalFile::open(&place).unwrap();
        assert!(Unheld::take(&place).is_none(), "its writer lives");
        drop(writer);
        assert!(Unheld::take(&place).is_some());
        std::fs::write(beside(&place), "3 7").unwrap();
        assert_eq!(word(&place), None, "half a word is none");
        std::fs::remove_file(beside(&place)).unwrap();
        let _lock = std::fs::remove_file(path.with_extension("omega.lock"));
    }
}
