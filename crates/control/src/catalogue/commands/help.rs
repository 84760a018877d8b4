//! Every command, or one of them in full.

use crate::catalogue::spec::{Kind, Need, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, COMMANDS, Command, Complaint, Known, Table, find};
use crate::message::Named;
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "help",
        summary: "Every command, or one of them with its arguments",
        arguments: &[optional("command", Kind::Command, "Which one; all without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "help close",
    },
    call,
};

fn call(arguments: &Arguments, _: &Known<'_>) -> Result<Act, Complaint> {
    Ok(Act::Answer(match arguments.name("command") {
        Some(named) => describe(&find(&named.name)?.spec),
        None => all(),
    }))
}

const fn means(rule: Rule) -> &'static str {
    match rule {
        Rule::Look => "answers at once",
        Rule::Act => "is done at once",
        Rule::Confirm => "shows its effect, and is done once you confirm it",
        Rule::Code => "shows its effect, and is done once you confirm it with a code of your authenticator",
    }
}

/// As it is typed, what can be left out in brackets.
fn usage(spec: &Spec) -> String {
    let argument = |one: &crate::catalogue::Argument| match one.need {
        Need::Required => format!(" {}", one.name),
        Need::Optional => format!(" [{}]", one.name),
    };
    spec.arguments.iter().map(argument).fold(spec.name.to_owned(), |line, next| line + &next)
}

fn all() -> Answer {
    let mut answer = Answer::new("Commands");
    let mut table = Table::new("Commands", &["command", "what it does", "who", "rule"]);
    for command in COMMANDS {
        let spec = &command.spec;
        table.row([
            usage(spec),
            spec.summary.to_owned(),
            spec.role.word().to_owned(),
            spec.rule.name().to_owned(),
        ]);
    }
    answer.table(table);
    for rule in Rule::ALL {
        answer.note(format!("{}: {}", rule.name(), means(rule)));
    }
    answer
}

fn describe(spec: &Spec) -> Answer {
    let mut answer = Answer::new(usage(spec));
    answer.field("does", spec.summary);
    answer.field("who", format!("{} or more", spec.role.word()));
    answer.field("rule", means(spec.rule));
    answer.field("for example", spec.example);
    let mut table = Table::new("Arguments", &["argument", "needed", "what it says", "what it may be"]);
    for argument in spec.arguments {
        let needed = if argument.need == Need::Required { "yes" } else { "no" };
        table.row([
            argument.name.to_owned(),
            needed.to_owned(),
            argument.summary.to_owned(),
            argument.kind.wants(),
        ]);
    }
    answer.table(table);
    answer
}
