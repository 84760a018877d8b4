//! What was said, in one line each: who did what, and why.
//!
//! It refuses to keep everything: the last few hundred lines are what a screen can go back to.

use model::Time;
use std::collections::VecDeque;

/// The most lines that are kept.
const LINES_MAX: usize = 400;

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A position was opened.
    Entry,
    /// A round trip with a gain.
    Gain,
    /// A round trip with a loss.
    Loss,
    /// A change of mood.
    Feeling,
    /// The gate or the venue said no.
    Refusal,
    /// Of the whole farm.
    News,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Whose, by index; nobody's is everybody's.
    pub who: Option<usize>,
    /// How it is meant.
    pub kind: Kind,
    /// What was said.
    pub text: String,
}

/// The lines, newest last.
#[derive(Clone, Debug, Default)]
pub struct Diary {
    lines: VecDeque<Line>,
}

impl Diary {
    /// Another line. A refusal that only repeats the last thing that was said of somebody is not told again.
    pub fn note(&mut self, line: Line) {
        let repeats = |last: &Line| last.text == line.text;
        if line.kind == Kind::Refusal && self.newest().find(|last| last.who == line.who).is_some_and(repeats)
        {
            return;
        }
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diary_forgets_its_oldest_lines_first() {
        let mut diary = Diary::default();
        for i in 0..LINES_MAX as i64 + 5 {
            diary.note(Line { at: Time(i), who: None, kind: Kind::News, text: String::new() });
        }
        assert_eq!(diary.newest().count(), LINES_MAX);
        assert_eq!(diary.newest().next().map(|line| line.at), Some(Time(LINES_MAX as i64 + 4)));
        assert_eq!(diary.newest().last().map(|line| line.at), Some(Time(5)));
        let refused =
            |who, at| Line { at: Time(at), who: Some(who), kind: Kind::Refusal, text: "no".to_owned() };
        [refused(0, 1_000), refused(1, 1_001), refused(0, 1_002)]
            .into_iter()
            .for_each(|line| diary.note(line));
        assert_eq!(diary.newest().next().map(|line| line.at), Some(Time(1_001)));
    }
}
