//! Commands on their way to shards: given with a number nobody else draws, and followed until a shard says what became of it.
//!
//! A shard acts once on a number, so whatever is in doubt is sent again under the same one. It refuses to say that something
//! was done before the shard that did it has said so, and to remember without a limit.

use control::message::{Done, Errand, Message, Wanted, Word};
use control::{Bus, Topic};
use farm::Objection;
use model::{Role, Time};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// Commands that are remembered.
const REMEMBERED_MAX: usize = 4_096;
/// The highest bit is set in the numbers that a shard gives its own commands.
const OTHERS_BIT: u64 = 1 << 63;

/// A command's number. In JSON it is text: not every reader of JSON has 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrandId(pub u64);

impl std::fmt::Display for ErrandId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl ErrandId {
    /// As it was written.
    pub fn parse(text: &str) -> Option<ErrandId> {
        let plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u64::from_str_radix(text, 16).ok().map(ErrandId)).flatten()
    }

    /// The number of the command that these bytes name: the same for the same, another for another.
    pub(crate) fn of(parts: &[&[u8]]) -> ErrandId {
        let mut hash = Sha256::new();
        hash.update(b"omega errand 1\0");
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let bytes: [u8; 32] = hash.finalize().into();
        let first = bytes.first_chunk::<8>().expect("a SHA-256 has 32 bytes");
        ErrandId(u64::from_be_bytes(*first) & !OTHERS_BIT)
    }
}

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The bus did not take it.
    Unsent,
    /// The bus has it, and no shard has answered yet.
    Sent,
    /// A shard has done it.
    Done,
    /// A shard has refused it.
    Objected,
}

#[derive(Clone, Debug)]
struct Sent {
    errand: Errand,
    /// Whose.
    giver: u64,
    sent_at: Option<Instant>,
    unsent: Option<String>,
    done: Option<(Option<Objection>, Time)>,
}

impl Sent {
    fn stage(&self) -> Stage {
        match (&self.done, self.sent_at) {
            (Some((None, _)), _) => Stage::Done,
            (Some((Some(_), _)), _) => Stage::Objected,
            (None, Some(_)) => Stage::Sent,
            (None, None) => Stage::Unsent,
        }
    }

    fn shown(&self) -> Value {
        let objection = self.done.and_then(|(objection, _)| objection);
        json!({
            "id": ErrandId(self.errand.id).to_string(),
            "shard": self.errand.shard,
            "state": self.stage(),
            "given_at": self.errand.given_at,
            "acknowledged_at": self.done.map(|(_, at)| at.0),
            "objection": objection.map(Objection::name),
            "why": objection.map(why).or_else(|| self.unsent.clone()),
        })
    }
}

/// An objection in words, and what to do.
fn why(objection: Objection) -> String {
    let said = match objection {
        Objection::NotAllowed => "its giver may not: ask somebody with a higher role",
        Objection::TooLate => {
            "it came too late, or its clock is wrong: give it again, and look at both clocks"
        }
        Objection::Overtaken => "something given later was done already: look how the bot is now",
        Objection::Flood => "too many commands within a minute: wait for one",
        Objection::Unknown => "there is no such bot or account in this shard: look at the list of bots",
        Objection::Halted => "the kill switch is thrown: rearm first",
        Objection::NotFlat => "the book is not known to be flat yet: wait, and look at positions",
        Objection::NothingWaits => {
            "no trade of this order waits for approval: it was made, declined, or ran out"
        }
        Objection::Unaffordable => {
            "there is not so much money, or what is held needs it: give a smaller amount"
        }
        Objection::OtherAccount => "money cannot move between accounts here: name two of one account",
        Objection::Unexplained => "the account has something its books do not explain: reconcile it first",
        Objection::Pointless => "it changes nothing: it is so already",
        Objection::Refused => "the gate of risk refused the trade: look at why",
    };
    said.to_owned()
}

#[derive(Default)]
struct Remembered {
    sent: BTreeMap<u64, Sent>,
    order: VecDeque<u64>,
}

/// What was sent, and the way out.
pub(crate) struct Errands {
    says: Mutex<Box<dyn Bus + Send>>,
    remembered: Mutex<Remembered>,
    changed: watch::Sender<u64>,
}

impl std::fmt::Debug for Errands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Errands({})", self.with(|remembered| remembered.sent.len()))
    }
}

/// How long the answer to a command took.
pub(crate) struct Acknowledged {
    pub(crate) took_ms: f64,
}

