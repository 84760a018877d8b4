//! What follows from a journal and may not have been heard by others: told again when a shard rises.
//!
//! Beside a journal lies how far it was told; where that is lost, all of it is told again. It refuses to count on anybody's
//! memory but the keys of what is told: who keeps a row twice has one row.

use crate::outbox::Outbox;
use control::view::Names;
use control::{Message, Teller};
use edge::journal::Place;
use farm::journal;
use farm::{Action, Word};
use std::path::PathBuf;

fn beside(journal: &Place) -> PathBuf {
    let path = journal.path();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".told");
    path.with_file_name(name)
}

/// Keeps how far a journal was told. It need not survive a crash: what is older is only told again.
pub(crate) fn keep(journal: &Place, told: u64) {
    if let Err(error) = std::fs::write(beside(journal), told.to_string()) {
        tracing::warn!(%error, "how far the journal was told is not kept: its rows are told again at the next start");
    }
}

fn told(journal: &Place) -> u64 {
    std::fs::read_to_string(beside(journal)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Tells what follows from a journal behind what was taken, from the segment on that holds it: why somebody entered is known
/// of trades that were wanted there. A journal that cannot be read is told of by whoever rises from it.
pub(crate) fn retell(journal: &Place, names: &Names, outbox: &Outbox) {
    let shard = names.shard.as_str();
    let from = told(journal);
    outbox.begin(shard, from);
    let Ok(segments) = journal.read() else { return };
    let Ok(frames) = journal::survey(&segments).map(|survey| survey.frames) else { return };
    if from >= frames {
        return;
    }
    let mut teller = Teller::new(names.clone());
    let replayed = journal::replay_from(&segments, from, |heard| {
        let Some(at) = heard.input.at() else { return };
        let mut messages: Vec<Message> = Vec::new();
        for action in heard.actions {
            let word = match action {
                Action::Notify(bot, notice) => Word::Of(*bot, *notice),
                Action::Announce(news) => Word::All(*news),
                _ => continue,
            };
            messages.extend(teller.tell(at, &word, heard.farm));
        }
        messages.extend(teller.look(at, heard.farm));
        if heard.number >= from && !messages.is_empty() {
            outbox.tell(shard, heard.number + 1, &messages);
        }
    });
    if let Err(error) = replayed {
        tracing::warn!(shard, %error, "rows of the journal cannot be told again");
    }
}
