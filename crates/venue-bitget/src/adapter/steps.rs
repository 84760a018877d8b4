//! In step with a venue that waits for us: what it pushes is taken in an order that no socket and no machine can change.
//!
//! Answers are kept until all that was asked at once is answered, and taken in the order it was asked in. Pushes are kept until
//! the venue's step was told on every line, and after that until nothing is asked any more and every line has answered a
//! ping: then nothing is on its way, and they are taken line by line. So a run is the same however fast its sockets are.
//! Refuses to begin a step while a line does not know yet from which step on it takes part.

use super::doing::{CallId, Doing, LineId};
use crate::response::Reply;
use model::Time;
use std::collections::BTreeMap;

/// What was pushed, line by line.
type Pushed = Vec<(LineId, String)>;

/// What a line says to take part.
const JOIN: &str = r#"{"op":"lockstep"}"#;

/// A line that takes part.
#[derive(Debug, Default)]
struct Line {
    /// The last step that was told on it; unknown until the venue has said from which one on it takes part.
    told: Option<u64>,
    acknowledged: u64,
    /// What was pushed on it and not taken yet.
    kept: Vec<String>,
    /// Whether a ping of ours is not answered yet.
    is_pinged: bool,
}

/// What came back for a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) reply: Option<(u16, String)>,
    pub(crate) remaining: Option<u32>,
}

/// The lines that are in step, and what came on them and was not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    lines: BTreeMap<LineId, Line>,
    answers: BTreeMap<CallId, Answered>,
    /// The step that is being lived.
    step: u64,
    /// The newest one that a line told, and its instant.
    newest: (u64, Option<Time>),
    /// How many calls had been made when the lines were last pinged.
    pinged_at: Option<u64>,
    /// How many had been made when nothing was on its way.
    clear_at: Option<u64>,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// It was kept, or said something of steps.
    Taken,
    /// An answer to what the line itself said: for its connection, at once.
    Answer,
}

/// What can be done when nothing is asked any more.
#[derive(Debug, PartialEq)]
pub(crate) enum Due {
    Nothing,
    /// Nothing of this step is on its way any more.
    Tell(u64, Time),
    /// These are to be said first, to know that nothing is on its way.
    Say(Vec<Doing>),
    /// This was pushed.
    Take(Pushed),
}

impl Steps {
    /// A line is open: it takes part.
    pub(crate) fn opened(&mut self, line: LineId) -> Doing {
        self.lines.insert(line, Line::default());
        self.clear_at = None;
        Doing::Say(line, JOIN.to_owned())
    }

    /// A line is gone: it is not waited for.
    pub(crate) fn closed(&mut self, line: LineId) {
        self.lines.remove(&line);
    }

    /// Something was said on a line.
    pub(crate) fn hear(&mut self, id: LineId, text: &str) -> Frame {
        let Some(line) = self.lines.get_mut(&id) else { return Frame::Answer };
        if text == "pong" && line.is_pinged {
            line.is_pinged = false;
            return Frame::Taken;
        }
        match word_of(text) {
            Some(Word::Joined(step)) => {
                (line.told, line.acknowledged) = (Some(step), step);
                if self.newest.0 < step {
                    (self.newest, self.step) = ((step, None), step);
                }
            }
            Some(Word::Step(step, at)) => {
                line.told = Some(step);
                self.newest = (step, Some(at));
            }
            Some(Word::Other) => return Frame::Answer,
            None if line.told.is_some() => line.kept.push(text.to_owned()),
            None => return Frame::Answer,
        }
        Frame::Taken
    }

    /// A call was answered while so many were under way: the answers that can be taken now, in the order of their calls.
    pub(crate) fn answered(
        &mut self,
        call: CallId,
        reply: Reply<'_>,
        remaining: Option<u32>,
        under_way: usize,
    ) -> BTreeMap<CallId, Answered> {
        let reply = reply.map(|(status, body)| (status, body.to_owned()));
        self.answers.insert(call, Answered { reply, remaining });
        if self.answers.len() < under_way { BTreeMap::new() } else { std::mem::take(&mut self.answers) }
    }

