//! Logs: what happens, a line each, for people or for programs.
//!
//! It refuses colour and secrets: what is logged are words of the farm and errors that name no value. How often people are told
//! something is as they want it, and never less than they need (`control::noise`).

use config::{Config, Level, LogFormat, LogLevel, Notify};
use control::message::{NoticeKind, NoticeSaid, Tier};
use control::noise::{Loudness, Manner, Manners, Noise, Verdict};
use control::{Message, Reader, Subscription, Topic};
use edge::exchange::Clock;
use model::Interval;
use runtime::host::Wiring;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::Handle;
use tracing_subscriber::util::SubscriberInitExt;

const READ: Interval = Interval(200);

/// How much is logged, to be changed while it is.
pub(super) struct Volume(Option<Handle<LevelFilter, Registry>>);

impl Volume {
    /// From now on so much.
    pub(super) fn set(&self, level: LogLevel) {
        if let Some(handle) = &self.0 {
            // Who logs nowhere has nothing to change.
            let _is_gone = handle.modify(|filter| *filter = filter_of(level));
        }
    }
}

const fn filter_of(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Begins to log to stderr.
pub(super) fn begin(config: &Config) -> Volume {
    let (filter, handle) = tracing_subscriber::reload::Layer::new(filter_of(config.telemetry.log));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let filtered = tracing_subscriber::registry().with(filter);
    let begun = match config.telemetry.log_format {
        LogFormat::Text => filtered.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => filtered.with(lines.json().flatten_event(true)).try_init(),
    };
    // A second farm in one process (a test) logs where the first does.
    Volume(begun.is_ok().then_some(handle))
}

/// How people want to be told, as it is configured.
pub(super) fn manners(notify: &Notify) -> Manners {
    Manners::of(|kind| {
        let event = match kind {
            NoticeKind::TradeEntry => &notify.trade_entry,
            NoticeKind::TradeExit => &notify.trade_exit,
            NoticeKind::RiskAlert => &notify.risk_alert,
            NoticeKind::MarketShift => &notify.market_shift,
            NoticeKind::CosmicEvent => &notify.cosmic_event,
            NoticeKind::PerformanceSummary => &notify.performance_summary,
            NoticeKind::ErrorAlert => &notify.error_alert,
            NoticeKind::LiquidationWarning => &notify.liquidation_warning,
            NoticeKind::SessionStatus => &notify.session_status,
        };
        let loudness = match event.level {
            Level::On => Loudness::Aloud,
            Level::Silent => Loudness::Silently,
            Level::Off => Loudness::Off,
        };
        Manner { loudness, least: Interval(i64::from(event.min_interval_s) * Interval::SECOND.0) }
    })
}

/// Writes what the farm tells people into the log.
pub(super) struct Teller {
    thread: JoinHandle<()>,
    is_over: Arc<AtomicBool>,
    noise: Arc<Mutex<Noise>>,
}

impl Teller {
    pub(super) fn begin(wiring: &Wiring, manners: Manners) -> Teller {
        let is_over = Arc::new(AtomicBool::new(false));
        let noise = Arc::new(Mutex::new(Noise::new(manners)));
        let mut end = wiring.open(&[Subscription { topic: Topic::events(), reader: Reader::Everyone }]);
        let (over, hears) = (Arc::clone(&is_over), Arc::clone(&noise));
        let thread = thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                let delivery = end.next(READ).ok().flatten();
                let mut noise = hears.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(Ok(Message::Notice(notice))) = delivery.map(|one| Message::decode(&one.message)) {
                    let verdict = noise.hear(&notice, Clock::wall());
                    tell(&notice, verdict);
                }
                noise.due(Clock::wall()).into_iter().for_each(|due| tell(&due.notice, due.verdict));
            }
            let mut noise = hears.lock().unwrap_or_else(PoisonError::into_inner);
            noise.rest(Clock::wall()).into_iter().for_each(|left| tell(&left.notice, left.verdict));
        });
        Teller { thread, is_over, noise }
    }

    /// People want to be told otherwise from now on.
    pub(super) fn set_manners(&self, manners: Manners) {
        self.noise.lock().unwrap_or_else(PoisonError::into_inner).set_manners(manners);
    }

    pub(super) fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the thread that tells notices is broken");
        }
    }
}

/// A log has no sound: what is silent is written like what is not.
fn tell(notice: &NoticeSaid, verdict: Verdict) {
    let (Verdict::Aloud(telling) | Verdict::Silently(telling)) = verdict else { return };
    let NoticeSaid { shard, bot, at, kind, tier, .. } = notice;
    let (who, at, text) = (bot.as_deref().unwrap_or("farm"), model::Time(*at), telling.text);
    match tier {
        Tier::Critical => tracing::error!(shard, who, %at, ?kind, "{text}"),
        Tier::Warning => tracing::warn!(shard, who, %at, ?kind, "{text}"),
        Tier::Informational => tracing::info!(shard, who, %at, ?kind, "{text}"),
    }
}
