//! The bus over Redis Streams: a topic is a stream, a group a consumer group, and every step one script, because what one process
//! sees and then does must not be split by what another does.
//!
//! An end has one connection of its own, waits on it, and comes back when it is lost; a send whose answer was lost is said
//! again, and may then be there twice. It refuses to drop what a group has not done with (the sender hears that the topic is
//! full), and to wait longer than it is told. What the server must be set to is told in `docs/bus.md`.

mod condition;
mod line;
mod settings;

pub use condition::Condition;
pub(crate) use line::{Line, duration, entropy};
pub use settings::{Login, Password, Sentinel, Settings, Tls};

use crate::error::Failed;
use control::bus::{DELIVERIES_MAX, Keeping, MESSAGE_BYTES_MAX};
use control::{Bus, Deaf, Delivery, Reader, Subscription, Topic, Unsent};
use model::Interval;
use redis::{Commands, Connection, RedisError, Script, cmd};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What a group has done with stays this long for those who look on, where there is room.
const LOOK_BACK: Interval = Interval(10_000);
/// So many messages are taken at once by one who looks on.
const BATCH: usize = 16;
/// The longest wait in one piece: what the dead left is looked for in between.
const SLICE_MAX: Duration = Duration::from_millis(5_000);
/// How long replicas have to take a message.
const COPIED_WITHIN_MS: u64 = 1_000;

/// One end of the bus.
pub struct End {
    line: Line,
    scripts: Scripts,
    reads: Vec<Ear>,
    has_begun: bool,
    /// Which subscription is asked first, so that none waits for another; from 1.
    turn: usize,
    in_hand: Option<(usize, String)>,
    inbox: VecDeque<Delivery>,
}

struct Scripts {
    begin: Script,
    take: Script,
    send: Script,
}

/// A subscription, as the server is told of it.
struct Ear {
    topic: Topic,
    stream: String,
    dead: String,
    /// Empty for one who looks on.
    group: String,
    /// The member; of one who looks on the last id he has seen.
    place: String,
}

/// An entry of a stream: its id, and the one field that is its message.
type Entry = (String, (String, Vec<u8>));

/// What a look brought.
enum Look {
    /// Something for a group, handed out so often before.
    Handed(usize, u32, Entry),
    /// What one who looks on has not seen.
    Seen(usize, Vec<Entry>),
    /// Nothing; from these ids on something would be new.
    Nothing(Vec<String>),
}

impl End {
    /// An end that reads this. Nothing is said to the server yet: it may be away.
    pub fn new(settings: Settings, reads: &[Subscription]) -> End {
        let ear = |one: &Subscription| {
            let (group, place) = match &one.reader {
                Reader::Everyone => (String::new(), "0-0".to_owned()),
                Reader::Group { name, member } => (name.clone(), member.clone()),
            };
            let stream = settings.key("topic", one.topic.name());
            let dead = settings.key("topic", one.topic.dead().name());
            Ear { topic: one.topic.clone(), stream, dead, group, place }
        };
        let reads: Vec<Ear> = reads.iter().map(ear).collect();
        let scripts = Scripts {
            begin: Script::new(include_str!("begin.lua")),
            take: Script::new(include_str!("take.lua")),
            send: Script::new(include_str!("send.lua")),
        };
        let (has_begun, turn) = (reads.is_empty(), 1);
        let inbox = VecDeque::new();
        End { line: Line::new(settings), scripts, reads, has_begun, turn, in_hand: None, inbox }
    }

    /// Speaks to the server once, so that its groups begin now, or says what is wrong.
    pub fn reach(&mut self) -> Result<(), Failed> {
        let until = Instant::now() + duration(self.line.settings().answer_within);
        self.begin(until)?;
        self.line.persist(until, |connection, _| cmd("PING").exec(connection))
    }

    /// How many messages of a topic were ever laid aside.
    pub fn laid_aside(&mut self, topic: &Topic) -> Result<u64, Failed> {
        let until = Instant::now() + duration(self.line.settings().answer_within);
        self.line.persist(until, |connection, settings| {
            let dead = settings.key("topic", topic.dead().name());
            if !connection.exists::<_, bool>(&dead)? {
                return Ok(0);
            }
            let about: Vec<redis::Value> = cmd("XINFO").arg("STREAM").arg(&dead).query(connection)?;
            let name = redis::Value::BulkString(b"entries-added".to_vec());
            let added = about.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
            redis::from_redis_value(added.unwrap_or(redis::Value::Int(0))).map_err(RedisError::from)
        })
    }

