//! Leaves what a bot holds, at market and at once.

use crate::catalogue::effect::leave;
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "close",
        summary: "Leave what is held at market, and take opening orders back",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "close strategic_btc",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    Ok(leave("close", &known.some(arguments, "bot")?, known))
}
