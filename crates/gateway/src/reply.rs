//! What a handler comes to, before it is bytes: an answer, or something that is waited for first.
//!
//! It refuses to call something done that was only sent.

use crate::errands::{ErrandId, Errands, Stage};
use crate::refused::Refused;
use control::catalogue::Answer;
use serde_json::{Value, json};

/// What a handler comes to.
#[derive(Debug)]
pub(crate) enum Reply {
    /// JSON.
    Json(u16, Value),
    /// Text of another kind.
    Text(u16, &'static str, String),
    /// Commands were sent: their answers are waited for.
    Sent(Box<Sent>),
    /// A stream of events from behind this number; from a snapshot without one.
    Stream(crate::rights::Caller, Option<u64>),
}

/// Commands that were sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) command: String,
    /// Their effect, as it was told.
    pub(crate) answer: Option<Answer>,
    pub(crate) ids: Vec<ErrandId>,
}

impl Reply {
    pub(crate) fn ok(value: Value) -> Reply {
        Reply::Json(200, value)
    }

    pub(crate) fn answered(answer: &Answer) -> Reply {
        Reply::ok(json!({ "state": "answered", "answer": answer }))
    }
}

impl Sent {
    /// However far they are now.
    pub(crate) fn told(&self, errands: &Errands) -> Result<(u16, Value), Refused> {
        let stages = errands.stages(&self.ids);
        let any = |stage: Stage| stages.iter().any(|(one, _)| *one == stage);
        let shown: Vec<Value> = stages.iter().map(|(_, shown)| shown.clone()).collect();
        if !stages.is_empty() && stages.iter().all(|(stage, _)| *stage == Stage::Unsent) {
            let why = shown[0]["why"].as_str().unwrap_or_default().to_owned();
            let mut refused =
                Refused::new(503, "bus_away", why, "repeat it with the same Idempotency-Key: it acts once");
            refused.with = Some(Box::new(("errands", shown.into())));
            return Err(refused);
        }
        let (status, state) =
            match (any(Stage::Sent) || any(Stage::Unsent), any(Stage::Objected), any(Stage::Done)) {
                (true, _, _) => (202, "sent"),
                (false, true, true) => (200, "partly_done"),
                (false, true, false) => {
                    let why = shown.iter().find_map(|one| one["why"].as_str()).unwrap_or_default();
                    let mut refused = Refused::new(
                        409,
                        "objected",
                        why,
                        "look at each errand's objection, and at how the farm is now",
                    );
                    refused.with = Some(Box::new(("errands", shown.into())));
                    return Err(refused);
                }
                (false, false, _) => (200, "done"),
            };
        let mut body =
            json!({ "state": state, "command": self.command, "answer": self.answer, "errands": shown });
        if status == 202 {
            body["note"] = "sent, and not acknowledged yet by every shard: ask for the errands again at /api/v1/errands/{id}; they act once"
                .into();
        }
        Ok((status, body))
    }
}
