//! A command from a key to its answer: shown, confirmed by a second key, given, and told how it ended.
//!
//! It refuses to do anything that was not shown, to keep a code on the screen, and to keep the picture waiting: whatever
//! asks the gateway does so in a thread of its own.

use crate::line::{Line, key_of};
use crate::screen::Over;
use control::ShardView;
use control::catalogue::{self, Act, Answer, Known, Rule};
use model::Time;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The longest code or recovery code.
const CODE_CHARS_MAX: usize = 32;

/// What the gateway said: a status and a body, or a sentence and its mend.
type Came = Result<(u16, Value), (String, String)>;

/// A command of the catalogue for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its name.
    pub name: &'static str,
    /// Its arguments.
    pub given: BTreeMap<String, String>,
}

impl Order {
    /// For a bot as the catalogue names it, or for all; what concerns the whole farm takes no name.
    pub fn new(name: &'static str, whom: Option<String>) -> Order {
        let command = catalogue::find(name).expect("keys give commands of the catalogue");
        let argument = command.spec.arguments.first().map(|argument| argument.name.to_owned());
        let whom = whom.unwrap_or_else(|| "all".to_owned());
        Order { name, given: argument.map(|argument| (argument, whom)).into_iter().collect() }
    }

    /// In words.
    pub fn title(&self) -> String {
        let whom: Vec<&str> = self.given.values().map(String::as_str).collect();
        format!("{} {}", self.name, whom.join(" ")).trim().to_owned()
    }
}

/// How far it is.
#[derive(Debug, Default)]
pub enum Desk {
    /// Nothing is under way.
    #[default]
    Idle,
    /// It is shown here, and is sent when it is confirmed.
    Shown(Order, Vec<String>),
    /// It is on its way; what comes of it is awaited.
    Given(Order, Receiver<Came>),
    /// The gateway has shown it, and waits for a confirmation.
    Waits(Order, Waiting),
    /// How it ended, until a key is pressed.
    Told(String, Vec<String>),
}

/// What waits at the gateway.
#[derive(Clone, Debug)]
pub struct Waiting {
    id: u64,
    needs: Needs,
    text: Vec<String>,
    typed: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Word,
    Code,
    SecondPerson,
}

impl Desk {
    /// Begins: what would be done is shown, here where it only makes things safer, else by the gateway.
    pub fn begin(order: Order, views: &[ShardView], now: Time, line: &Line) -> Desk {
        let command = catalogue::find(order.name).expect("keys give commands of the catalogue");
        if command.spec.rule != Rule::Act {
            let path = format!("/api/v1/commands/{}", order.name);
            let body = json!(order.given);
            return Desk::give(order, line, move |line| line.post(&path, &key_of(&path), &body));
        }
        let known = Known { views, now };
        let act = catalogue::parse(&command.spec, &order.given)
            .and_then(|arguments| command.call(&arguments, &known));
        match act {
            Ok(Act::Errands(errands)) => Desk::Shown(order, lines_of(&errands.preview)),
            Ok(_) => Desk::Shown(order, vec![command.spec.summary.to_owned()]),
            Err(complaint) => Desk::Told(order.title(), vec![complaint.to_string()]),
        }
    }

    fn give(
        order: Order,
        line: &Line,
        ask: impl FnOnce(&Line) -> Result<(u16, Value), crate::error::Failure> + Send + 'static,
    ) -> Desk {
        let (sender, receiver) = channel();
        let line = line.clone();
        std::thread::spawn(move || {
            let came = ask(&line).map_err(|failure| (failure.to_string(), failure.hint()));
            // Who watched may have left.
            let _is_heard = sender.send(came);
        });
        Desk::Given(order, receiver)
    }

    /// Whether keys are for it.
    pub fn is_idle(&self) -> bool {
        matches!(self, Desk::Idle)
    }

