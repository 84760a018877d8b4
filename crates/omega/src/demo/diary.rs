//! What was said, in one line each: who did what, and why.
//!
//! It refuses to keep everything: the last few hundred lines are what a screen can go back to.

use crate::figures;
use farm::{News, Notice};
use model::event::Shock;
use model::{Side, Time};
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

/// What a bot said, if it is worth a line.
pub fn of_notice(notice: &Notice) -> Option<(Kind, String)> {
    match *notice {
        Notice::Closed(trade) => {
            let (net, position) = (trade.net(), trade.position);
            let kind = if net.0 > 0 { Kind::Gain } else { Kind::Loss };
            let side = if position.side == Side::Buy { "long" } else { "short" };
            let held = figures::duration((trade.exited_at - position.entered_at).0 as f64 / 1_000.0);
            let why = trade.reason.name().replace('_', " ");
            let plus = if net.0 > 0 { "+" } else { "" };
            Some((
                kind,
                format!("leaves its {side} after {held} by {why}: {plus}{} USDT", figures::money(net)),
            ))
        }
        Notice::Felt(_, label) => Some((Kind::Feeling, format!("feels {}", label.name()))),
        Notice::Refused(refusal) => {
            Some((Kind::Refusal, format!("risk says no: {}", refusal.name().replace('_', " "))))
        }
        Notice::Rejected(_, reason) => {
            Some((Kind::Refusal, format!("the venue says no: {}", reason.name().replace('_', " "))))
        }
        Notice::Ruined(_) => {
            Some((Kind::Loss, "is ruined: its capital carries no order any more".to_owned()))
        }
        Notice::Unanswered => Some((Kind::Refusal, "has heard nothing of an order".to_owned())),
        Notice::AwaitsApproval(..) => Some((Kind::Refusal, "waits for somebody's approval".to_owned())),
        Notice::Unusual(_, unusual) => {
            Some((Kind::Loss, format!("opens nothing more: {}", unusual.name().replace('_', " "))))
        }
        Notice::Session(_) | Notice::Entering { .. } => None,
    }
}

/// What was announced to everybody.
pub fn of_news(news: &News, name: impl Fn(model::BotId) -> String) -> (Kind, String) {
    let text = match *news {
        News::Shock(_, shock) => format!("news: {}", headline(shock)),
        News::Lead(change) => format!("{} leads the battle", name(change.to)),
        News::Checkpoint(session) => {
            format!("session {} is over, a Fibonacci checkpoint: everybody is saved", session.number)
        }
        News::Halted(_) => "the kill switch was thrown: everybody leaves".to_owned(),
        News::Flat(_) => "nothing is held and nothing rests any more".to_owned(),
        News::Rearmed(_) => "the kill switch was lifted".to_owned(),
        News::Locked(_) => "the farm's drawdown has reached its limit: nobody opens".to_owned(),
        News::Unexplained(account, Some(_)) => format!("{account} holds what its books do not explain"),
        News::Unexplained(account, None) => format!("everything on {account} is explained again"),
        News::Orphan(_, id) => format!("{id} was nobody's any more and was taken back"),
        News::NoReading(..) => "somebody measured something that cannot be".to_owned(),
        News::Vanished(_, id) => format!("{id} should rest and does not"),
    };
    (Kind::News, text)
}

/// What people are told.
pub const fn headline(shock: Shock) -> &'static str {
    match shock {
        Shock::RateDecision => "the central bank surprises everybody",
        Shock::ExchangeHack => "an exchange was robbed of its customers' coins",
        Shock::Regulation => "a regulator bans what everybody does",
        Shock::BlackSwan => "a black swan: nobody has seen a move like this",
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
