//! The kill switch: everybody leaves, and nobody opens until it is lifted.

use crate::catalogue::effect::{Steering, steer};
use crate::catalogue::spec::{Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "panic",
        summary: "The kill switch: leave everything, open nothing until `rearm`",
        arguments: &[],
        role: Role::Operator,
        rule: Rule::Confirm,
        example: "panic",
    },
    call,
};

const MEANS: &str = "Everything is left at market, every opening order is taken back, and nothing is opened, also after a \
                     restart. It ends when every account is seen to be flat and an administrator lifts it with `rearm`.";

/// A kill switch waits for nobody's second person: it has no size.
fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let everybody = known.some(arguments, "bot")?;
    let said = Steering { verb: "panic:", means: MEANS, size: None };
    Ok(steer(&everybody, known, said, |_| Instruction::Panic))
}
