//! Takes opening orders back. What is held, and its stops, stay; trading goes on.

use crate::catalogue::effect::{Steering, steer};
use crate::catalogue::spec::{BOT_OR_ALL, Rule, Spec};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "cancel",
        summary: "Take opening orders back; what is held and its stops stay",
        arguments: &[BOT_OR_ALL],
        role: Role::Operator,
        rule: Rule::Act,
        example: "cancel scalper_btc",
    },
    call,
};

const MEANS: &str = "Orders that would open something are taken back. Stops and targets of what is held stay, and trading goes \
                     on: `pause` keeps new ones away.";

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let said = Steering { verb: "cancel the opening orders of", means: MEANS, size: None };
    Ok(steer(&chosen, known, said, Instruction::Cancel))
}
