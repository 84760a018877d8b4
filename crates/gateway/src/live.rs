//! What the gateway knows of the farm: the last view of every shard, and what was said since, by number.
//!
//! It refuses to keep without a limit: what was said is a ring, and a reader who falls out of it begins again with how
//! everything is. Somebody who may see some bots sees nothing of the others, nor of the money of the whole.

use control::ShardView;
use control::message::{Done, NoticeSaid, Tier};
use model::Time;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Events that a reader may be behind.
const RING_MAX: usize = 1_024;
/// Their length together, in bytes as they are sent; in memory they take some ten times that.
const RING_BYTES_MAX: usize = 1 << 20;
/// Shards that are known at once.
const SHARDS_MAX: usize = 1_024;
/// Notices that are at hand for whoever asks what was said.
const NOTICES_MAX: usize = 1_000;
/// What of a view is of everybody's bots together: shown to those who may see all.
const OF_ALL: [&str; 3] = ["accounts", "battle", "limits"];

/// Something that happened.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) what: What,
    bytes: usize,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum What {
    /// How a shard's view differs from the one before.
    Delta(Value),
    /// Something was said.
    Notice(NoticeSaid),
    /// A command was acknowledged.
    Done(Done),
}

/// A view, and when it came here.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Itself.
    pub view: Arc<ShardView>,
    /// When it came, by this machine's clock.
    pub at: Time,
}

#[derive(Default)]
struct Known {
    shards: BTreeMap<String, (Heard, Value)>,
    ring: VecDeque<Arc<Event>>,
    ring_bytes: usize,
    notices: VecDeque<NoticeSaid>,
    /// What was said last of each shard's sessions against their back-tests.
    drifts: BTreeMap<String, NoticeSaid>,
    /// How many of each tier were ever said.
    said: BTreeMap<Tier, u64>,
    last_id: u64,
    heard_bus_at: Option<Time>,
    deaf: Option<String>,
}

/// What is known.
pub struct Live {
    known: Mutex<Known>,
    changed: watch::Sender<u64>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Live({} shards)", self.with(|known| known.shards.len()))
    }
}

/// What a reader gets next.
pub(crate) enum Next {
    /// What happened since.
    Events(Vec<Arc<Event>>),
    /// He is too far behind: how everything is, and from which number on he goes on.
    Snapshot(Vec<Heard>, u64),
}

