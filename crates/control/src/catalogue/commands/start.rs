//! Starts a bot that was stopped: the same as `resume`.

use crate::catalogue::effect::free;
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "start",
        summary: "Start a bot that was stopped or paused",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "start strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    free("start", known.some(arguments, "bot")?, known)
}
