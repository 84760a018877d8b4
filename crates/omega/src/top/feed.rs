//! What feeds the picture: a thread that hears the stream and one that asks, each until nobody listens any more.
//!
//! It refuses to give up: a stream that breaks is asked for again, each time later up to a limit, and while it is mute
//! somebody asks instead.

use super::farm::Farm;
use crate::error::Failure;
use crate::line::{Event, Line};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What waits to be drawn: who hears so much is held back until it was.
const HEARD_MAX: usize = 1_024;
/// A broken stream is asked for again after this long, and at most after that long.
const AGAIN: Duration = Duration::from_millis(500);
const AGAIN_MAX: Duration = Duration::from_secs(8);
/// How often it is looked whether somebody has to ask, and how often whether the gateway is ready.
const LOOK: Duration = Duration::from_secs(1);
const READY_EACH: u32 = 5;
/// Views come once a second: a stream that was mute for longer says nothing.
const MUTE: Duration = Duration::from_millis(3_500);

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// Something of the stream.
    Event(Event),
    /// How everything is: somebody had to ask.
    Views(Value),
    /// What is wrong, if anything.
    Ready(Value),
    /// The gateway did not answer.
    Away,
}

/// Both threads. Dropped, they end at their next word.
#[derive(Debug)]
pub struct Feed {
    heard: Receiver<Heard>,
    is_over: Arc<AtomicBool>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

impl Feed {
    /// Begins to listen.
    pub fn begin(line: &Line) -> Feed {
        let (sender, heard) = sync_channel(HEARD_MAX);
        let is_over = Arc::new(AtomicBool::new(false));
        let pulse = Pulse { begun: Instant::now(), last_ms: Arc::default(), is_over: Arc::clone(&is_over) };
        let (line_of_stream, sender_of_stream, pulse_of_stream) =
            (line.clone(), sender.clone(), pulse.clone());
        std::thread::spawn(move || listen(&line_of_stream, &sender_of_stream, &pulse_of_stream));
        let line = line.clone();
        std::thread::spawn(move || ask(&line, &sender, &pulse));
        Feed { heard, is_over }
    }

    /// What came since.
    pub fn heard(&self) -> impl Iterator<Item = Heard> + '_ {
        self.heard.try_iter()
    }
}

/// When the stream was heard last.
#[derive(Clone, Debug)]
struct Pulse {
    begun: Instant,
    last_ms: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Pulse {
    fn beat(&self) {
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(since, Ordering::Relaxed);
    }

    fn is_mute(&self) -> bool {
        self.begun.elapsed() > Duration::from_millis(self.last_ms.load(Ordering::Relaxed)) + MUTE
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

fn listen(line: &Line, sender: &SyncSender<Heard>, pulse: &Pulse) {
    let (mut last, mut again) = (None, AGAIN);
    while !pulse.is_over() {
        // Why it ended matters to nobody: it is asked for again, and whoever asks meanwhile says if nobody is there.
        let _why = line.events(last, &mut |event| {
            again = AGAIN;
            last = Some(event.id).filter(|id| *id > 0).or(last);
            if event.name.is_empty() {
                return !pulse.is_over();
            }
            pulse.beat();
            !pulse.is_over() && sender.send(Heard::Event(event)).is_ok()
        });
        std::thread::sleep(again);
        again = (again * 2).min(AGAIN_MAX);
    }
}

fn ask(line: &Line, sender: &SyncSender<Heard>, pulse: &Pulse) {
    let mut looks = 0_u32;
    while !pulse.is_over() {
        std::thread::sleep(LOOK);
        let is_time = looks.is_multiple_of(READY_EACH);
        looks = looks.wrapping_add(1);
        if pulse.is_mute() {
            let heard = line.get("/api/v1/views").map_or(Heard::Away, |(status, answer)| {
                if status == 200 { Heard::Views(answer) } else { Heard::Away }
            });
            if sender.send(heard).is_err() {
                return;
            }
        }
        if (is_time || pulse.is_mute())
            && let Ok((_, answer)) = line.get("/ready")
            && sender.send(Heard::Ready(answer)).is_err()
        {
            return;
        }
    }
}

/// How everything is, and what was before somebody looked.
pub fn first_look(line: &Line, farm: &mut Farm, now: model::Time) -> Result<Value, Failure> {
    let (status, views) = line.get("/api/v1/views")?;
    if status != 200 {
        return Err(crate::line::refused(&views));
    }
    let (_, ready) = line.get("/ready")?;
    farm.hear_views(&views, now);
    farm.hear_ready(&ready);
    // Without a history there is nothing to remember.
    for rows in ["equity?count=1000", "trades?count=40"] {
        if let Ok((200, rows)) = line.get(&format!("/api/v1/history/{rows}")) {
            farm.hear_rows(&rows);
        }
    }
    farm.sample();
    Ok(serde_json::json!({ "shards": views["shards"], "ready": ready }))
}
