//! Says no to a significant trade that waits for approval.

use crate::catalogue::spec::{Kind, Rule, Spec, required};
use crate::catalogue::waiting::waiting;
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Errands, Known, Reach};
use model::{Instruction, Role};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "decline",
        summary: "Do not make a trade that waits for approval",
        arguments: &[required("order", Kind::Order, "Which order, as the farm names it")],
        role: Role::Operator,
        rule: Rule::Act,
        example: "decline b3-0-12",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let (seen, waits, order) = waiting(arguments, known)?;
    let mut preview = Answer::new(format!("decline {order} of {}", seen.bot.bot));
    preview.field("wanted to be", waits.side.clone());
    preview.field("why", waits.why.clone());
    preview.note("It is not made; the bot goes on looking.");
    known.date(&mut preview, [seen.shard]);
    let errand = (seen.shard.shard.clone(), Instruction::Decline(order));
    let reach = Reach::Bots(vec![seen.bot.bot.clone()]);
    Ok(Act::Errands(Errands { preview, errands: vec![errand], reach, size: None }))
}
