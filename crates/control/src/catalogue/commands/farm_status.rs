//! Everybody at a glance: what each shard is, and who does what in it.

use crate::catalogue::effect::{held, open_result};
use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Table, figures};
use crate::view::{BotView, ShardView};
use model::{Role, Time, Usd};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "farm_status",
        summary: "Every shard and bot at a glance",
        arguments: &[optional("shard", Kind::Shard, "Which shard; all without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "farm_status",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.some_shards(arguments, "shard")?;
    let mut answer = Answer::new("Farm");
    answer.look(Colour::Good);
    let equity: Option<i128> =
        shards.iter().flat_map(|view| &view.bots).map(|bot| bot.equity.map(|one| i128::from(one.0.0))).sum();
    answer.field("shards", shards.len().to_string());
    answer.field("bots", shards.iter().map(|view| view.bots.len()).sum::<usize>().to_string());
    answer.field("equity", equity.map_or_else(|| figures::UNKNOWN.to_owned(), figures::usdt));
    for view in &shards {
        describe(view, &mut answer);
    }
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}

fn describe(view: &ShardView, answer: &mut Answer) {
    let price = view.price.as_ref().map_or_else(|| "no price yet".to_owned(), |price| price.last.clone());
    let session = view.session.map_or_else(String::new, |session| {
        format!(", session {} (day {}, {} of 4)", session.number, session.day, session.of_day)
    });
    answer.field(view.shard.clone(), format!("{} {} at {price}{session}", view.mode, view.symbol));
    if let Some(halted) = view.halted_at {
        let flat = view.flat_at.map_or("not flat yet", |_| "flat, `rearm` lifts it");
        answer.note(format!(
            "shard {}: the kill switch is thrown since {} ({flat})",
            view.shard,
            Time(halted)
        ));
        answer.look(Colour::Bad);
    }
    for account in view.accounts.iter().filter(|account| account.unexplained.is_some()) {
        answer
            .note(format!("account {} holds what its books do not explain: see `balance`", account.account));
        answer.look(Colour::Bad);
    }
    let mut table = Table::new(
        format!("Bots of {}", view.shard),
        &["bot", "does", "equity", "since the start", "holds", "open result", "mood"],
    );
    for bot in &view.bots {
        if !matches!(bot.status.as_str(), "trading" | "scheduled") {
            answer.look(Colour::Warning);
        }
        let mood = bot.mood.as_ref().map_or_else(|| "-".to_owned(), |mood| figures::plain(&mood.label));
        table.row([
            bot.bot.clone(),
            figures::plain(&bot.status),
            figures::known(bot.equity),
            since_start(bot),
            held(bot),
            open_result(bot),
            mood,
        ]);
    }
    answer.table(table);
}

/// What it won or lost of what it was given.
fn since_start(bot: &BotView) -> String {
    match (bot.equity, bot.capital.0) {
        (Some(equity), Usd(1..)) => {
            let share = (equity.0 - bot.capital.0).as_f64() / bot.capital.0.as_f64();
            format!("{} ({})", figures::signed((equity.0 - bot.capital.0).0), figures::percent(share))
        }
        _ => figures::UNKNOWN.to_owned(),
    }
}
