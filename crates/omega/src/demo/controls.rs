//! Keys of the show and what they ask for.
//!
//! The footer and the help are made from the same list, so that no key is a secret.

use crate::screen::Key;
use model::event::Shock;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Market minutes a second, from a stroll to a rush.
pub const SPEEDS: [u32; 7] = [5, 30, 120, 240, 720, 2_880, 11_520];
/// Where it begins: four hours a second.
pub const SPEED_FIRST: usize = 3;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Stand still, or go on.
    Pause,
    /// The next speed.
    Faster,
    /// The one before.
    Slower,
    /// Look at the next bot, or at all of them again.
    FocusNext,
    /// Look at the one before.
    FocusBack,
    /// Look at this seat.
    Focus(usize),
    /// Look at all.
    FocusNone,
    /// News.
    Shock(Shock),
    /// A crash.
    Crash,
    /// Explain the keys, or stop explaining.
    Help,
    /// One minute, standing still.
    Step,
    /// The curtain.
    Quit,
}

/// The keys, as they are shown: long and short.
pub const KEYS: &[Key] = &[
    ("space", "pause", "stand still, or go on"),
    ("+ -", "speed", "faster, slower"),
    ("tab 1-6", "look", "look at one bot: its reasons, mood and levels; esc for all"),
    ("s", "shock", "news shake everybody: each press another kind"),
    ("c", "crash", "the market crashes"),
    ("?", "help", "this list"),
    (".", "step", "one minute, while standing still"),
    ("q", "report", "end the show (Ctrl-C too) and write the report"),
];

/// What a key asks for; nothing for most keys.
pub fn asked(key: &KeyEvent, shocks: usize) -> Option<Asked> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c' | 'd' | 'C' | 'D')).then_some(Asked::Quit);
    }
    Some(match key.code {
        KeyCode::Char(' ' | 'p') => Asked::Pause,
        KeyCode::Char('+' | '=') | KeyCode::Right => Asked::Faster,
        KeyCode::Char('-' | '_') | KeyCode::Left => Asked::Slower,
        KeyCode::Tab | KeyCode::Down => Asked::FocusNext,
        KeyCode::BackTab | KeyCode::Up => Asked::FocusBack,
        KeyCode::Char(digit @ '1'..='9') => Asked::Focus(digit as usize - '1' as usize),
        KeyCode::Esc | KeyCode::Char('0') => Asked::FocusNone,
        KeyCode::Char('s' | 'S') => Asked::Shock(Shock::ALL[shocks % Shock::ALL.len()]),
        KeyCode::Char('c' | 'C') => Asked::Crash,
        KeyCode::Char('.') => Asked::Step,
        KeyCode::Char('?' | 'h') => Asked::Help,
        KeyCode::Char('q' | 'Q') => Asked::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_is_shown_asks_for_something() {
        for (keys, ..) in KEYS {
            for key in keys.split(' ') {
                let code = match key {
                    "space" => KeyCode::Char(' '),
                    "tab" => KeyCode::Tab,
                    "1-6" => KeyCode::Char('3'),
                    one => KeyCode::Char(one.chars().next().expect("a key has a name")),
                };
                assert!(asked(&KeyEvent::new(code, KeyModifiers::NONE), 0).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn the_way_out_is_the_usual_one() {
        let control = |c| asked(&KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL), 0);
        assert_eq!((control('c'), control('x')), (Some(Asked::Quit), None));
        let shock = |n| asked(&KeyEvent::new(KeyCode::Char('s'), KeyModifiers::NONE), n);
        assert_ne!(shock(0), shock(1));
        assert_eq!(shock(0), shock(Shock::ALL.len()));
    }
}
