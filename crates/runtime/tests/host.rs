//! A farm hosted on paper: it hears commands once, says what came of them, and tells its rows again when it rises, under keys
//! that make them the same rows.
#![allow(clippy::unwrap_used)]

mod scene;

use bus::local::Queues;
use control::message::Errand;
use control::{Bus, Message, Reader, Record, ShardView, Subscription, Topic};
use edge::exchange::Clock;
use farm::lease::ShardId;
use model::{BotId, Command, CommandId, Instruction, Interval, Role, Scope};
use risk::Rules;
use runtime::host::{Host, NoWitness, Wiring};
use runtime::shard::{Ended, Leaving};
use scene::plan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("omega-host-{}-{name}", std::process::id()));
    let _gone = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Somebody who listens and commands.
struct Outside {
    end: Box<dyn Bus + Send>,
    heard: Vec<Message>,
}

impl Outside {
    fn open(queues: &Queues) -> Outside {
        let reads = [Topic::answers(), Topic::views(), Topic::events()]
            .map(|topic| Subscription { topic, reader: Reader::Everyone });
        Outside { end: Box::new(queues.open(&reads)), heard: Vec::new() }
    }

    fn command(&mut self, id: u64, instruction: Instruction) {
        let command =
            Command { id: CommandId(id), role: Role::Operator, given_at: Clock::wall(), instruction };
        let bytes = Message::Errand(Errand::of("main", &command)).encode();
        self.end.send(&Topic::commands("main").unwrap(), &bytes).unwrap();
    }

    /// Hears until something is heard that will do.
    fn until<T>(&mut self, what: &str, found: impl Fn(&Message) -> Option<T>) -> T {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let Some(delivery) = self.end.next(Interval(100)).unwrap() else { continue };
            let message = Message::decode(&delivery.message).unwrap();
            let answer = found(&message);
            self.heard.push(message);
            if let Some(answer) = answer {
                return answer;
            }
        }
        panic!("never heard: {what}");
    }

    fn trades(&self) -> Vec<(String, Record)> {
        let trade = |message: &Message| match message {
            Message::Record(record) if matches!(**record, Record::Trade(_)) => {
                Some((record.key(), Record::clone(record)))
            }
            _ => None,
        };
        self.heard.iter().filter_map(trade).collect()
    }
}

fn answered(id: u64) -> impl Fn(&Message) -> Option<bool> {
    move |message| match message {
        Message::Done(done) if done.id == id => Some(done.objection.is_none()),
        _ => None,
    }
}

fn view_where(is_so: impl Fn(&ShardView) -> bool) -> impl Fn(&Message) -> Option<()> {
    move |message| match message {
        Message::View(view) if is_so(view) => Some(()),
        _ => None,
    }
}

fn start(directory: &Path, queues: &Queues, speed: f64) -> Host {
    let plans = vec![(ShardId(0), plan(directory, speed))];
    Host::start(plans, &Wiring::Local(queues.clone()), Arc::new(NoWitness), Arc::default()).unwrap()
}

fn left(host: Host, how: Leaving) {
    for (shard, ended) in host.leave(how) {
        assert_eq!(ended.unwrap(), Ended::AsTold, "{shard}");
    }
}

