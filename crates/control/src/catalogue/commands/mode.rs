//! Whose money is traded. No command changes it: real money is asked for in the configuration and once more on the command line.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "mode",
        summary: "Whose money is traded: paper, demo or live; and how that is changed",
        arguments: &[optional("mode", Kind::Mode, "One to change to: how that is done is told")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "mode",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let shards = known.shards()?;
    let mut answer = Answer::new("Mode");
    for view in shards {
        answer.field(view.shard.clone(), view.mode.clone());
    }
    if let Some(wanted) = arguments.text("mode") {
        let mend = match wanted {
            "live" => {
                "set `mode = \"live\"` in omega.toml and start it with `omega run --live`: both are needed, and neither can be done from here"
            }
            "demo" => {
                "set `mode = \"demo\"` in omega.toml, with keys of the exchange's demo trading, and start it again"
            }
            _ => "set `mode = \"paper\"` in omega.toml and start it again",
        };
        answer.note(format!("no command changes the mode: {mend}"));
    }
    known.date(&mut answer, shards);
    Ok(Act::Answer(answer))
}
