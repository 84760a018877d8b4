//! What was said lately, loud or not.

use crate::catalogue::spec::{Kind, ONE_BOT, ROWS_MAX, Rule, Spec, optional};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own};
use crate::message::Tier;
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "logs",
        summary: "What was said lately: entries, exits, sessions, moods, alarms",
        arguments: &[optional("count", Kind::Count { max: ROWS_MAX }, "How many; 20 without it"), ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "logs 20",
    },
    call,
};

/// Sentences that are shown when nothing is said.
const ROWS: u32 = 20;

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let of = arguments.some_name("bot").map(|named| known.bot(named)).transpose()?.map(|seen| seen.name());
    let rows_max = arguments.count("count").unwrap_or(ROWS);
    Ok(Act::Gateway(Own::Said { tier: Tier::Informational, of, rows_max }))
}
