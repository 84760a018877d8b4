//! The last round trips of a bot.

use crate::catalogue::spec::{BOT, Kind, ROWS_MAX, Rule, Spec, optional};
use crate::catalogue::{
    Act, Answer, Arguments, Command, Complaint, Known, Question, Read, Rows, Table, figures,
};
use crate::record::{Kind as Row, Record};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "history",
        summary: "The last round trips of a bot: entry, exit, why, what was left",
        arguments: &[BOT, optional("count", Kind::Count { max: ROWS_MAX }, "How many; 10 without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "history strategic_btc 20",
    },
    call,
};

/// Round trips that are shown when nothing is said.
const TRADES: u32 = 10;

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let seen = known.one(arguments, "bot")?;
    let rows_max = arguments.count("count").unwrap_or(TRADES);
    let mut answer = Answer::new(format!("Last round trips of {}", seen.bot.bot));
    let question = Question::Newest { kind: Row::Trades, of: Some(seen.name()), rows_max };
    let then = Box::new(move |rows: Rows| {
        fill(&mut answer, rows);
        answer
    });
    Ok(Act::Read(Read { question, then }))
}

fn fill(answer: &mut Answer, rows: Rows) {
    let columns =
        ["left at", "mode", "side", "quantity", "entry", "exit", "net", "left by", "began", "order"];
    let mut table = Table::new("Round trips, the last first", &columns);
    let mut net = 0_i128;
    if let Rows::Records(records) = rows {
        for record in records {
            let Record::Trade(trade) = record else { continue };
            net += i128::from(trade.net.0.0);
            table.row([
                Time(trade.exited_at).to_string(),
                trade.mode,
                trade.side,
                trade.quantity,
                trade.entry_price,
                trade.exit_price,
                figures::signed(trade.net.0.0),
                figures::plain(&trade.exit_reason),
                trade.entry_reason.unwrap_or_else(|| figures::plain(&trade.entry_kind)),
                trade.entry_order,
            ]);
        }
    }
    if table.rows.is_empty() {
        answer.note("no round trip of it is in the history yet");
    } else {
        answer.field("net of these", figures::signed(net));
    }
    answer.table(table);
}
