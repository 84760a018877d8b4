//! Who did what, and what was refused him: the newest entries of the record.

use crate::catalogue::spec::{Kind, ROWS_MAX, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Command, Complaint, Known, Question, Read, Rows, Table};
use crate::record::{AuditRecord, Kind as Row, Record};
use model::{Role, Time};
use serde_json::Value;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "audit",
        summary: "Who did and tried what: the newest entries of the audit record",
        arguments: &[optional("count", Kind::Count { max: ROWS_MAX }, "How many; 20 without it")],
        role: Role::Admin,
        rule: Rule::Look,
        example: "audit 20",
    },
    call,
};

/// Entries that are shown when nothing is said.
const ROWS: u32 = 20;
/// How much is shown of an entry that cannot be read.
const LINK_CHARS_MAX: usize = 120;

fn call(arguments: &Arguments, _: &Known<'_>) -> Result<Act, Complaint> {
    let rows_max = arguments.count("count").unwrap_or(ROWS);
    let question = Question::Newest { kind: Row::Audit, of: None, rows_max };
    Ok(Act::Read(Read { question, then: Box::new(answer) }))
}

fn answer(rows: Rows) -> Answer {
    let mut answer = Answer::new("Audit");
    let columns = ["at", "chain", "number", "who", "command", "arguments", "decision", "outcome"];
    let mut table = Table::new("The last first", &columns);
    if let Rows::Records(records) = rows {
        for record in records {
            let Record::Audit(entry) = record else { continue };
            describe(&entry, &mut table);
        }
    }
    if table.rows.is_empty() {
        answer.note("nothing is in the history of it yet");
    }
    answer.table(table);
    answer.note("whether nobody changed it is checked by `omega audit verify`");
    answer
}

/// The link is the audit's own: what is read of it is shown, and what is not as it stands.
fn describe(entry: &AuditRecord, table: &mut Table) {
    let link: Option<Value> = serde_json::from_str(&entry.link).ok().filter(Value::is_object);
    let part = |name: &str| match link.as_ref().and_then(|link| link.get(name)) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "-".to_owned(),
    };
    let command = match link {
        Some(_) => part("command"),
        None => entry.link.chars().take(LINK_CHARS_MAX).collect(),
    };
    table.row([
        Time(entry.at).to_string(),
        entry.chain.clone(),
        entry.seq.to_string(),
        entry.who.clone(),
        command,
        part("arguments"),
        part("decision"),
        part("outcome"),
    ]);
}
