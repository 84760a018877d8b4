//! What a farm says, as lines of a diary.
//!
//! It refuses to reword: texts are shown as they were said.

use crate::figures;
use crate::screen::Kind;
use control::message::{NoticeKind, NoticeSaid};
use control::record::TradeRecord;

/// How a notice is meant.
pub fn kind_of_notice(notice: &NoticeSaid) -> Kind {
    match notice.kind {
        NoticeKind::TradeEntry => Kind::Entry,
        NoticeKind::TradeExit => gain_or_loss(&notice.text),
        NoticeKind::SessionStatus if notice.text.starts_with("feels ") => Kind::Feeling,
        NoticeKind::ErrorAlert if notice.text.contains("refused") => Kind::Refusal,
        _ => Kind::News,
    }
}

/// How a decision is meant, by how its text begins.
pub fn kind_of(what: &str) -> Kind {
    let begins = |word: &str| what.starts_with(word);
    match () {
        () if begins("wanted in") => Kind::Entry,
        () if begins("left by") => gain_or_loss(what),
        () if begins("was refused") || begins("the exchange refused") || begins("wants a ") => Kind::Refusal,
        () => Kind::News,
    }
}

/// By the sign of the money at its end.
fn gain_or_loss(text: &str) -> Kind {
    if text.contains(": +") { Kind::Gain } else { Kind::Loss }
}

/// A round trip of the history.
pub fn of_trade(row: &TradeRecord) -> (Kind, String) {
    let net = row.net.0;
    let kind = if net.0 > 0 { Kind::Gain } else { Kind::Loss };
    let sign = if net.0 > 0 { "+" } else { "" };
    let why = row.exit_reason.replace('_', " ");
    (kind, format!("left its {} by {why}: {sign}{} USDT", row.side, figures::money(net)))
}
