//! What a farm that runs takes of its file when somebody says so, by SIGHUP and by nothing else: limits, rules of access, what
//! is told, what is logged, what a stop does. What it cannot take while it runs is named, a line each.
//!
//! It refuses a file with a mistake as a whole: then everything stays as it is, and the log says where the mistake is and how
//! it is mended. It shows no value of what it does not take: it may be where a secret is. And it refuses to go on behind a
//! terminal that was closed: the system says so by the same signal, and nobody sees such a farm any more.

use super::Office;
use super::logs::{self, Teller, Volume};
use crate::configured;
use crate::error::Failure;
use config::{Access, Changes, Config, Environment, Farm, Telemetry};
use runtime::Host;
use signal_hook::consts::SIGHUP;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The file of a farm that runs, and what of it is in force.
pub(super) struct Reload {
    named: Option<PathBuf>,
    environment: Environment,
    is_there: bool,
    in_force: Config,
    asked: Arc<AtomicBool>,
    ends: Arc<AtomicBool>,
    /// Whether it began before somebody's eyes.
    had_terminal: bool,
    volume: Volume,
}

/// Who takes what was changed.
pub(super) struct Takers<'a> {
    pub(super) host: &'a Host,
    pub(super) teller: &'a Teller,
    pub(super) office: Option<&'a Office>,
}

/// What is in force once this was read: of what only a restart takes, what was.
fn merged(in_force: &Config, read: &Config) -> Config {
    Config {
        farm: Farm { stop: read.farm.stop, ..in_force.farm.clone() },
        risk: read.risk.clone(),
        access: Access { encryption_key: in_force.access.encryption_key.clone(), ..read.access.clone() },
        telemetry: Telemetry { log: read.telemetry.log, ..in_force.telemetry.clone() },
        notify: read.notify.clone(),
        drift: read.drift.clone(),
        ..in_force.clone()
    }
}

impl Reload {
    /// From now on a SIGHUP is heard; before, it ends the process.
    pub(super) fn begin(
        (named, is_there): (Option<PathBuf>, bool),
        environment: Environment,
        in_force: Config,
        ends: &Arc<AtomicBool>,
        volume: Volume,
    ) -> Result<Reload, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGHUP, Arc::clone(&asked))
            .map_err(|error| Failure::input(error.to_string(), "let this user receive signals"))?;
        let (ends, had_terminal) = (Arc::clone(ends), std::io::stderr().is_terminal());
        Ok(Reload { named, environment, is_there, in_force, asked, ends, had_terminal, volume })
    }

    /// What is in force.
    pub(super) fn config(&self) -> &Config {
        &self.in_force
    }

    /// Its file, where one was named.
    pub(super) fn file(&self) -> Option<&std::path::Path> {
        self.named.as_deref()
    }

    /// Reads the file again where somebody asked for it.
    pub(super) fn tend(&mut self, takers: &Takers<'_>) {
        if !self.asked.swap(false, Ordering::AcqRel) {
            return;
        }
        if self.had_terminal && !std::io::stderr().is_terminal() {
            self.ends.store(true, Ordering::Release);
            return;
        }
        match self.read() {
            Ok(read) => self.take(&read, takers),
            Err(mistakes) => {
                mistakes.iter().for_each(|mistake| tracing::error!("{mistake}"));
                tracing::error!("the configuration is not taken: everything stays as it was");
            }
        }
    }

    /// The file as it is now, or every mistake in it.
    fn read(&self) -> Result<Config, Vec<String>> {
        let written = configured::written(self.named.as_deref())
            .map_err(|failure| vec![format!("{failure}; {}", failure.hint())])?;
        let file = written.file.display();
        if self.is_there && !written.is_there {
            return Err(vec![format!("{file} is gone; put it back, and say it again")]);
        }
        configured::read(&written, &self.environment)
            .map_err(|faults| faults.iter().map(|fault| format!("{file}: {fault}")).collect())
    }

    fn take(&mut self, read: &Config, takers: &Takers<'_>) {
        let Changes { live, restart } = self.in_force.changes(read);
        self.in_force = merged(&self.in_force, read);
        let touches = |section: &str| live.iter().any(|change| change.path.starts_with(section));
        if touches("risk.") {
            takers.host.set_rules(self.in_force.risk.rules());
        }
        if touches("access.") {
            takers.office.into_iter().for_each(|office| office.set_rules(&self.in_force));
        }
        if touches("notify.") {
            takers.teller.set_manners(logs::manners(&self.in_force.notify));
        }
        if touches("telemetry.") {
            self.volume.set(self.in_force.telemetry.log);
        }
        for change in &live {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            tracing::info!("{} is {} now, and was {}", change.path, shown(&change.to), shown(&change.from));
        }
        for change in &restart {
            tracing::warn!("{} is another in the file: it is taken by a restart", change.path);
        }
        let (taken, waits) = (live.len(), restart.len());
        tracing::info!("the configuration was read again: {taken} changes taken, {waits} wait for a restart");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::{Reload as Way, specs};

    fn read(text: &str) -> Config {
        Config::read(text, &Environment::new()).expect("sound")
    }

    /// Other values for everything that can be taken while a farm runs, and for some that cannot.
    const OTHER: &str = r#"
[farm]
stop = "close"
seed = 99
[risk]
daily_loss_max_bps = 1
drawdown_max_bps = 2
exposure_max_bps = 3
entries_per_minute_max = 4
approval_from_bps = 5
approval_expiry_s = 6
cool_down_stops = 7
cool_down_within_minutes = 8
cool_down_lasts_minutes = 9
vigilance = false
unusual_orders_over_p99 = 10
unusual_fill_from_mark_bps = 11
unusual_rejections_per_minute = 12
unexplained_max_usdt = 13
[access]
two_person_from_usdt = 14
confirm_expiry_s = 15
lock_out_attempts = 16
lock_out_s = 17
totp_required_roles = []
encryption_key = "secret:other"
[drift]
signals_max_bps = 1
trades_max_bps = 2
fill_gap_mean_max_bps = 3
fill_gap_p95_max_bps = 4
fill_gap_worst_max_bps = 6
fees_max_bps = 7
funding_max_bps = 8
result_max_bps = 9
[telemetry]
log = "debug"
log_format = "json"
"#;

    #[test]
    fn whatever_is_said_to_be_taken_is_taken_and_nothing_else() {
        let mut text = OTHER.to_owned();
        for spec in specs().iter().find(|spec| spec.path == "notify").expect("a section").tables.iter() {
            text.push_str(&format!("[{}]\nlevel = \"off\"\nmin_interval_s = 77\n", spec.path));
        }
        let (old, new) = (read(""), read(&text));
        let before = old.changes(&new);
        let live = |spec: &config::Spec| spec.keys.iter().filter(|key| key.reload == Way::Live).count();
        let every: usize =
            specs().iter().map(|spec| live(spec) + spec.tables.iter().map(live).sum::<usize>()).sum();
        assert_eq!(before.live.len(), every, "this test changes every key that is taken");
        assert_eq!(before.restart.len(), 3, "{:?}", before.restart);
        let taken = merged(&old, &new);
        let left = taken.changes(&new);
        assert_eq!((left.live.len(), &left.restart), (0, &before.restart));
    }
}
