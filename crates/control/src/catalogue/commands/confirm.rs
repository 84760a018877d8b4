//! Confirms a command that was previewed: the number is the preview's.

use crate::catalogue::spec::{Kind, Rule, Spec, optional, required};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own, Value};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "confirm",
        summary: "Do what was previewed and waits for its confirmation",
        arguments: &[
            required("number", Kind::Pending, "The number of the preview"),
            optional("code", Kind::Code, "A code of your authenticator, where one is needed"),
        ],
        role: Role::Viewer,
        rule: Rule::Act,
        example: "confirm 17 123456",
    },
    call,
};

/// Who may is asked of what waits, not of this.
fn call(arguments: &Arguments, _: &Known<'_>) -> Result<Act, Complaint> {
    let Some(Value::Pending(pending)) = arguments.get("number") else { unreachable!("it is required") };
    Ok(Act::Gateway(Own::Confirm { pending: *pending, code: arguments.code("code") }))
}
