//! What was won and lost in a period, exactly.

use crate::catalogue::spec::{Kind, ONE_BOT, Rule, Spec, required};
use crate::catalogue::{
    Act, Answer, Arguments, Colour, Command, Complaint, Known, Question, Read, Rows, Sum, Table, Value,
    figures,
};
use crate::period::Period;
use model::{Interval, Role, Time};
use std::collections::BTreeMap;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "pnl",
        summary: "What was won and lost in this day, week or month (UTC), and the one before",
        arguments: &[required("period", Kind::Period, "day, week or month"), ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "pnl week",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let Some(Value::Period(period)) = arguments.get("period") else { unreachable!("it is required") };
    let chosen = known.some(arguments, "bot")?;
    let (period, this) = (*period, period.start(known.now));
    let mut answer = Answer::new(format!("Result of {} by {}", chosen.title(), period.name()));
    let open: Option<i128> = chosen
        .bots
        .iter()
        .filter_map(|seen| seen.bot.position.as_ref())
        .map(|held| held.unrealised.map(|amount| i128::from(amount.0.0)))
        .sum();
    let of = chosen.bots.first().filter(|_| !chosen.is_all).map(|seen| seen.name());
    known.date(&mut answer, chosen.shards());
    let question = Question::Sums { of, period, from: before(period, this) };
    let then = Box::new(move |rows: Rows| {
        fill(&mut answer, rows, this);
        answer.field(
            "open, at the last price",
            open.map_or_else(|| figures::UNKNOWN.to_owned(), figures::signed),
        );
        answer.note("a round trip counts where it ended, fees and funding included");
        answer
    });
    Ok(Act::Read(Read { question, then }))
}

/// The beginning of the period before the one that begins then.
fn before(period: Period, this: Time) -> Time {
    period.start(this - Interval(1))
}

fn fill(answer: &mut Answer, rows: Rows, this: Time) {
    let columns = ["from", "bot", "mode", "round trips", "won", "gross", "fees", "funding", "net"];
    let mut table = Table::new("Finished round trips", &columns);
    let mut totals: BTreeMap<String, i128> = BTreeMap::new();
    let Rows::Sums(mut sums) = rows else { return };
    sums.sort_by(|a, b| (b.from, &a.of, &a.mode).cmp(&(a.from, &b.of, &b.mode)));
    for Sum { from, of, mode, trades, won, gross, fees, funding, net } in sums {
        if from >= this {
            let total = totals.entry(mode.clone()).or_default();
            *total = total.saturating_add(net);
        }
        table.row([
            from.to_string(),
            of.bot,
            mode,
            trades.to_string(),
            figures::share(won, trades),
            figures::signed(gross),
            figures::usdt(fees),
            figures::signed(funding),
            figures::signed(net),
        ]);
    }
    if totals.is_empty() {
        answer.field("net", "no round trip has ended in this one yet");
    }
    for (mode, net) in totals {
        answer.field(format!("net ({mode})"), figures::signed(net));
        answer.look(if net < 0 { Colour::Warning } else { Colour::Good });
    }
    answer.table(table);
}