#[test]
fn a_command_is_done_once_seen_and_outlives_the_process() {
    let (directory, queues) = (directory("commands"), Queues::default());
    let mut outside = Outside::open(&queues);
    let host = start(&directory, &queues, 600.0);
    outside.until("both trade", view_where(|view| view.bots.iter().all(|bot| bot.status == "trading")));
    let pause = Instruction::Pause(Scope::Bot(BotId(1)));
    outside.command(7, pause);
    assert!(outside.until("the answer", answered(7)));
    // The same command again has the same answer, and a stranger's bot is none.
    outside.command(7, pause);
    assert!(outside.until("the same answer", answered(7)));
    outside.command(8, Instruction::Pause(Scope::Bot(BotId(9))));
    assert!(!outside.until("a refusal", answered(8)));
    let paused = |view: &ShardView| view.bots[0].status == "paused" && view.bots[1].status == "trading";
    outside.until("one is paused", view_where(paused));
    left(host, Leaving::Keep);
    let host = start(&directory, &queues, 600.0);
    outside.until("it is paused still", view_where(paused));
    left(host, Leaving::Keep);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn what_was_told_is_told_again_under_the_same_keys() {
    let (directory, queues) = (directory("rows"), Queues::default());
    let mut outside = Outside::open(&queues);
    let host = start(&directory, &queues, 0.0);
    let trades = |view: &ShardView| view.bots.iter().map(|bot| bot.trades).sum::<u32>() >= 20;
    outside.until("twenty round trips", view_where(trades));
    left(host, Leaving::Keep);
    // How far it was told is lost: all of it is told again.
    std::fs::remove_file(directory.join("main.omega.told")).unwrap();
    while outside
        .end
        .next(Interval(200))
        .unwrap()
        .map(|delivery| outside.heard.push(Message::decode(&delivery.message).unwrap()))
        .is_some()
    {}
    let first: BTreeMap<String, Record> = outside.trades().into_iter().collect();
    assert_eq!(first.len(), outside.trades().len(), "each was told once");
    let mut again = Outside::open(&queues);
    // The market stands still, so nothing new is traded.
    let host = start(&directory, &queues, 0.000_001);
    again.until("a view", view_where(|_| true));
    left(host, Leaving::Keep);
    while again
        .end
        .next(Interval(200))
        .unwrap()
        .map(|delivery| again.heard.push(Message::decode(&delivery.message).unwrap()))
        .is_some()
    {}
    let second: BTreeMap<String, Record> = again.trades().into_iter().collect();
    assert!(first.len() >= 20, "{} rows", first.len());
    let keys = |rows: &BTreeMap<String, Record>| rows.keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(keys(&first), keys(&second), "the same rows");
    assert_eq!(first, second, "to the last field");
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn who_closes_leaves_nothing_and_trades_again() {
    let (directory, queues) = (directory("closing"), Queues::default());
    let mut outside = Outside::open(&queues);
    let host = start(&directory, &queues, 600.0);
    outside.until("something is held", view_where(|view| view.bots.iter().any(|bot| bot.position.is_some())));
    left(host, Leaving::Close);
    let host = start(&directory, &queues, 600.0);
    let flat = |view: &ShardView| view.bots.iter().all(|bot| bot.position.is_none() && bot.orders.is_empty());
    let trades = |view: &ShardView| view.bots.iter().all(|bot| bot.status == "trading");
    outside.until("it holds nothing", view_where(flat));
    outside.until("and trades", view_where(trades));
    left(host, Leaving::Keep);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn other_rules_reach_a_shard_that_lives_and_a_life_to_come_is_under_its_plan() {
    let (directory, queues) = (directory("rules"), Queues::default());
    let mut outside = Outside::open(&queues);
    let host = start(&directory, &queues, 600.0);
    outside.until("a farm without limits", view_where(|view| view.limits.is_empty()));
    host.set_rules(Rules { drawdown_max_bps: Some(1_500), ..Rules::NONE });
    let told = |message: &Message| match message {
        Message::Notice(notice) if notice.key.contains("/ruled/") => Some(notice.text.clone()),
        _ => None,
    };
    let text = outside.until("the change", told);
    assert!(text.contains("drawdown 15.00 %, exposure off"), "{text}");
    let limited = |view: &ShardView| view.limits.len() == 1 && view.limits[0].most == "15.00 %";
    outside.until("the limit", view_where(limited));
    left(host, Leaving::Keep);
    let mut plan = plan(&directory, 600.0);
    plan.trading.set_rules(Rules { entries_per_minute_max: Some(3), ..Rules::NONE });
    let plans = vec![(ShardId(0), plan)];
    let host =
        Host::start(plans, &Wiring::Local(queues.clone()), Arc::new(NoWitness), Arc::default()).unwrap();
    let planned = |view: &ShardView| view.limits.len() == 1 && view.limits[0].most == "3";
    outside.until("the limit of its plan", view_where(planned));
    left(host, Leaving::Keep);
    std::fs::remove_dir_all(&directory).unwrap();
}
