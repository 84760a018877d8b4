//! Lifts the kill switch, once everything is known to be flat.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Errands, Known, Reach};
use model::{Instruction, Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "rearm",
        summary: "Lift the kill switch, once everything is known to be flat",
        arguments: &[optional("shard", Kind::Shard, "Which shard; all that are halted without it")],
        role: Role::Admin,
        rule: Rule::Code,
        example: "rearm",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.some_shards(arguments, "shard")?;
    // Of a shard that is silent nobody knows whether it is halted: it is told, and says so itself.
    let halted: Vec<_> =
        shards.into_iter().filter(|view| view.halted_at.is_some() || known.is_stale(view)).collect();
    if halted.is_empty() {
        return Err(Complaint::not_now("the kill switch is not thrown", "`farm_status` shows what is"));
    }
    if let Some(open) = halted.iter().find(|view| view.flat_at.is_none() && !known.is_stale(view)) {
        return Err(Complaint::not_now(
            format!("shard {} is not known to be flat yet", open.shard),
            "wait until `farm_status` says so; what cannot be explained is shown by `balance`",
        ));
    }
    let mut preview = Answer::new("lift the kill switch");
    for view in &halted {
        let since =
            view.halted_at.map_or_else(|| "not known".to_owned(), |at| format!("thrown {}", Time(at)));
        preview.field(view.shard.clone(), since);
    }
    preview.note("Everybody may open again, except who was paused or stopped by itself.");
    known.date(&mut preview, halted.iter().copied());
    let errands = halted.iter().map(|view| (view.shard.clone(), Instruction::Rearm)).collect();
    Ok(Act::Errands(Errands { preview, errands, reach: Reach::Farm, size: None }))
}