impl Errands {
    pub(crate) fn new(says: Box<dyn Bus + Send>) -> Arc<Errands> {
        Arc::new(Errands {
            says: Mutex::new(says),
            remembered: Mutex::new(Remembered::default()),
            changed: watch::Sender::new(0),
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Remembered) -> T) -> T {
        act(&mut self.remembered.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends each, or says why not. One that is remembered and was answered is not sent again.
    pub(crate) fn send(
        &self,
        giver: u64,
        role: Role,
        given_at: Time,
        errands: &[(ErrandId, String, Wanted)],
    ) {
        for (id, shard, wanted) in errands {
            let errand = Errand {
                id: id.0,
                shard: shard.clone(),
                role: Word(role),
                given_at: given_at.0,
                instruction: wanted.clone(),
            };
            let errand = self.with(|remembered| remembered.remember(giver, errand));
            let Some(errand) = errand else { continue };
            let sent = self.say_errand(&errand);
            self.with(|remembered| {
                let Some(one) = remembered.sent.get_mut(&errand.id) else { return };
                match sent {
                    Ok(at) => (one.sent_at, one.unsent) = (one.sent_at.or(Some(at)), None),
                    Err(why) => one.unsent = Some(why),
                }
            });
        }
    }

    fn say_errand(&self, errand: &Errand) -> Result<Instant, String> {
        let topic = Topic::commands(&errand.shard).map_err(|error| error.to_string())?;
        let at = Instant::now();
        self.say(&topic, &Message::Errand(errand.clone()))?;
        Ok(at)
    }

    /// Says something on the bus.
    pub(crate) fn say(&self, topic: &Topic, message: &Message) -> Result<(), String> {
        let mut says = self.says.lock().unwrap_or_else(PoisonError::into_inner);
        says.send(topic, &message.encode()).map_err(|error| error.to_string())
    }

    /// A shard has said what became of one. Whoever waits for it is told by `ring`.
    pub(crate) fn acknowledged(&self, done: &Done, now: Time) -> Option<Acknowledged> {
        self.with(|remembered| {
            let one = remembered.sent.get_mut(&done.id).filter(|one| one.done.is_none())?;
            let objection = done.objection.map(|Word(objection)| objection);
            one.done = Some((objection, now));
            let took_ms = one.sent_at.map_or(0.0, |at| at.elapsed().as_secs_f64() * 1_000.0);
            Some(Acknowledged { took_ms })
        })
    }

    /// Wakes whoever waits for an answer.
    pub(crate) fn ring(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Whether none of these is still to be answered by a shard that has it.
    pub(crate) fn are_settled(&self, ids: &[ErrandId]) -> bool {
        self.with(|remembered| {
            ids.iter().all(|id| remembered.sent.get(&id.0).is_none_or(|one| one.stage() != Stage::Sent))
        })
    }

    /// Rings with every answer.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// How far these are.
    pub(crate) fn stages(&self, ids: &[ErrandId]) -> Vec<(Stage, Value)> {
        self.with(|remembered| {
            let shown = |id: &ErrandId| remembered.sent.get(&id.0).map(|one| (one.stage(), one.shown()));
            ids.iter().filter_map(shown).collect()
        })
    }

    /// One of somebody's.
    pub(crate) fn of(&self, giver: u64, id: ErrandId) -> Option<Value> {
        self.with(|remembered| remembered.sent.get(&id.0).filter(|one| one.giver == giver).map(Sent::shown))
    }

    /// How many wait for a shard.
    pub(crate) fn waiting(&self) -> usize {
        self.with(|remembered| remembered.sent.values().filter(|one| one.done.is_none()).count())
    }
}

impl Remembered {
    /// The errand to send; none where it was answered. What is sent again keeps the instant it was given at: a later one
    /// would make another command of it.
    fn remember(&mut self, giver: u64, errand: Errand) -> Option<Errand> {
        if let Some(known) = self.sent.get(&errand.id) {
            return known.done.is_none().then(|| known.errand.clone());
        }
        if self.order.len() >= REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.sent.remove(&oldest);
        }
        self.order.push_back(errand.id);
        let sent = Sent { errand: errand.clone(), giver, sent_at: None, unsent: None, done: None };
        self.sent.insert(errand.id, sent);
        Some(errand)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_from_its_text_and_is_no_shards_own() {
        for parts in [&[b"a".as_slice(), b"b"][..], &[b"ab"], &[b"", b"ab"]] {
            let id = ErrandId::of(parts);
            assert_eq!(ErrandId::parse(&id.to_string()), Some(id));
            assert_eq!(id.0 & OTHERS_BIT, 0);
            assert_eq!(id, ErrandId::of(parts));
        }
        assert_ne!(ErrandId::of(&[b"a", b"b"]), ErrandId::of(&[b"ab"]));
        for wrong in ["", "1", "+000000000000001", "000000000000000g"] {
            assert_eq!(ErrandId::parse(wrong), None);
        }
    }

    #[test]
    fn every_objection_says_what_to_do() {
        for objection in Objection::ALL {
            assert!(why(objection).contains(": "), "{}", objection.name());
        }
    }
}
