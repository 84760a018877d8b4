//! The stream of events: how everything is, then what changes, for as long as the caller may see it.
//!
//! It refuses to keep anything for a reader of its own: he has a place in the ring that all share. Who reads too slowly is cut
//! off, and begins again where the ring still is.

use crate::door::{Door, Sight};
use crate::live::{Event, Heard, Next, What, shown};
use crate::refused::Refused;
use crate::rights::Caller;
use hyper::body::{Body, Bytes, Frame};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Pieces that wait for the reader; each has at most so many events.
const PIECES_MAX: usize = 4;
const EVENTS_PER_PIECE: usize = 64;
/// Streams at once.
pub(crate) const STREAMS_MAX: u64 = 64;

/// The body of a stream.
pub(crate) struct Stream(mpsc::Receiver<Bytes>);

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// Where a reader is.
struct Reader {
    door: Arc<Door>,
    caller: Caller,
    place: u64,
}

/// Begins a stream; it ends when the gateway leaves, or when the caller may not see it any more.
pub(crate) fn begin(
    door: &Arc<Door>,
    caller: Caller,
    last: Option<u64>,
    leaving: watch::Receiver<bool>,
) -> Stream {
    let (pieces, body) = mpsc::channel(PIECES_MAX);
    // An event that never was: how everything is comes first.
    let reader = Reader { door: Arc::clone(door), caller, place: last.unwrap_or(u64::MAX - 1) };
    tokio::spawn(reader.run(pieces, leaving));
    Stream(body)
}

impl Reader {
    async fn run(mut self, pieces: mpsc::Sender<Bytes>, mut leaving: watch::Receiver<bool>) {
        let door = Arc::clone(&self.door);
        let mut changes = door.live.changes();
        let streams = door.counted.streams.get().unwrap_or(0);
        door.counted.streams.set(streams + 1);
        loop {
            changes.mark_unchanged();
            let piece = match self.next() {
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    let waited = tokio::select! {
                        waited = timeout(door.settings.heartbeat_each, changes.changed()) => waited,
                        _ = leaving.changed() => break,
                        () = pieces.closed() => break,
                    };
                    if waited.is_ok() {
                        continue;
                    }
                    ": alive\n\n".to_owned()
                }
                // He may not see it any more; a client that comes again is told why.
                Err(_) => break,
            };
            match pieces.send_timeout(piece.into(), door.settings.request_timeout).await {
                Ok(()) => {}
                Err(SendTimeoutError::Timeout(_)) => {
                    door.counted.streams_dropped.add(1);
                    break;
                }
                Err(SendTimeoutError::Closed(_)) => break,
            }
        }
        let streams = door.counted.streams.get().unwrap_or(1);
        door.counted.streams.set(streams.saturating_sub(1));
    }

    /// What he gets next; nothing where nothing happened.
    fn next(&mut self) -> Result<Option<String>, Refused> {
        let views = self.door.live.views();
        let sight = self.door.sight(&self.caller, &views)?;
        let mut text = String::new();
        match self.door.live.after(self.place, EVENTS_PER_PIECE) {
            Next::Snapshot(views, last) => {
                self.place = last;
                push(&mut text, last, "snapshot", &json!({ "shards": snapshot(&views, &sight) }));
            }
            Next::Events(events) => {
                let Some(newest) = events.last() else { return Ok(None) };
                self.place = newest.id;
                events.iter().for_each(|event| self.push_event(&mut text, event, &sight));
                if text.is_empty() {
                    // Nothing of it was his; his place moves all the same.
                    let _never_fails = write!(text, "id: {}\n\n", self.place);
                }
            }
        }
        Ok(Some(text))
    }

    fn push_event(&self, text: &mut String, event: &Event, sight: &Sight) {
        match &event.what {
            What::Delta(delta) => {
                push(text, event.id, "view", &shown(delta, &|bot| sight.sees(bot), sight.is_all));
            }
            What::Notice(said) => {
                if said.bot.as_deref().map_or(sight.is_all, |bot| sight.sees(bot)) {
                    push(text, event.id, "notice", &serde_json::to_value(said).expect("a notice is text"));
                }
            }
            What::Done(done) => {
                let id = crate::errands::ErrandId(done.id);
                if let Some(errand) = self.door.errands.of(self.caller.who.identity().0, id) {
                    push(text, event.id, "errand", &errand);
                }
            }
        }
    }
}

fn snapshot(views: &[Heard], sight: &Sight) -> Vec<Value> {
    let value =
        |heard: &Heard| serde_json::to_value(&*heard.view).expect("a view has no key that is no text");
    views.iter().map(|heard| shown(&value(heard), &|bot| sight.sees(bot), sight.is_all)).collect()
}

/// JSON of ours has no line break, so it is one line of data.
fn push(text: &mut String, id: u64, name: &str, data: &Value) {
    let _never_fails = write!(text, "id: {id}\nevent: {name}\ndata: {data}\n\n");
}
