//! Logs: what happens, a line each, for people or for programs.
//!
//! It refuses colour and secrets: what is logged are words of the farm and errors that name no value.

use config::{Config, LogFormat, LogLevel};
use control::message::{NoticeSaid, Tier};
use control::{Message, Reader, Subscription, Topic};
use model::Interval;
use runtime::host::Wiring;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use tracing::Level;

const READ: Interval = Interval(200);
/// Keys of what was told lately: a notice that comes twice is told once.
const KEYS_MAX: usize = 4_096;

/// Begins to log to stderr.
pub(super) fn begin(config: &Config) {
    let level = match config.telemetry.log {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let builder =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    let begun = match config.telemetry.log_format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // A second farm in one process (a test) logs where the first does.
    drop(begun);
}

/// Writes what the farm tells people into the log.
pub(super) struct Teller {
    thread: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
}

impl Teller {
    pub(super) fn begin(wiring: &Wiring) -> Teller {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut end = wiring.open(&[Subscription { topic: Topic::events(), reader: Reader::Everyone }]);
        let over = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            let mut keys: VecDeque<String> = VecDeque::new();
            while !over.load(Ordering::Acquire) {
                let Ok(Some(delivery)) = end.next(READ) else { continue };
                let Ok(Message::Notice(notice)) = Message::decode(&delivery.message) else { continue };
                if keys.contains(&notice.key) {
                    continue;
                }
                tell(&notice);
                keys.push_back(notice.key);
                if keys.len() > KEYS_MAX {
                    keys.pop_front();
                }
            }
        });
        Teller { thread, is_over }
    }

    pub(super) fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the thread that tells notices is broken");
        }
    }
}

fn tell(notice: &NoticeSaid) {
    let NoticeSaid { shard, bot, at, kind, tier, text, .. } = notice;
    let (who, at) = (bot.as_deref().unwrap_or("farm"), model::Time(*at));
    match tier {
        Tier::Critical => tracing::error!(shard, who, %at, ?kind, "{text}"),
        Tier::Warning => tracing::warn!(shard, who, %at, ?kind, "{text}"),
        Tier::Informational => tracing::info!(shard, who, %at, ?kind, "{text}"),
    }
}
