//! What somebody should have looked at lately.

use crate::catalogue::spec::{Kind, ONE_BOT, ROWS_MAX, Rule, Spec, optional};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own, Value};
use crate::message::Tier;
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "alerts",
        summary: "Warnings and critical alerts of late",
        arguments: &[
            optional("tier", Kind::Tier, "At least how loud; warning without it"),
            optional("count", Kind::Count { max: ROWS_MAX }, "How many; 20 without it"),
            ONE_BOT,
        ],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "alerts critical",
    },
    call,
};

/// Alerts that are shown when nothing is said.
const ROWS: u32 = 20;

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let of = arguments.some_name("bot").map(|named| known.bot(named)).transpose()?.map(|seen| seen.name());
    let tier = match arguments.get("tier") {
        Some(Value::Tier(tier)) => *tier,
        _ => Tier::Warning,
    };
    Ok(Act::Gateway(Own::Said { tier, of, rows_max: arguments.count("count").unwrap_or(ROWS) }))
}