    fn begin(&mut self, until: Instant) -> Result<(), Failed> {
        if self.has_begun {
            return Ok(());
        }
        let mut script = self.scripts.begin.prepare_invoke();
        for ear in &self.reads {
            let from = if ear.topic.is_dead() { "kept" } else { "new" };
            script.key(&ear.stream).arg(&ear.group).arg(from);
        }
        let last: Vec<String> = self.line.run(until, |connection, _| script.invoke(connection))?;
        for (ear, last) in self.reads.iter_mut().zip(last) {
            if ear.group.is_empty() {
                ear.place = last;
            }
        }
        self.has_begun = true;
        Ok(())
    }

    /// Asks the server once.
    fn look(&mut self, until: Instant) -> Result<Look, Failed> {
        self.begin(until)?;
        let (in_hand, id) = self.in_hand.clone().map_or((0, String::new()), |(i, id)| (i + 1, id));
        let mut script = self.scripts.take.prepare_invoke();
        self.reads.iter().for_each(|ear| {
            script.key(&ear.stream);
        });
        self.reads.iter().for_each(|ear| {
            script.key(&ear.dead);
        });
        let settings = self.line.settings();
        script.arg(self.turn).arg(DELIVERIES_MAX).arg(settings.give_up_after.0);
        script.arg(settings.waiting_max).arg(BATCH).arg(in_hand).arg(id);
        self.reads.iter().for_each(|ear| {
            script.arg(&ear.group).arg(&ear.place);
        });
        let answer = self.line.run(until, |connection, _| {
            let answer: redis::Value = script.invoke(connection)?;
            read_look(answer)
        })?;
        self.line.is_well();
        self.in_hand = None;
        Ok(answer)
    }

    /// Waits on the server until something may be there.
    fn wait(&mut self, from: &[String], until: Instant) -> Result<Option<Look>, Failed> {
        let settings = self.line.settings();
        let slice = SLICE_MAX.min(duration(settings.give_up_after) / 2).max(Duration::from_millis(20));
        let answer_within = duration(settings.answer_within);
        let left = until.saturating_duration_since(Instant::now()).min(slice);
        let block_ms = left.as_millis();
        if block_ms == 0 {
            std::thread::sleep(left);
            return Ok(None);
        }
        let alone = match self.reads.as_slice() {
            [ear] if !ear.group.is_empty() => Some(ear),
            _ => None,
        };
        let has_group = self.reads.iter().any(|ear| !ear.group.is_empty());
        let mut command = cmd(if alone.is_some() { "XREADGROUP" } else { "XREAD" });
        if let Some(ear) = alone {
            command.arg("GROUP").arg(&ear.group).arg(&ear.place);
        }
        // Of a group's topic the message itself is not wanted here, only that there is one.
        command.arg("COUNT").arg(if has_group { 1 } else { BATCH });
        command.arg("BLOCK").arg(u64::try_from(block_ms).expect("a slice is short")).arg("STREAMS");
        self.reads.iter().for_each(|ear| {
            command.arg(&ear.stream);
        });
        match alone {
            Some(_) => command.arg(">"),
            None => command.arg(from),
        };
        let found: Option<Vec<(String, Vec<Entry>)>> = self.line.run(until, |connection, _| {
            waiting(connection, left, answer_within, |connection| command.query(connection))
        })?;
        let Some((stream, mut entries)) = found.and_then(|mut found| found.pop()) else { return Ok(None) };
        if alone.is_some() {
            return Ok(entries.pop().map(|entry| Look::Handed(0, 0, entry)));
        }
        let looks_on = self.reads.iter().position(|ear| ear.stream == stream && ear.group.is_empty());
        Ok(looks_on.filter(|_| !has_group).map(|i| Look::Seen(i, entries)))
    }

    /// Makes a delivery of what was found.
    fn accept(&mut self, look: Look) -> Option<Delivery> {
        match look {
            Look::Nothing(_) => {}
            Look::Handed(i, delivered_before, (id, (_, message))) => {
                self.turn = i % self.reads.len() + 1;
                self.in_hand = Some((i, id));
                let topic = self.reads[i].topic.clone();
                return Some(Delivery { topic, message, delivered_before });
            }
            Look::Seen(i, entries) => {
                self.turn = (i + 1) % self.reads.len() + 1;
                let ear = &mut self.reads[i];
                for (id, (_, message)) in entries {
                    ear.place = id;
                    let delivery = Delivery { topic: ear.topic.clone(), message, delivered_before: 0 };
                    self.inbox.push_back(delivery);
                }
            }
        }
        self.inbox.pop_front()
    }

