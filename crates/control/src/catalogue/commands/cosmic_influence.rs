//! Moon, Mercury, and what was measured outside: each with its source and its age, or why it is absent.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, Table, Value, figures};
use crate::view::{InfluenceView, ShardView};
use model::{Interval, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "cosmic_influence",
        summary: "Sky and outside readings: value, source, age and effect, or why absent",
        arguments: &[
            optional("factor", Kind::Factor, "Which one; all without it"),
            optional("shard", Kind::Shard, "Of which shard; of all without it"),
        ],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "cosmic_influence moon",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.some_shards(arguments, "shard")?;
    let factor = match arguments.get("factor") {
        Some(Value::Factor(factor)) => Some(factor.name()),
        _ => None,
    };
    let mut answer = Answer::new("Cosmic influences");
    // Shards under the same sky are told once.
    let mut told: Vec<&ShardView> = Vec::new();
    for view in &shards {
        if !told.iter().any(|other| other.sky == view.sky) {
            told.push(view);
            let mut table = Table::new(format!("Sky of {}", view.shard), &COLUMNS);
            let chosen = view.sky.iter().filter(|one| factor.is_none_or(|factor| one.factor == factor));
            let clock = view.price.as_ref().map_or(view.at, |price| price.at);
            chosen.for_each(|one| describe(one, clock, &mut table));
            answer.table(table);
        }
    }
    answer.note("effects are before each persona's weights, and never move a limit of risk; whether they are worth anything is measured by `omega cosmos`");
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}

const COLUMNS: [&str; 7] = ["factor", "band", "value", "unit", "effect", "source", "known for"];

fn describe(one: &InfluenceView, clock: i64, table: &mut Table) {
    let factor = one.factor.clone();
    let blank = || "-".to_owned();
    match &one.seen {
        Some(seen) => table.row([
            factor,
            seen.band.clone(),
            format!("{:.3}", seen.value),
            seen.unit.clone(),
            format!("{:+.3}", seen.effect),
            seen.source.clone(),
            seen.known_at.map_or_else(
                || "worked out".to_owned(),
                |at| figures::length(Interval(clock.saturating_sub(at))),
            ),
        ]),
        None => {
            let why = one.absent.clone().unwrap_or_else(|| figures::UNKNOWN.to_owned());
            table.row([factor, why, blank(), blank(), "none".to_owned(), blank(), blank()])
        }
    };
}
