//! The show on the terminal it was started from: draws, listens, and leaves the terminal as it found it.
//!
//! It refuses to be the last word: whatever ends it (a key, a signal, a terminal that went away), it returns, so that
//! the report is written.

use super::controls::{Asked, SPEED_FIRST, SPEEDS, asked};
use super::stage::Stage;
use super::view::{Looks, draw};
use crate::error::Failure;
use model::Interval;
use model::event::Shock;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEvent};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, enable_raw_mode};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Between two frames: 20 a second are enough for eyes and little for a slow line.
const FRAME: Duration = Duration::from_millis(50);
/// A frame that was late does not make the market jump further than this many frames.
const FRAMES_OWED_MAX: f64 = 4.0;

/// Set by Ctrl-C, TERM or HUP. A second TERM ends the process at once. A second Ctrl-C does not: whoever is impatient
/// while the report is written would lose it and find half of a file; Ctrl-\ is there for those who mean it. A terminal
/// that hangs up may say so twice, and the report is still written.
pub fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let stopped = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register_conditional_shutdown(SIGTERM, 128 + SIGTERM, Arc::clone(&stopped))
        .map_err(Failure::Output)?;
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped)).map_err(Failure::Output)?;
    }
    Ok(stopped)
}

/// How it is played.
#[derive(Clone, Copy, Debug)]
pub struct Playing {
    /// Seed of the market.
    pub seed: u64,
    /// Its last day.
    pub days: u32,
    /// Minutes left to play.
    pub minutes: u32,
    /// Whether colour is wanted.
    pub colour: bool,
}

/// Plays until somebody ends it or the last minute is over.
pub fn play(stage: &mut Stage, playing: &Playing, stopped: &AtomicBool) -> Result<(), Failure> {
    let rests = Rests::listen()?;
    let mut terminal = ratatui::try_init().map_err(Failure::Output)?;
    let keys = keys();
    let mut player = Player::new(playing);
    while player.minutes_left > 0 && !player.ended && !stopped.load(Ordering::Relaxed) {
        if rests.asked() && rests.rest(&mut terminal).is_err() {
            break;
        }
        // A terminal that went away is the end of the show, not a failure of it.
        if terminal.draw(|frame| draw(frame, stage, &player.looks)).is_err() {
            break;
        }
        player.listen(&keys, stage);
        player.advance(stage);
    }
    // Where the terminal went away there is nothing to put back and nobody to tell: dropped, it would try to, and die of it.
    let _ = ratatui::try_restore();
    rests.over.store(true, Ordering::Relaxed);
    if terminal.show_cursor().is_err() {
        std::mem::forget(terminal);
    }
    Ok(())
}

/// SIGTSTP: while the show is on, the screen is left before the process stops and drawn anew when it goes on; once the
/// show is over, the process stops as any other does.
struct Rests {
    asked: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Rests {
    fn listen() -> Result<Rests, Failure> {
        use signal_hook::{consts::SIGTSTP, flag};
        let rests = Rests { asked: Arc::default(), over: Arc::default() };
        flag::register_conditional_default(SIGTSTP, Arc::clone(&rests.over)).map_err(Failure::Output)?;
        flag::register(SIGTSTP, Arc::clone(&rests.asked)).map_err(Failure::Output)?;
        Ok(rests)
    }

    fn asked(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// Returns when somebody says SIGCONT.
    fn rest(&self, terminal: &mut DefaultTerminal) -> io::Result<()> {
        ratatui::try_restore()?;
        terminal.show_cursor()?;
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen)?;
        terminal.clear()
    }
}

/// Keys as they come. They are read by a thread of their own: a terminal that hangs up keeps whoever reads from it busy
/// for ever, and the show must still end. The thread ends with the process.
fn keys() -> Receiver<KeyEvent> {
    let (sender, keys) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if let Event::Key(key) = event
                && sender.send(key).is_err()
            {
                return;
            }
        }
    });
    keys
}

/// The user's side of the show.
struct Player {
    looks: Looks,
    minutes_left: u32,
    owed: f64,
    last: Instant,
    shocks: usize,
    ended: bool,
}

impl Player {
    fn new(playing: &Playing) -> Player {
        let Playing { seed, days, minutes, colour } = *playing;
        let looks = Looks { focus: None, speed: SPEED_FIRST, paused: false, help: false, colour, seed, days };
        Player { looks, minutes_left: minutes, owed: 0.0, last: Instant::now(), shocks: 0, ended: false }
    }

    /// Hears keys until the next frame is due.
    fn listen(&mut self, keys: &Receiver<KeyEvent>, stage: &mut Stage) {
        let due = Instant::now() + FRAME;
        while !self.ended {
            match keys.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(key) => self.press(&key, stage),
                Err(RecvTimeoutError::Timeout) => return,
                // Nobody can press a key any more: the show goes on until its last day or a signal.
                Err(RecvTimeoutError::Disconnected) => {
                    return std::thread::sleep(due.saturating_duration_since(Instant::now()));
                }
            }
        }
    }

    fn press(&mut self, key: &KeyEvent, stage: &mut Stage) {
        let Some(asked) = asked(key, self.shocks) else { return };
        let seats = stage.seats().len();
        match asked {
            Asked::Pause => self.looks.paused = !self.looks.paused,
            Asked::Faster => self.looks.speed = (self.looks.speed + 1).min(SPEEDS.len() - 1),
            Asked::Slower => self.looks.speed = self.looks.speed.saturating_sub(1),
            Asked::FocusNext => {
                let next = self.looks.focus.map_or(0, |seat| seat + 1);
                self.looks.focus = Some(next).filter(|next| *next < seats);
            }
            Asked::FocusBack => {
                self.looks.focus =
                    self.looks.focus.map_or(Some(seats), Some).and_then(|seat| seat.checked_sub(1));
            }
            Asked::Focus(seat) => self.looks.focus = Some(seat).filter(|seat| *seat < seats),
            Asked::FocusNone if self.looks.help => self.looks.help = false,
            Asked::FocusNone => self.looks.focus = None,
            Asked::Shock(shock) => self.shock(shock, stage),
            Asked::Crash => stage.crash(),
            Asked::Step if self.looks.paused => self.live(1, stage),
            Asked::Step => {}
            Asked::Help => self.looks.help = !self.looks.help,
            Asked::Quit => self.ended = true,
        }
    }

    fn shock(&mut self, shock: Shock, stage: &mut Stage) {
        self.shocks += 1;
        stage.shake(shock);
    }

    /// Lives the minutes that are due.
    fn advance(&mut self, stage: &mut Stage) {
        let now = Instant::now();
        let passed = (now - std::mem::replace(&mut self.last, now)).as_secs_f64();
        if self.looks.paused || self.looks.help {
            self.owed = 0.0;
            return;
        }
        let passed = passed.min(FRAMES_OWED_MAX * FRAME.as_secs_f64());
        self.owed += passed * f64::from(SPEEDS[self.looks.speed]);
        let minutes = self.owed.floor();
        self.owed -= minutes;
        self.live(minutes as u32, stage);
    }

    fn live(&mut self, minutes: u32, stage: &mut Stage) {
        let minutes = minutes.min(self.minutes_left);
        (0..minutes).for_each(|_| stage.minute());
        self.minutes_left -= minutes;
    }
}

/// The minutes of so many days.
pub const fn minutes_of(days: u32) -> u32 {
    days * (Interval::DAY.0 / Interval::MINUTE.0) as u32
}
