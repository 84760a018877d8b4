//! Leaves everything that everybody holds, at market and at once. Unlike `panic` it lets them go on trading.

use crate::catalogue::effect::leave;
use crate::catalogue::spec::{Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "close_all",
        summary: "Leave everything that everybody holds at market; trading goes on",
        arguments: &[],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "close_all",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    Ok(leave("close", &known.some(arguments, "bot")?, known))
}
