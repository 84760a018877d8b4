//! Keys of who watches a farm, and what they ask for.
//!
//! The footer and the help are made from the same list, so that no key is a secret. It refuses a key that does something at
//! once: what a command would do is shown first.

use crate::screen::Key;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Look at the next bot, or at all of them again.
    FocusNext,
    /// Look at the one before.
    FocusBack,
    /// Look at this one.
    Focus(usize),
    /// Look at all.
    FocusNone,
    /// A command of the catalogue, for whoever is looked at.
    Command(&'static str),
    /// Explain the keys, or stop explaining.
    Help,
    /// The way out.
    Quit,
}

/// The keys, as they are shown.
pub const KEYS: &[Key] = &[
    ("↑ ↓", "look", "look at one bot: its reasons, mood, orders and levels; esc for all"),
    ("p", "pause", "it opens nothing more and manages what it holds"),
    ("r", "resume", "it trades again"),
    ("c", "close", "it leaves what it holds, at market"),
    ("k", "PANIC", "the kill switch of the whole farm: everything is left, nothing is opened"),
    ("?", "help", "this list; what a command does is shown before it is done"),
    ("q", "quit", "stop watching (Ctrl-C too); the farm goes on"),
];

/// What a key asks for; nothing for most keys.
pub fn asked(key: &KeyEvent) -> Option<Asked> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c' | 'd' | 'C' | 'D')).then_some(Asked::Quit);
    }
    Some(match key.code {
        KeyCode::Tab | KeyCode::Down | KeyCode::Right | KeyCode::Char('j') => Asked::FocusNext,
        KeyCode::BackTab | KeyCode::Up | KeyCode::Left => Asked::FocusBack,
        KeyCode::Char(digit @ '1'..='9') => Asked::Focus(digit as usize - '1' as usize),
        KeyCode::Esc | KeyCode::Char('0') => Asked::FocusNone,
        KeyCode::Char('p' | 'P') => Asked::Command("pause"),
        KeyCode::Char('r' | 'R') => Asked::Command("resume"),
        KeyCode::Char('c' | 'C') => Asked::Command("close"),
        KeyCode::Char('k' | 'K') => Asked::Command("panic"),
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
                    "↑" => KeyCode::Up,
                    "↓" => KeyCode::Down,
                    one => KeyCode::Char(one.chars().next().expect("a key has a name")),
                };
                assert!(asked(&KeyEvent::new(code, KeyModifiers::NONE)).is_some(), "{key}");
            }
        }
        let control = |c| asked(&KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
        assert_eq!((control('c'), control('k')), (Some(Asked::Quit), None));
    }

    #[test]
    fn a_command_that_has_a_key_is_in_the_catalogue() {
        for word in ["pause", "resume", "close", "panic"] {
            assert!(control::catalogue::find(word).is_ok(), "{word}");
        }
    }
}
