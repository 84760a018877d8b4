//! What people are told of a disk that does not take a shard's journal: once when it begins, once when it is over.
//!
//! It goes past the journal, which it is about. It refuses to speak for the farm: while this is so the farm decides nothing.

use crate::outbox::Outbox;
use control::Message;
use control::message::{NoticeKind, NoticeSaid, Tier};
use edge::exchange::Clock;
use edge::journal::Stuck;
use std::time::Instant;

/// What was told of a disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// Since when it takes nothing, as far as it was told.
    told: Option<Instant>,
}

impl Disk {
    /// Tells what is new, to the log and to people.
    pub(crate) fn look(&mut self, shard: &str, stuck: Option<&Stuck>, outbox: &Outbox) {
        match (stuck, self.told) {
            (Some(stuck), None) => {
                self.told = Some(stuck.since);
                let text = format!(
                    "the journal cannot be written ({}): nothing is decided and nothing sent until it can; stops stay at the \
                     exchange. Make room on its disk: the farm goes on by itself",
                    stuck.why
                );
                tracing::error!(shard, "{text}");
                outbox.notice(&said(shard, "stuck", Tier::Critical, text));
            }
            (None, Some(since)) => {
                self.told = None;
                let seconds = since.elapsed().as_secs_f64();
                let text =
                    format!("the journal is written again, after {seconds:.1} s; nothing of it is lost");
                tracing::warn!(shard, "{text}");
                outbox.notice(&said(shard, "written", Tier::Warning, text));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

fn said(shard: &str, what: &str, tier: Tier, text: String) -> Message {
    let at = Clock::wall().0;
    let (key, shard) = (format!("{shard}//disk/{what}/{at}"), shard.to_owned());
    Message::Notice(NoticeSaid { key, shard, bot: None, at, kind: NoticeKind::ErrorAlert, tier, text })
}
