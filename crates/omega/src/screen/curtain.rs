//! A performance on the terminal it was started from: drawn, listened to, and the terminal left as it was found.
//!
//! It refuses to be the last word: whatever ends it (a key, a signal, a terminal that went away), it returns, so that
//! what comes after it is done.

use crate::error::Failure;
use ratatui::crossterm::event::{self, Event, KeyEvent};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, enable_raw_mode};
use ratatui::{DefaultTerminal, Frame};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Between two frames: 20 a second are enough for eyes and little for a slow line.
pub const FRAME: Duration = Duration::from_millis(50);

/// What is performed.
pub trait Performance {
    /// Draws one frame.
    fn draw(&self, frame: &mut Frame<'_>);
    /// A key was pressed.
    fn press(&mut self, key: &KeyEvent);
    /// A frame's time went by.
    fn advance(&mut self);
    /// Whether it is over by itself.
    fn is_over(&self) -> bool;
}

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

/// Performs until it is over or somebody ends it.
pub fn perform(performance: &mut impl Performance, stopped: &AtomicBool) -> Result<(), Failure> {
    let rests = Rests::listen()?;
    let mut terminal = ratatui::try_init().map_err(Failure::Output)?;
    let keys = keys();
    while !performance.is_over() && !stopped.load(Ordering::Relaxed) {
        if rests.asked() && rests.rest(&mut terminal).is_err() {
            break;
        }
        // A terminal that went away is the end of the show, not a failure of it.
        if terminal.draw(|frame| performance.draw(frame)).is_err() {
            break;
        }
        listen(&keys, performance);
        performance.advance();
    }
    // Where the terminal went away there is nothing to put back and nobody to tell: dropped, it would try to, and die of it.
    let _ = ratatui::try_restore();
    rests.over.store(true, Ordering::Relaxed);
    if terminal.show_cursor().is_err() {
        std::mem::forget(terminal);
    }
    Ok(())
}

/// Hears keys until the next frame is due.
fn listen(keys: &Receiver<KeyEvent>, performance: &mut impl Performance) {
    let due = Instant::now() + FRAME;
    while !performance.is_over() {
        match keys.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(key) => performance.press(&key),
            Err(RecvTimeoutError::Timeout) => return,
            // Nobody can press a key any more: it goes on until it is over or a signal comes.
            Err(RecvTimeoutError::Disconnected) => {
                return std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        }
    }
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
