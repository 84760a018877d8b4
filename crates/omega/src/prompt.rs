//! A secret typed at the terminal, without being shown.
//!
//! It refuses to ask where nobody sits: then it answers with nothing.

use crate::error::Failure;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use secrets::{SECRET_BYTES_MAX, SecretText};
use std::io::{self, IsTerminal, Write};

/// The terminal, put back whatever happens.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that went away needs no putting back.
        let _ = disable_raw_mode();
        let _ = writeln!(io::stderr());
    }
}

/// Asks for a secret; `None` where nobody sits at a terminal, or where he gives up.
pub fn ask(what: &str) -> Result<Option<SecretText>, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut out = io::stderr();
    write!(out, "{what}: ").and_then(|()| out.flush()).map_err(Failure::Output)?;
    enable_raw_mode().map_err(Failure::Output)?;
    let _raw = Raw;
    // Room for all of it at once: a text that grows leaves copies behind.
    let mut typed = String::with_capacity(SECRET_BYTES_MAX + 4);
    loop {
        let Event::Key(key) = event::read().map_err(Failure::Output)? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(Some(SecretText::new(typed))),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if control => return Ok(None),
            KeyCode::Char('u') if control => typed.clear(),
            KeyCode::Char('j' | 'm') if control => return Ok(Some(SecretText::new(typed))),
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Char(letter) if !control && typed.len() < SECRET_BYTES_MAX => typed.push(letter),
            _ => {}
        }
    }
}

/// Asks twice, so that a slip of the finger is noticed.
pub fn ask_twice(what: &str) -> Result<Option<SecretText>, Failure> {
    let Some(first) = ask(what)? else { return Ok(None) };
    let Some(second) = ask(&format!("{what}, once more"))? else { return Ok(None) };
    if first.expose() != second.expose() {
        return Err(Failure::input("the two are not the same", "start again, and type slowly"));
    }
    Ok(Some(first))
}
