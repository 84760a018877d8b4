//! Lets a bot open again. Refuses to do so unconfirmed.

use crate::catalogue::effect::free;
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "resume",
        summary: "Trade again after a pause, an alarm or a lock",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "resume strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    free("resume", known.some(arguments, "bot")?, known)
}