    fn next_until(&mut self, until: Instant) -> Result<Option<Delivery>, Failed> {
        loop {
            let look = self.look(until)?;
            let from = if let Look::Nothing(from) = &look { from.clone() } else { Vec::new() };
            if let Some(delivery) = self.accept(look) {
                return Ok(Some(delivery));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            if let Some(look) = self.wait(&from, until)?
                && let Some(delivery) = self.accept(look)
            {
                return Ok(Some(delivery));
            }
        }
    }

    fn send_once(
        &mut self,
        until: Instant,
        topic: &Topic,
        message: &[u8],
    ) -> Result<Result<(), usize>, Failed> {
        let stream = self.line.settings().key("topic", topic.name());
        let script = &self.scripts.send;
        self.line.persist(until, |connection, settings| {
            let say = |connection: &mut Connection,
                       keeping: &str|
             -> Result<(u8, redis::Value), RedisError> {
                let mut script = script.key(&stream);
                script.arg(settings.waiting_max).arg(keeping).arg(message).arg(LOOK_BACK.0).invoke(connection)
            };
            let keeping = match topic.keeping() {
                Keeping::Unread => "unread",
                Keeping::Newest => "newest",
            };
            let sent = say(connection, keeping).or_else(|error| {
                // A server without memory still lets go of what is done with.
                if error.code() != Some("OOM") {
                    return Err(error);
                }
                say(connection, "room")?;
                say(connection, keeping)
            });
            match sent? {
                (0, redis::Value::Int(waiting)) => Ok(Err(usize::try_from(waiting).unwrap_or(0))),
                _ => is_copied(connection, settings).map(Ok),
            }
        })
    }
}

/// Whether enough replicas have what was just written.
pub(crate) fn is_copied(connection: &mut Connection, settings: &Settings) -> Result<(), RedisError> {
    if settings.copies_min == 0 {
        return Ok(());
    }
    let copies: u64 = cmd("WAIT").arg(settings.copies_min).arg(COPIED_WITHIN_MS).query(connection)?;
    if copies >= u64::from(settings.copies_min) {
        return Ok(());
    }
    let why = format!("only {copies} replicas have it");
    Err(RedisError::from(std::io::Error::other(why)))
}

/// A command that the server answers late on purpose.
fn waiting<T>(
    connection: &mut Connection,
    wait: Duration,
    answer_within: Duration,
    what: impl FnOnce(&mut Connection) -> Result<T, RedisError>,
) -> Result<T, RedisError> {
    connection.set_read_timeout(Some(wait + answer_within))?;
    let answer = what(connection)?;
    connection.set_read_timeout(Some(answer_within))?;
    Ok(answer)
}

fn read_look(answer: redis::Value) -> Result<Look, RedisError> {
    let (kind, _): (u8, redis::Value) = match &answer {
        redis::Value::Array(parts) if parts.len() >= 2 => {
            (redis::from_redis_value(parts[0].clone())?, redis::Value::Nil)
        }
        _ => (u8::MAX, redis::Value::Nil),
    };
    Ok(match kind {
        0 => {
            let (_, from): (u8, Vec<String>) = redis::from_redis_value(answer)?;
            Look::Nothing(from)
        }
        1 => {
            let (_, i, times, entries): (u8, usize, u32, (Entry,)) = redis::from_redis_value(answer)?;
            Look::Handed(i - 1, times, entries.0)
        }
        _ => {
            let (_, i, _, entries): (u8, usize, u8, Vec<Entry>) = redis::from_redis_value(answer)?;
            Look::Seen(i - 1, entries)
        }
    })
}

impl Bus for End {
    fn send(&mut self, topic: &Topic, message: &[u8]) -> Result<(), Unsent> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(Unsent::TooLong(message.len()));
        }
        let until = Instant::now() + duration(self.line.settings().answer_within);
        match self.send_once(until, topic, message) {
            Ok(Ok(())) => {
                self.line.is_well();
                Ok(())
            }
            Ok(Err(waiting)) => Err(Unsent::Full { topic: topic.name().to_owned(), waiting }),
            Err(failed) => Err(Unsent::Away(failed.to_string())),
        }
    }

    fn next(&mut self, wait: Interval) -> Result<Option<Delivery>, Deaf> {
        let until = Instant::now() + duration(wait);
        if !self.inbox.is_empty() {
            self.finish(until)?;
            return Ok(self.inbox.pop_front());
        }
        if self.reads.is_empty() {
            std::thread::sleep(duration(wait));
            return Ok(None);
        }
        loop {
            match self.next_until(until) {
                Err(failed) if failed.is_passing() && Instant::now() < until => {}
                done => return done.map_err(|failed| Deaf(failed.to_string())),
            }
        }
    }
}

impl End {
    /// What was in hand is done with, where the next one is here already.
    fn finish(&mut self, until: Instant) -> Result<(), Deaf> {
        let Some((i, id)) = self.in_hand.clone() else { return Ok(()) };
        let ear = &self.reads[i];
        let done = self.line.run(until, |connection, _| {
            cmd("XACK").arg(&ear.stream).arg(&ear.group).arg(&id).exec(connection)
        });
        done.map_err(|failed| Deaf(failed.to_string()))?;
        self.in_hand = None;
        Ok(())
    }
}
