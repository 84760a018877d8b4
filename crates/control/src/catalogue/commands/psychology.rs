//! The state of mind of a bot, now and at its last sessions' ends.

use crate::catalogue::known::Seen;
use crate::catalogue::spec::{ONE_BOT, Rule, Spec};
use crate::catalogue::{
    Act, Answer, Arguments, Command, Complaint, Known, Question, Read, Rows, Table, figures,
};
use crate::record::{Kind, MoodRecord, Record};
use model::{Role, Time};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "psychology",
        summary: "Mood and energy of a bot, now and over its last sessions",
        arguments: &[ONE_BOT],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "psychology newbie_btc",
    },
    call,
};

/// Sessions that are shown.
const SESSIONS: u32 = 8;
const FEELINGS: [&str; 5] = ["confidence", "stress", "fatigue", "urge", "risk appetite"];

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let chosen = known.some(arguments, "bot")?;
    let mut answer = Answer::new(format!("Psychology of {}", chosen.title()));
    let mut columns = vec!["bot", "feels"];
    columns.extend(FEELINGS);
    columns.push("energy");
    let mut table = Table::new("Now", &columns);
    chosen.bots.iter().for_each(|seen| now(seen, &mut table));
    if table.rows.is_empty() {
        answer.note("controls and calm twins feel nothing");
    }
    answer.table(table);
    known.date(&mut answer, chosen.shards());
    match &chosen.bots[..] {
        [seen] if !chosen.is_all => {
            let question =
                Question::Newest { kind: Kind::Sessions, of: Some(seen.name()), rows_max: SESSIONS };
            let then = Box::new(move |rows: Rows| {
                over_time(&mut answer, rows);
                answer
            });
            Ok(Act::Read(Read { question, then }))
        }
        _ => Ok(Act::Answer(answer)),
    }
}

fn feelings(mood: &MoodRecord) -> [String; 5] {
    let MoodRecord { label: _, confidence, stress, fatigue, urge, risk_appetite } = mood;
    [confidence, stress, fatigue, urge, risk_appetite].map(|value| format!("{value:.2}"))
}

fn energy(energy: Option<f64>) -> String {
    energy.map_or_else(|| "-".to_owned(), |energy| format!("{energy:.2}"))
}

fn now(seen: &Seen<'_>, table: &mut Table) {
    let Some(mood) = &seen.bot.mood else { return };
    let [confidence, stress, fatigue, urge, appetite] = feelings(mood);
    let (bot, feels, energy) = (seen.bot.bot.clone(), figures::plain(&mood.label), energy(seen.bot.energy));
    table.row([bot, feels, confidence, stress, fatigue, urge, appetite, energy]);
}

fn over_time(answer: &mut Answer, rows: Rows) {
    let mut columns = vec!["session", "ended", "felt"];
    columns.extend(FEELINGS);
    columns.extend(["energy", "since the start"]);
    let mut table = Table::new("At its last sessions' ends", &columns);
    let Rows::Records(records) = rows else { return };
    for record in records {
        let Record::Session(session) = record else { continue };
        let Some(mood) = &session.mood else { continue };
        let [confidence, stress, fatigue, urge, appetite] = feelings(mood);
        table.row([
            session.session.to_string(),
            Time(session.at).to_string(),
            figures::plain(&mood.label),
            confidence,
            stress,
            fatigue,
            urge,
            appetite,
            energy(session.energy),
            figures::percent(session.total_return),
        ]);
    }
    answer.table(table);
}
