//! How a bot did: its money now, and what its last round trips came to.

use crate::catalogue::effect::held;
use crate::catalogue::spec::{BOT, Rule, Spec};
use crate::catalogue::{
    Act, Answer, Arguments, Colour, Command, Complaint, Known, Question, Read, Rows, figures,
};
use crate::record::{Kind, Record, TradeRecord};
use model::{Interval, Role};

/// Round trips that are counted.
const TRADES_MAX: u32 = 1_000;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "stats",
        summary: "How a bot did: equity, fees, win rate, profit factor",
        arguments: &[BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "stats strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let seen = known.one(arguments, "bot")?;
    let (bot, shard) = (seen.bot, seen.shard);
    let mut answer = Answer::new(format!("{} ({})", bot.bot, bot.persona));
    answer.field("does", figures::plain(&bot.status));
    answer.field("mode", shard.mode.clone());
    answer.field("began with", figures::usdt(bot.capital.0.0));
    answer.field("equity", figures::known(bot.equity));
    answer.field("wallet", figures::usdt(bot.wallet.0.0));
    answer.field("holds", held(bot));
    answer.field("fees paid", figures::usdt(bot.fees.0.0));
    answer.field("funding received", figures::signed(bot.funding.0.0));
    answer.field("round trips", bot.trades.to_string());
    answer.field("longest without a stop", format!("{} ms", bot.naked_ms_max));
    known.date(&mut answer, [shard]);
    let mode = shard.mode.clone();
    let question = Question::Newest { kind: Kind::Trades, of: Some(seen.name()), rows_max: TRADES_MAX };
    let then = Box::new(move |rows: Rows| {
        count(&mut answer, &rows, &mode);
        answer
    });
    Ok(Act::Read(Read { question, then }))
}

/// What the rows say; those of another mode are not this bot's money.
fn count(answer: &mut Answer, rows: &Rows, mode: &str) {
    let trades: Vec<&TradeRecord> = match rows {
        Rows::Records(records) => records.iter().filter_map(trade).filter(|one| one.mode == mode).collect(),
        Rows::Sums(_) => Vec::new(),
    };
    if trades.is_empty() {
        answer.note("no round trip of it is in the history yet");
        return;
    }
    let net = |trade: &&TradeRecord| i128::from(trade.net.0.0);
    let won = trades.iter().filter(|trade| net(trade) > 0).count() as u64;
    let gains: i128 = trades.iter().map(|trade| net(trade).max(0)).sum();
    let losses: i128 = trades.iter().map(|trade| (-net(trade)).max(0)).sum();
    let lost = trades.iter().filter(|trade| net(trade) < 0).count() as i128;
    let held: i128 = trades.iter().map(|trade| i128::from(trade.exited_at - trade.entered_at)).sum();
    let count = trades.len() as u64;
    answer.field("win rate", figures::share(won, count));
    answer.field("profit factor", figures::ratio(gains, losses, "n/a (no loss yet)"));
    let (won, per_loss) = (i128::from(won), losses / lost.max(1));
    answer.field(
        "average win over average loss",
        figures::ratio(gains / won.max(1), per_loss, "n/a (no loss yet)"),
    );
    answer.field("net of these", figures::signed(gains - losses));
    let mean = held / i128::from(count);
    answer.field("held on average", figures::length(Interval(i64::try_from(mean).unwrap_or(i64::MAX))));
    answer.look(if gains >= losses { Colour::Good } else { Colour::Neutral });
    let most = if count == u64::from(TRADES_MAX) { "the last " } else { "all " };
    answer.note(format!("rates are of {most}{count} round trips in the history"));
}

fn trade(record: &Record) -> Option<&TradeRecord> {
    match record {
        Record::Trade(trade) => Some(trade),
        _ => None,
    }
}
