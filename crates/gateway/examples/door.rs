//! A gateway to be fuzzed from outside: an empty farm, three people, and a stand-in for its shard that counts what it is told.
//!
//! Prints its address and a token a role, one JSON line; ends with its input, and then prints how many errands came from whom.
//! Refuses to be more than that: no farm trades here.

use access::{Limits, Rules};
use bus::local::Queues;
use control::message::{Done, Message};
use control::{Bus, Reader, Subscription, Telemetry, Topic};
use gateway::{Clock, Gateway, Offline, Parts, Settings, reads};
use model::{Interval, Role};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

type Counted = Arc<Mutex<BTreeMap<&'static str, u64>>>;

/// Acknowledges and counts, by the role of who gave it.
fn shard(queues: &Queues, counted: Counted, is_over: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let topic = Topic::commands("main").expect("a topic");
    let reader = Reader::Group { name: "main".to_owned(), member: "1".to_owned() };
    let mut end = queues.open(&[Subscription { topic, reader }]);
    std::thread::spawn(move || {
        while !is_over.load(Ordering::SeqCst) {
            let Ok(Some(delivery)) = end.next(Interval(100)) else { continue };
            let Ok(Message::Errand(errand)) = Message::decode(&delivery.message) else { continue };
            *counted.lock().expect("nobody panics").entry(access::role_word(errand.role.0)).or_default() += 1;
            let done = Done { id: errand.id, shard: "main".to_owned(), at: 1, objection: None };
            end.send(&Topic::answers(), &Message::Done(done).encode()).expect("a local bus");
        }
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::temp_dir().join(format!("omega-door-{}", std::process::id()));
    let mut settings = Settings::new("door", directory.clone());
    settings.listen.set_port(0);
    // Whoever guesses tokens is to be answered, not locked out: that has tests of its own.
    settings.rules = Rules { attempts_max: u32::MAX, ..Rules::default() };
    let mut people = Offline::open("door", &directory, settings.rules, None)?;
    let mut line = serde_json::Map::new();
    for role in Role::ALL {
        let id = people.add(access::role_word(role), role, Limits::NONE)?;
        let issued = people.issue(id, "fuzz", None)?;
        line.insert(access::role_word(role).to_owned(), issued.token.reveal().into());
    }
    drop(people);
    let (queues, counted, is_over) =
        (Queues::default(), Counted::default(), Arc::new(AtomicBool::new(false)));
    let stand_in = shard(&queues, Arc::clone(&counted), Arc::clone(&is_over));
    let parts = Parts {
        hears: Box::new(queues.open(&reads("door"))),
        says: Box::new(queues.open(&[])),
        archive: None,
        seal: None,
        telemetry: Arc::new(Telemetry::default()),
        clock: Clock::of_machine(),
    };
    let gateway = Gateway::open(settings, parts)?;
    line.insert("url".to_owned(), format!("http://{}", gateway.address()).into());
    let mut end = queues.open(&[]);
    let view = r#"{"v":1,"message":"view","shard":"main","node":"door","epoch":1,"number":1,"at":0,"mode":"paper","symbol":"BTCUSDT","bar_ms":60000,"price":null,"halted_at":null,"flat_at":null,"session":null,"accounts":[],"bots":[],"market":[],"sky":[],"limits":[],"locks":[],"battle":[]}"#;
    end.send(&Topic::views(), view.as_bytes())?;
    #[expect(clippy::print_stdout, reason = "it is what this program is for")]
    {
        println!("{}", serde_json::Value::Object(line));
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    gateway.leave();
    is_over.store(true, Ordering::SeqCst);
    stand_in.join().expect("it does not panic");
    #[expect(clippy::print_stdout, reason = "it is what this program is for")]
    {
        println!("{}", serde_json::json!(*counted.lock().expect("nobody panics")));
    }
    std::fs::remove_dir_all(directory)?;
    Ok(())
}
