//! How what was traded differs from what the back-tester makes of the same market.

use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "drift",
        summary: "How finished sessions differ from the back-tester on the same market",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "drift strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let of = arguments.some_name("bot").map(|named| known.bot(named)).transpose()?.map(|seen| seen.name());
    Ok(Act::Gateway(Own::Drift { of }))
}