    fn is_told_everywhere(&self) -> bool {
        self.lines.values().all(|line| line.told == Some(self.newest.0))
    }

    /// The next step, if it was told on every line, with what was pushed in it.
    pub(crate) fn begin(&mut self) -> Option<(u64, Time, Pushed)> {
        let (step, at) = self.newest;
        let at = at.filter(|_| step > self.step && self.is_told_everywhere())?;
        self.step = step;
        Some((step, at, self.take()))
    }

    fn take(&mut self) -> Pushed {
        self.clear_at = None;
        let kept = |(id, line): (&LineId, &mut Line)| {
            let id = *id;
            std::mem::take(&mut line.kept).into_iter().map(move |text| (id, text))
        };
        self.lines.iter_mut().flat_map(kept).collect()
    }

    /// What is due when nothing is asked any more; so many calls were made.
    pub(crate) fn due(&mut self, calls: u64) -> Due {
        let is_between = self.newest.0 > self.step || !self.is_told_everywhere();
        let is_on_its_way = self.lines.values().any(|line| line.is_pinged);
        if is_between || is_on_its_way || self.is_clear(calls) {
            return Due::Nothing;
        }
        if self.pinged_at.take() == Some(calls) {
            if self.lines.values().any(|line| !line.kept.is_empty()) {
                return Due::Take(self.take());
            }
            self.clear_at = Some(calls);
            return self.newest.1.map_or(Due::Nothing, |at| Due::Tell(self.step, at));
        }
        self.pinged_at = Some(calls);
        let ping = |(id, line): (&LineId, &mut Line)| {
            line.is_pinged = true;
            Doing::Say(*id, "ping".to_owned())
        };
        Due::Say(self.lines.iter_mut().map(ping).collect())
    }

    /// Whether nothing is on its way since so many calls were made.
    pub(crate) fn is_clear(&self, calls: u64) -> bool {
        self.lines.is_empty() || self.clear_at == Some(calls)
    }

