//! Why a bot did what it did: its last decisions, or the story of one round trip.

use crate::catalogue::known::Seen;
use crate::catalogue::spec::{BOT, Kind, Rule, Spec, optional};
use crate::catalogue::{
    Act, Answer, Arguments, Command, Complaint, Known, Question, Read, Rows, Table, figures,
};
use crate::record::{Kind as Row, Record, TradeRecord};
use model::{Interval, Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "why",
        summary: "Why a bot did what it did lately, or why it made one round trip",
        arguments: &[
            BOT,
            optional(
                "trade",
                Kind::Trade,
                "The order that began a round trip; the last decisions without it",
            ),
        ],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "why strategic_btc b3-0-12",
    },
    call,
};

/// Round trips that are looked through.
const TRADES_MAX: u32 = 1_000;

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let seen = known.one(arguments, "bot")?;
    let Some((_, order)) = arguments.order("trade") else {
        let mut answer = lately(&seen);
        known.date(&mut answer, [seen.shard]);
        return Ok(Act::Answer(answer));
    };
    let order = order.to_string();
    let mut answer = Answer::new(format!("Why {} made {order}", seen.bot.bot));
    for decision in seen.bot.decisions.iter().filter(|one| one.order.as_deref() == Some(&order)) {
        answer.field(Time(decision.at).to_string(), decision.what.clone());
    }
    let question = Question::Newest { kind: Row::Trades, of: Some(seen.name()), rows_max: TRADES_MAX };
    let then = Box::new(move |rows: Rows| {
        let Rows::Records(records) = rows else { return answer };
        let found = records.into_iter().find_map(|record| match record {
            Record::Trade(trade) if trade.entry_order == order => Some(trade),
            _ => None,
        });
        match found {
            Some(trade) => tell(&trade, &mut answer),
            None => {
                answer.note(format!(
                    "no finished round trip that began with {order} is among its last {TRADES_MAX}: `history` shows them, `omega journal why` knows all"
                ));
            }
        }
        answer
    });
    Ok(Act::Read(Read { question, then }))
}

fn lately(seen: &Seen<'_>) -> Answer {
    let mut answer = Answer::new(format!("What {} decided lately", seen.bot.bot));
    let mut table = Table::new("The last first", &["at", "decision", "times", "order"]);
    for decision in seen.bot.decisions.iter().rev() {
        table.row([
            Time(decision.at).to_string(),
            decision.what.clone(),
            decision.times.to_string(),
            decision.order.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    if table.rows.is_empty() {
        answer.note("it has decided nothing since its process began");
    }
    answer.table(table);
    if !seen.bot.refusals.is_empty() {
        let mut counts: Vec<(&String, &u64)> = seen.bot.refusals.iter().collect();
        counts.sort_by(|a, b| b.1.cmp(a.1));
        let counts: Vec<String> =
            counts.iter().map(|(reason, count)| format!("{} {count}x", figures::plain(reason))).collect();
        answer.field("the gate has refused it", counts.join(", "));
    }
    for lock in &seen.bot.locks {
        answer.note(format!("it opens nothing: {}; ends by {}", lock.why, lock.ends));
    }
    answer
}

fn tell(trade: &TradeRecord, answer: &mut Answer) {
    let why = trade.entry_reason.clone().unwrap_or_else(|| figures::plain(&trade.entry_kind));
    answer.field("wanted in because", why);
    answer.field("feeling", figures::plain(&trade.mood));
    if trade.mistake {
        answer.field("by mistake", "its hand slipped");
    }
    answer.field(
        "was",
        format!("{} {} of {} at {}x", trade.side, trade.quantity, trade.symbol, trade.leverage),
    );
    answer.field("from", format!("{} at {}", trade.entry_price, Time(trade.entered_at)));
    answer.field("first stop", trade.stop.clone().unwrap_or_else(|| "none".to_owned()));
    answer.field("to", format!("{} at {}", trade.exit_price, Time(trade.exited_at)));
    answer.field("held for", figures::length(Interval(trade.exited_at - trade.entered_at)));
    answer.field("left by", figures::plain(&trade.exit_reason));
    answer.field(
        "came to",
        format!(
            "{}: gross {}, fees {}, funding {}",
            figures::signed(trade.net.0.0),
            figures::signed(trade.gross.0.0),
            figures::usdt(trade.fees.0.0),
            figures::signed(trade.funding.0.0)
        ),
    );
}