impl Live {
    /// Nothing is known yet. Numbers begin with the instant, so that one of an earlier life is too old and not another's.
    pub(crate) fn new(now: Time) -> Live {
        let last_id = now.0.unsigned_abs() << 12;
        Live {
            known: Mutex::new(Known { last_id, ..Known::default() }),
            changed: watch::Sender::new(last_id),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rings when something happens.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A shard has said how it is. One that is older than what is known is a straggler.
    pub(crate) fn view(&self, view: ShardView, now: Time) {
        let last = self.with(|known| {
            let after = serde_json::to_value(&view).expect("a view has no key that is no text");
            let before = known.shards.get(&view.shard);
            let is_straggler = before.is_some_and(|(heard, _)| {
                let is_same_life = (heard.view.epoch, &heard.view.node) == (view.epoch, &view.node);
                heard.view.epoch > view.epoch || (is_same_life && heard.view.number >= view.number)
            });
            if is_straggler || (before.is_none() && known.shards.len() >= SHARDS_MAX) {
                return None;
            }
            let delta = delta(before.map(|(_, value)| value), &after);
            let heard = Heard { view: Arc::new(view), at: now };
            known.shards.insert(heard.view.shard.clone(), (heard, after));
            Some(known.push(What::Delta(delta)))
        });
        self.ring(last);
    }

    /// Something was said.
    pub(crate) fn notice(&self, notice: NoticeSaid) {
        let last = self.with(|known| {
            if known.notices.iter().rev().take(RING_MAX).any(|said| said.key == notice.key) {
                return None;
            }
            if known.notices.len() == NOTICES_MAX {
                known.notices.pop_front();
            }
            *known.said.entry(notice.tier).or_default() += 1;
            let knows = known.drifts.contains_key(&notice.shard) || known.drifts.len() < SHARDS_MAX;
            if notice.is_of_drift() && knows {
                known.drifts.insert(notice.shard.clone(), notice.clone());
            }
            known.notices.push_back(notice.clone());
            Some(known.push(What::Notice(notice)))
        });
        self.ring(last);
    }

    /// A command was acknowledged.
    pub(crate) fn done(&self, done: Done) {
        let last = self.with(|known| known.push(What::Done(done)));
        self.ring(Some(last));
    }

    fn ring(&self, last: Option<u64>) {
        if let Some(last) = last {
            self.changed.send_replace(last);
        }
    }

    /// The bus was heard, or does not answer.
    pub(crate) fn bus(&self, now: Time, deaf: Option<String>) {
        self.with(|known| {
            if deaf.is_none() {
                known.heard_bus_at = Some(now);
            }
            known.deaf = deaf;
        });
    }

    /// Why nothing is heard, if nothing is.
    pub(crate) fn deaf(&self) -> Option<String> {
        self.with(|known| match (&known.deaf, known.heard_bus_at) {
            (Some(why), _) => Some(why.clone()),
            (None, None) => Some("it was not heard yet".to_owned()),
            (None, Some(_)) => None,
        })
    }

    /// Every shard's last view.
    pub fn views(&self) -> Vec<Heard> {
        self.with(|known| known.shards.values().map(|(heard, _)| heard.clone()).collect())
    }

    /// The last event's number and every view, of one instant.
    #[cfg(test)]
    pub(crate) fn snapshot(&self) -> (Vec<Heard>, u64) {
        self.with(|known| (known.shards.values().map(|(heard, _)| heard.clone()).collect(), known.last_id))
    }

    /// What was said lately, newest first.
    pub(crate) fn notices(&self, fits: impl Fn(&NoticeSaid) -> bool, rows_max: usize) -> Vec<NoticeSaid> {
        self.with(|known| {
            known.notices.iter().rev().filter(|said| fits(said)).take(rows_max).cloned().collect()
        })
    }

    /// What was said last of each shard's finished sessions against their back-tests.
    pub(crate) fn drifts(&self) -> Vec<NoticeSaid> {
        self.with(|known| known.drifts.values().cloned().collect())
    }

    /// How many notices of this tier were said since this gateway began.
    pub(crate) fn notices_of(&self, tier: Tier) -> u64 {
        self.with(|known| known.said.get(&tier).copied().unwrap_or(0))
    }

    /// What happened after this event, at most so much of it.
    pub(crate) fn after(&self, id: u64, events_max: usize) -> Next {
        self.with(|known| {
            let first = known.ring.front().map_or(known.last_id + 1, |event| event.id);
            if id + 1 < first || id > known.last_id {
                let views = known.shards.values().map(|(heard, _)| heard.clone()).collect();
                return Next::Snapshot(views, known.last_id);
            }
            let skipped = usize::try_from(id + 1 - first).unwrap_or(usize::MAX);
            Next::Events(known.ring.iter().skip(skipped).take(events_max).cloned().collect())
        })
    }
}

impl Known {
    fn push(&mut self, what: What) -> u64 {
        self.last_id += 1;
        let bytes = match &what {
            What::Delta(value) => value.to_string().len(),
            What::Notice(said) => said.text.len() + said.key.len() + 256,
            What::Done(_) => 256,
        };
        self.ring_bytes += bytes;
        self.ring.push_back(Arc::new(Event { id: self.last_id, what, bytes }));
        while self.ring.len() > RING_MAX || (self.ring_bytes > RING_BYTES_MAX && self.ring.len() > 1) {
            let gone = self.ring.pop_front().expect("it has more than one");
            self.ring_bytes -= gone.bytes;
        }
        self.last_id
    }
}

/// What of a view is another than before: its whole self at first, then the keys that changed, and of its bots those that
/// did, whole.
fn delta(before: Option<&Value>, after: &Value) -> Value {
    let (Some(Value::Object(before)), Value::Object(after_map)) = (before, after) else {
        return after.clone();
    };
    let mut changed = Map::new();
    for (key, value) in after_map {
        let old = before.get(key);
        if key == "bots" {
            let old = old.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let new = value.as_array().map_or(&[][..], Vec::as_slice);
            let bots: Vec<Value> = new.iter().filter(|bot| !old.contains(bot)).cloned().collect();
            let gone = |bot: &&Value| !new.iter().any(|other| other.get("bot") == bot.get("bot"));
            let gone: Vec<Value> =
                old.iter().filter(gone).filter_map(|bot| bot.get("bot")).cloned().collect();
            if !bots.is_empty() {
                changed.insert("bots".to_owned(), bots.into());
            }
            if !gone.is_empty() {
                changed.insert("bots_gone".to_owned(), gone.into());
            }
        } else if old != Some(value) {
            changed.insert(key.clone(), value.clone());
        }
    }
    // By these it is known of what it is, and how old.
    for key in ["shard", "number", "at"] {
        changed.insert(key.to_owned(), after_map[key].clone());
    }
    Value::Object(changed)
}

/// A view or a delta of one, as somebody may see it who sees these bots; with all of them he sees everything.
pub(crate) fn shown(value: &Value, sees: &dyn Fn(&str) -> bool, sees_all: bool) -> Value {
    let mut value = value.clone();
    if sees_all {
        return value;
    }
    let Value::Object(map) = &mut value else { return value };
    for key in OF_ALL {
        if let Some(list) = map.get_mut(key) {
            *list = json!([]);
        }
    }
    let his = |bot: &Value| bot.get("bot").unwrap_or(bot).as_str().is_some_and(sees);
    for key in ["bots", "bots_gone"] {
        if let Some(Value::Array(bots)) = map.get_mut(key) {
            bots.retain(his);
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(number: u64, bots: &[(&str, u32)]) -> Value {
        let bots: Vec<Value> =
            bots.iter().map(|(bot, trades)| json!({"bot": bot, "trades": trades})).collect();
        json!({"shard": "main", "number": number, "at": number * 1_000, "symbol": "BTCUSDT", "bots": bots, "accounts": [1]})
    }

    #[test]
    fn a_delta_over_what_was_known_is_what_is_known() {
        let (before, after) = (view(1, &[("a", 1), ("b", 1), ("c", 1)]), view(2, &[("a", 1), ("b", 2)]));
        let change = delta(Some(&before), &after);
        assert_eq!(
            change,
            json!({"shard": "main", "number": 2, "at": 2_000, "bots": [{"bot": "b", "trades": 2}], "bots_gone": ["c"]})
        );
        assert_eq!(delta(None, &after), after);
    }

    #[test]
    fn who_sees_one_bot_sees_nothing_of_another_nor_of_the_whole() {
        let change = delta(Some(&view(1, &[("c", 1)])), &view(2, &[("a", 1), ("b", 2)]));
        let his = shown(&change, &|bot| bot == "a", false);
        assert_eq!(his["bots"], json!([{"bot": "a", "trades": 1}]));
        assert_eq!(his["bots_gone"], json!([]));
        assert_eq!(shown(&view(1, &[]), &|_| false, false)["accounts"], json!([]));
        assert_eq!(shown(&change, &|_| true, true), change);
    }

    #[test]
    fn a_reader_who_is_too_far_behind_begins_again() {
        let live = Live::new(Time(1));
        let (_, begun) = live.snapshot();
        let said = |number: usize| NoticeSaid {
            key: number.to_string(),
            shard: "main".to_owned(),
            bot: None,
            at: 0,
            kind: control::message::NoticeKind::ErrorAlert,
            tier: Tier::Warning,
            text: String::new(),
        };
        (0..10).for_each(|number| live.notice(said(number)));
        assert!(matches!(live.after(begun, 4), Next::Events(events) if events.len() == 4));
        assert!(matches!(live.after(begun + 10, 4), Next::Events(events) if events.is_empty()));
        live.notice(said(3));
        assert_eq!(live.snapshot().1, begun + 10, "what was said already is said once");
        (10..RING_MAX + 20).for_each(|number| live.notice(said(number)));
        assert!(matches!(live.after(begun, 4), Next::Snapshot(_, last) if last == live.snapshot().1));
        assert!(matches!(live.after(u64::MAX - 1, 4), Next::Snapshot(..)), "a number from the future");
    }
}
