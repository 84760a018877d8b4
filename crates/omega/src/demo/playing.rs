//! The show as it is played: how fast, what is looked at, and what its keys do.
//!
//! It refuses to decide anything on stage: keys ask, the stage does.

use super::controls::{Asked, SPEED_FIRST, SPEEDS, asked};
use super::picture::{Looks, picture};
use super::stage::Stage;
use crate::error::Failure;
use crate::screen::{self, FRAME, Performance};
use model::Interval;
use model::event::Shock;
use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// A frame that was late does not make the market jump further than this many frames.
const FRAMES_OWED_MAX: f64 = 4.0;

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
    screen::perform(&mut Player::new(stage, playing), stopped)
}

/// The user's side of the show.
struct Player<'a> {
    stage: &'a mut Stage,
    looks: Looks,
    minutes_left: u32,
    owed: f64,
    last: Instant,
    shocks: usize,
    ended: bool,
}

impl Performance for Player<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        screen::draw(frame, &picture(self.stage, &self.looks));
    }

    fn press(&mut self, key: &KeyEvent) {
        let Some(asked) = asked(key, self.shocks) else { return };
        let seats = self.stage.seats().len();
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
            Asked::Shock(shock) => self.shock(shock),
            Asked::Crash => self.stage.crash(),
            Asked::Step if self.looks.paused => self.live(1),
            Asked::Step => {}
            Asked::Help => self.looks.help = !self.looks.help,
            Asked::Quit => self.ended = true,
        }
    }

    /// Lives the minutes that are due.
    fn advance(&mut self) {
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
        self.live(minutes as u32);
    }

    fn is_over(&self) -> bool {
        self.ended || self.minutes_left == 0
    }
}

impl<'a> Player<'a> {
    fn new(stage: &'a mut Stage, playing: &Playing) -> Player<'a> {
        let Playing { seed, days, minutes, colour } = *playing;
        let looks = Looks { focus: None, speed: SPEED_FIRST, paused: false, help: false, colour, seed, days };
        Player {
            stage,
            looks,
            minutes_left: minutes,
            owed: 0.0,
            last: Instant::now(),
            shocks: 0,
            ended: false,
        }
    }

    fn shock(&mut self, shock: Shock) {
        self.shocks += 1;
        self.stage.shake(shock);
    }

    fn live(&mut self, minutes: u32) {
        let minutes = minutes.min(self.minutes_left);
        (0..minutes).for_each(|_| self.stage.minute());
        self.minutes_left -= minutes;
    }
}

/// The minutes of so many days.
pub const fn minutes_of(days: u32) -> u32 {
    days * (Interval::DAY.0 / Interval::MINUTE.0) as u32
}
