//! Who somebody is here, and what he may.

use crate::catalogue::spec::{Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known, Own};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "whoami",
        summary: "Who you are here: role, bots, limits, authenticator",
        arguments: &[],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "whoami",
    },
    call,
};

fn call(_: &Arguments, _: &Known<'_>) -> Result<Act, Complaint> {
    Ok(Act::Gateway(Own::WhoAmI))
}
