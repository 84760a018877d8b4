//! May only leave what it holds: no entry, no stop moved away.

use crate::catalogue::effect::{Steering, steer};
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "reduce_only",
        summary: "Only leave what is held: nothing is opened, no stop is moved away",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Act,
        example: "reduce_only strategic_btc",
    },
    call,
};

const MEANS: &str = "Opening orders are taken back, and until somebody resumes it nothing is opened and no stop is moved away.";

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let said = Steering { verb: "reduce only", means: MEANS, size: None };
    Ok(steer(&chosen, known, said, Instruction::ReduceOnly))
}
