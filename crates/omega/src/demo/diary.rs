//! What bots and farm say in the show, as lines of its diary.
//!
//! It refuses to tell wishes: most of them are never filled.

use crate::figures;
use crate::screen::Kind;
use farm::{News, Notice};
use model::Side;
use model::event::Shock;

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
        News::Ruled(_) => "other rules hold from now on".to_owned(),
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
