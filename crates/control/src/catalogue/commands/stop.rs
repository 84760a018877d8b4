//! Stops a bot: it opens nothing more, and what it holds is managed. Nothing is closed by it; `close` does that.

use crate::catalogue::effect::{Steering, steer};
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "stop",
        summary: "Stop a bot: it opens nothing more; what it holds keeps its stops and is managed",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Act,
        example: "stop strategic_btc",
    },
    call,
};

const MEANS: &str = "Opening orders are taken back and nothing is opened until `start`, also after a restart. What is held is \
                     not closed: it keeps its stop and is managed. `close` leaves it at once.";

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let said = Steering { verb: "stop", means: MEANS, size: None };
    Ok(steer(&chosen, known, said, Instruction::Pause))
}