    /// Who decides has done with a step: what is to be said for it.
    pub(crate) fn acknowledge(&mut self, step: u64) -> Vec<Doing> {
        let due = self.lines.iter_mut().filter(|(_, line)| line.acknowledged < step);
        let say = |(id, line): (&LineId, &mut Line)| {
            line.acknowledged = step;
            Doing::Say(*id, format!(r#"{{"op":"acknowledge","step":{step}}}"#))
        };
        due.filter(|(_, line)| line.told >= Some(step)).map(say).collect()
    }
}

/// What a frame says that is no push.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    /// The line takes part behind this step.
    Joined(u64),
    Step(u64, Time),
    /// Nothing of steps.
    Other,
}

/// None for a push: its rows are not read twice.
fn word_of(text: &str) -> Option<Word> {
    #[derive(serde::Deserialize)]
    struct Event<'a> {
        event: &'a str,
        step: Option<u64>,
        at: Option<i64>,
    }
    if text.contains(r#""data""#) {
        return None;
    }
    let Ok(event) = serde_json::from_str::<Event<'_>>(text) else { return Some(Word::Other) };
    Some(match (event.event, event.step, event.at) {
        ("lockstep", Some(step), _) => Word::Joined(step),
        ("step", Some(step), Some(at)) => Word::Step(step, Time(at)),
        _ => Word::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKET: LineId = LineId(0);
    const ACCOUNT: LineId = LineId(1);

    fn push(text: &str) -> String {
        format!(r#"{{"action":"update","data":["{text}"]}}"#)
    }

    fn step(step: u64) -> String {
        format!(r#"{{"event":"step","step":{step},"at":{}}}"#, step * 1_000)
    }

    /// Two lines that take part behind step 3.
    fn joined() -> Steps {
        let mut steps = Steps::default();
        for line in [MARKET, ACCOUNT] {
            assert_eq!(steps.opened(line), Doing::Say(line, JOIN.to_owned()));
            assert_eq!(steps.hear(line, r#"{"event":"lockstep","step":3}"#), Frame::Taken);
        }
        assert_eq!(clear(&mut steps, 0), (2, Vec::new()), "there is no step to tell of yet");
        steps
    }

    /// Pings all that are to be pinged and answers them: how many those were, and what can be taken then.
    fn clear(steps: &mut Steps, calls: u64) -> (usize, Pushed) {
        let Due::Say(pings) = steps.due(calls) else { panic!("nobody is pinged") };
        for ping in &pings {
            let Doing::Say(line, text) = ping else { panic!("{ping:?}") };
            assert_eq!((text.as_str(), steps.due(calls)), ("ping", Due::Nothing), "it is on its way");
            assert_eq!(steps.hear(*line, "pong"), Frame::Taken);
        }
        let pushed = if let Due::Take(pushed) = steps.due(calls) { pushed } else { Vec::new() };
        (pings.len(), pushed)
    }

    #[test]
    fn whichever_line_is_heard_first_pushes_are_taken_line_by_line_once_the_step_is_told_on_all() {
        for first in [MARKET, ACCOUNT] {
            let mut steps = joined();
            let second = if first == MARKET { ACCOUNT } else { MARKET };
            assert_eq!(steps.hear(first, &push(&first.0.to_string())), Frame::Taken);
            assert_eq!(steps.hear(first, &step(4)), Frame::Taken);
            assert_eq!(steps.begin(), None);
            assert_eq!(steps.due(0), Due::Nothing, "it is between two steps");
            assert_eq!(steps.hear(second, &push(&second.0.to_string())), Frame::Taken);
            assert_eq!(steps.hear(second, &step(4)), Frame::Taken);
            let pushed = vec![(MARKET, push("0")), (ACCOUNT, push("1"))];
            assert_eq!(steps.begin(), Some((4, Time(4_000), pushed)));
            assert_eq!(steps.begin(), None, "once");
        }
    }

    #[test]
    fn what_a_request_did_is_taken_once_every_line_has_answered_behind_it() {
        let mut steps = joined();
        [MARKET, ACCOUNT].into_iter().for_each(|line| assert_eq!(steps.hear(line, &step(4)), Frame::Taken));
        assert!(steps.begin().is_some() && !steps.is_clear(0));
        assert_eq!(steps.hear(ACCOUNT, &push("filled")), Frame::Taken);
        assert_eq!(clear(&mut steps, 1), (2, vec![(ACCOUNT, push("filled"))]));
        assert!(!steps.is_clear(1), "what follows from it may be asked for");
        let Due::Say(_) = steps.due(2) else { panic!("somebody asked once more") };
        [MARKET, ACCOUNT].into_iter().for_each(|line| assert_eq!(steps.hear(line, "pong"), Frame::Taken));
        assert_eq!(steps.due(2), Due::Tell(4, Time(4_000)));
        assert!(steps.is_clear(2) && !steps.is_clear(3));
        assert_eq!(steps.acknowledge(4).len(), 2);
        assert_eq!(steps.acknowledge(4), Vec::new(), "once");
    }

    #[test]
    fn a_line_that_comes_back_in_a_step_is_not_waited_for_in_it() {
        let mut steps = joined();
        steps.closed(ACCOUNT);
        steps.hear(MARKET, &step(4));
        steps.opened(ACCOUNT);
        assert_eq!(steps.begin(), None, "nobody knows yet whether it is told of this step");
        assert_eq!(steps.hear(ACCOUNT, r#"{"event":"login","code":0}"#), Frame::Answer);
        steps.hear(ACCOUNT, r#"{"event":"lockstep","step":4}"#);
        assert!(steps.begin().is_some_and(|(step, ..)| step == 4));
        let said = steps.acknowledge(4);
        assert_eq!(said, [Doing::Say(MARKET, r#"{"op":"acknowledge","step":4}"#.to_owned())]);
    }

    #[test]
    fn answers_are_taken_in_the_order_of_the_questions() {
        let mut steps = Steps::default();
        assert!(steps.answered(CallId(8), Some((200, "second")), None, 2).is_empty());
        let both = steps.answered(CallId(7), None, None, 2);
        assert_eq!(both.keys().copied().collect::<Vec<_>>(), [CallId(7), CallId(8)]);
        assert_eq!(both[&CallId(8)].reply, Some((200, "second".to_owned())));
    }
}
