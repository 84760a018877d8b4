//! Requests that carry a key: however often one comes, it is acted on once and answered the same.
//!
//! It refuses the same key for something else, and a repetition while the first is still at work. What is forgotten here is
//! remembered by the shards: the numbers of a request's commands follow from its key.

use crate::refused::Refused;
use access::IdentityId;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Keys that are remembered.
const REMEMBERED_MAX: usize = 4_096;
/// The longest key.
pub(crate) const KEY_BYTES_MAX: usize = 128;

/// What a repetition is answered.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The first one is still at work.
    UnderWay,
    /// This.
    Answered(u16, Value),
    /// However far these commands are now; with what it says about them.
    Sent(Box<crate::reply::Sent>),
}

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    known: BTreeMap<(IdentityId, String), (String, Outcome)>,
    order: VecDeque<(IdentityId, String)>,
}

impl Repeats {
    /// What became of it, if it came before; else it is under way from now on. `what` is the request itself.
    pub(crate) fn begin(
        &mut self,
        who: IdentityId,
        key: &str,
        what: &str,
    ) -> Result<Option<Outcome>, Refused> {
        let place = (who, key.to_owned());
        match self.known.get(&place) {
            Some((known, _)) if known != what => Err(Refused::new(
                422,
                "key_reused",
                "this key was given with another request",
                "draw a new key for each request, and repeat it only with the same one",
            )),
            Some((_, Outcome::UnderWay)) => Err(Refused::new(
                409,
                "under_way",
                "the first request of this key is still at work",
                "ask again in a second with the same key",
            )),
            Some((_, outcome)) => Ok(Some(outcome.clone())),
            None => {
                if self.order.len() >= REMEMBERED_MAX
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.known.remove(&oldest);
                }
                self.order.push_back(place.clone());
                self.known.insert(place, (what.to_owned(), Outcome::UnderWay));
                Ok(None)
            }
        }
    }

    /// What it is answered from now on; what was refused may be tried again.
    pub(crate) fn finish(&mut self, who: IdentityId, key: &str, outcome: Option<Outcome>) {
        let place = (who, key.to_owned());
        match outcome {
            Some(outcome) => {
                if let Some((_, known)) = self.known.get_mut(&place) {
                    *known = outcome;
                }
            }
            None => {
                self.known.remove(&place);
                self.order.retain(|one| *one != place);
            }
        }
    }
}