    /// A key while something is under way.
    pub fn press(&mut self, key: &KeyEvent, line: &Line) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        let (is_plain, code) = (!key.modifiers.contains(KeyModifiers::CONTROL), key.code);
        let is_yes = is_plain && matches!(code, KeyCode::Char('y' | 'Y'));
        *self = match std::mem::take(self) {
            Desk::Shown(order, _) if is_yes => {
                let path = format!("/api/v1/commands/{}", order.name);
                let body = json!(order.given);
                Desk::give(order, line, move |line| line.post(&path, &key_of(&path), &body))
            }
            Desk::Waits(order, waiting) if is_plain => waiting.press(code, order, line),
            Desk::Waits(order, waiting) => waiting.withdraw(&order, line),
            // What is on its way cannot be taken back; one may look away.
            Desk::Given(order, from) if code != KeyCode::Esc => Desk::Given(order, from),
            _ => Desk::Idle,
        };
    }

    /// Takes what came; tells how it ended where it ended well.
    pub fn advance(&mut self) -> Option<String> {
        let Desk::Given(order, from) = self else { return None };
        let came = match from.try_recv() {
            Ok(came) => came,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => {
                Err(("nobody answered".to_owned(), "look with `omega ctl`".to_owned()))
            }
        };
        let order = order.clone();
        let title = order.title();
        let (next, done) = ended(order, came);
        *self = next;
        done.map(|state| format!("you: {title}: {state}"))
    }

    /// What is shown of it.
    pub fn over(&self) -> Option<Over> {
        let asks = |title: &str, text: &[String], answers: &str| {
            Some(Over::Asks { title: title.to_owned(), text: text.to_vec(), answers: answers.to_owned() })
        };
        match self {
            Desk::Idle => None,
            Desk::Shown(order, text) => asks(&order.title(), text, "y: do it; any other key: do not"),
            Desk::Given(order, _) => {
                asks(&order.title(), &["the gateway is asked ...".to_owned()], "esc: look away")
            }
            Desk::Told(title, text) => asks(title, text, "any key: go on"),
            Desk::Waits(order, waiting) => match waiting.needs {
                Needs::Word => asks(&order.title(), &waiting.text, "y: do it; any other key: take it back"),
                Needs::Code => {
                    let hidden = "*".repeat(waiting.typed.chars().count());
                    let answers =
                        format!("code of your authenticator: {hidden}_; enter: do it; esc: take it back");
                    asks(&order.title(), &waiting.text, &answers)
                }
                Needs::SecondPerson => {
                    let answers = format!(
                        "another person gives `omega ctl confirm {} CODE`; esc: take it back; any other key: let it wait",
                        waiting.id
                    );
                    asks(&order.title(), &waiting.text, &answers)
                }
            },
        }
    }
}

impl Waiting {
    fn press(mut self, code: KeyCode, order: Order, line: &Line) -> Desk {
        match (self.needs, code) {
            (Needs::Word, KeyCode::Char('y' | 'Y')) => self.confirm(order, line),
            (Needs::Code, KeyCode::Enter) if !self.typed.is_empty() => self.confirm(order, line),
            (Needs::Code, KeyCode::Backspace) => {
                self.typed.pop();
                Desk::Waits(order, self)
            }
            (Needs::Code, KeyCode::Char(letter)) if self.typed.len() < CODE_CHARS_MAX => {
                self.typed.push(letter);
                Desk::Waits(order, self)
            }
            (Needs::Code, KeyCode::Char(_) | KeyCode::Enter) => Desk::Waits(order, self),
            (Needs::SecondPerson, key) if key != KeyCode::Esc => Desk::Idle,
            _ => self.withdraw(&order, line),
        }
    }

    fn confirm(self, order: Order, line: &Line) -> Desk {
        let path = format!("/api/v1/pending/{}/confirm", self.id);
        let code = (self.needs == Needs::Code).then_some(self.typed);
        Desk::give(order, line, move |line| line.post(&path, &key_of(&path), &json!({ "code": code })))
    }

