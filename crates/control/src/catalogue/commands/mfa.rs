//! Enrols an authenticator of one's own: the secret is shown first, and counts once a code of it came back.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "mfa",
        summary: "Enrol your authenticator: without a code its secret is shown, with one it counts",
        arguments: &[
            optional("code", Kind::Code, "A code of the new authenticator"),
            optional("old_code", Kind::Code, "A code of the one you have, to change it"),
        ],
        role: Role::Viewer,
        rule: Rule::Act,
        example: "mfa",
    },
    call,
};

fn call(arguments: &Arguments, _: &Known<'_>) -> Result<Act, Complaint> {
    Ok(Act::Gateway(Own::Mfa { code: arguments.code("code"), old: arguments.code("old_code") }))
}
