//! Opens nothing new; what is held is managed as before. It lasts over a restart.

use crate::catalogue::effect::{Steering, steer};
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "pause",
        summary: "Open nothing more; what is held keeps its stops and is managed",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Act,
        example: "pause strategic_btc",
    },
    call,
};

const MEANS: &str = "Opening orders are taken back and nothing is opened until somebody resumes it, also after a restart. \
                     What is held keeps its stop and is managed.";

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let said = Steering { verb: "pause", means: MEANS, size: None };
    Ok(steer(&chosen, known, said, Instruction::Pause))
}