    /// Takes it back; where that fails it runs out by itself.
    fn withdraw(&self, order: &Order, line: &Line) -> Desk {
        let path = format!("/api/v1/pending/{}", self.id);
        drop(Desk::give(order.clone(), line, move |line| line.delete(&path)));
        Desk::Idle
    }
}

fn lines_of(answer: &Answer) -> Vec<String> {
    answer.plain().lines().map(str::to_owned).collect()
}

/// What came of it: the next state, and a word where it ended well.
fn ended(order: Order, came: Came) -> (Desk, Option<String>) {
    let told = |order: &Order, text: Vec<String>| Desk::Told(format!("{}: not done", order.title()), text);
    let (status, body) = match came {
        Ok(came) => came,
        Err((problem, mend)) => return (told(&order, vec![problem, mend]), None),
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let state = text(&body["state"]);
    let answer = serde_json::from_value::<Answer>(body["answer"].clone()).unwrap_or_default();
    if status == 202 && state == "waits" {
        let pending = &body["pending"];
        let needs = match pending["needs"].as_str() {
            Some("code") => Needs::Code,
            Some("second_person") => Needs::SecondPerson,
            _ => Needs::Word,
        };
        let (id, typed) = (pending["id"].as_u64().unwrap_or_default(), String::new());
        return (Desk::Waits(order, Waiting { id, needs, text: lines_of(&answer), typed }), None);
    }
    if !(200..300).contains(&status) {
        return (told(&order, vec![text(&body["reason"]), text(&body["mend"])]), None);
    }
    match state.as_str() {
        "sent" => {
            let text = "it was sent, and not every shard has answered yet; it acts once";
            (Desk::Told(order.title(), vec![text.to_owned()]), None)
        }
        "partly_done" => {
            let errands = body["errands"].as_array().map_or(&[][..], Vec::as_slice);
            let line = |one: &Value| {
                format!("{}: {} {}", text(&one["shard"]), text(&one["state"]), text(&one["why"]))
            };
            (Desk::Told(format!("{}: partly done", order.title()), errands.iter().map(line).collect()), None)
        }
        _ => (Desk::Idle, Some(state.replace('_', " "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_for_one_or_for_all() {
        let one = Order::new("close", Some("newbie_btc".to_owned()));
        assert_eq!((one.title().as_str(), one.given["bot"].as_str()), ("close newbie_btc", "newbie_btc"));
        assert_eq!(Order::new("pause", None).title(), "pause all");
        let panic = Order::new("panic", Some("newbie_btc".to_owned()));
        assert_eq!((panic.title().as_str(), panic.given.len()), ("panic", 0), "it concerns everybody");
    }

    #[test]
    fn what_came_is_told_or_asked() {
        let order = || Order::new("close", None);
        let waits = |needs: &str| {
            let body = json!({"state": "waits", "pending": {"id": 7, "needs": needs}, "answer": Answer::new("close all")});
            ended(order(), Ok((202, body))).0
        };
        for (needs, shown) in
            [("confirm", "y: do it"), ("code", "authenticator"), ("second_person", "confirm 7 CODE")]
        {
            let Some(Over::Asks { text, answers, .. }) = waits(needs).over() else {
                panic!("{needs} is asked")
            };
            assert!(answers.contains(shown) && text == ["close all"], "{needs}: {answers}");
        }
        let (desk, done) = ended(order(), Ok((200, json!({"state": "done"}))));
        assert!(desk.is_idle() && done.as_deref() == Some("done"));
        for came in [
            Ok((403, json!({"reason": "he may not", "mend": "ask an operator"}))),
            Err(("no answer".to_owned(), "look whether it runs".to_owned())),
        ] {
            let (Desk::Told(title, text), None) = ended(order(), came) else { panic!("a no is told") };
            assert!(title.ends_with("not done") && text.len() == 2, "{title}: {text:?}");
        }
        assert!(matches!(ended(order(), Ok((202, json!({"state": "sent"})))).0, Desk::Told(..)));
    }
}
