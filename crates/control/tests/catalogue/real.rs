//! A farm that lives, seen through its own views: what is told is what it is, and the view stays small.

use control::catalogue::{Act, COMMANDS, Known, Own, Rows, find, parse};
use control::view::Names;
use control::{Message, ShardView, Teller};
use farm::{Action, Actions, Character, Farm, Recruit, Roster, Word};
use model::{
    AccountId, BarColumns, BotId, Command, CommandId, Event, Instruction, Instrument, Interval, Price,
    RiskLevel, Rng, Role, Scope, Time, Usd,
};
use persona::Gains;
use risk::Rules;
use std::collections::BTreeMap;

const START: Time = Time(1_735_689_600_000);
const CAPITAL: Usd = Usd(10_000 * Usd::ONE.0);
const VIEW_BYTES_MAX: usize = 256 * 1_024;

fn names(bots: u16) -> Names {
    let persona = |bot: u16| persona::PERSONAS[usize::from(bot) % persona::PERSONAS.len()].0.to_owned();
    Names {
        shard: "main".to_owned(),
        mode: "paper".to_owned(),
        node: "n1".to_owned(),
        bots: (0..bots)
            .map(|bot| (BotId(bot), (format!("bot_number_{bot}_of_the_farm"), persona(bot))))
            .collect(),
        accounts: (0..bots).map(|bot| (AccountId(bot), format!("account_number_{bot}"))).collect(),
        capital: (0..bots).map(|bot| (BotId(bot), CAPITAL)).collect(),
    }
}

fn farm(bots: u16) -> Farm {
    let recruit = |bot: u16| {
        let name = persona::PERSONAS[usize::from(bot) % persona::PERSONAS.len()].0;
        let profile = persona::catalogue::profile(name).expect("listed").expect("valid");
        Recruit::alone(BotId(bot), Character::Persona(Box::new(profile), Gains::FULL), CAPITAL, 1)
    };
    let recruits: Vec<Recruit> = (0..bots).map(recruit).collect();
    let roster = Roster::of(&recruits, &[]).expect("each has an account");
    let sky = cosmos::Sky::none().with_factors(cosmos::FactorSet::ALL);
    let farm = Farm::new(Instrument::btcusdt(), Interval::MINUTE, roster, sky).expect("its bars fit");
    farm.with_rules(Rules::TRADING)
}

/// Two weeks of minutes; the venue is silent, so that orders stay on their way. What was said is told.
fn lived(farm: &mut Farm, teller: &mut Teller) -> Time {
    let (mut rng, mut price) = (Rng::new(7), 400_000_i64);
    let mut columns = BarColumns::new(Interval::MINUTE);
    for i in 0..14 * 24 * 60 {
        let open = price;
        price = (open + rng.below(1_201) as i64 - 600).clamp(300_000, 500_000);
        let (high, low) = (Price(open.max(price) + 40), Price(open.min(price) - 40));
        let open_time = START + Interval::minutes(i);
        let volume = rng.unit() * 500.0;
        columns.push(model::Bar { open_time, open: Price(open), high, low, close: Price(price), volume });
    }
    let (bars, mut from) = (columns.as_bars(), 0);
    while from < bars.len() {
        let mut out = Actions::default();
        from += farm.on_bars(bars.slice(from, bars.len()), &mut out);
        let now = bars.close_time(from.max(1) - 1);
        hear(out.as_slice(), now, farm, teller);
    }
    bars.close_time(bars.len() - 1)
}

fn hear(said: &[Action], now: Time, farm: &Farm, teller: &mut Teller) {
    for action in said {
        if let Action::Notify(bot, notice) = action {
            teller.tell(now, &Word::Of(*bot, *notice), farm);
        }
    }
}

fn tell(farm: &mut Farm, now: Time, number: u64, instruction: Instruction) {
    let command = Command { id: CommandId(number), role: Role::Admin, given_at: now, instruction };
    let mut out = Actions::default();
    farm.on_event(now, &Event::Command(command), &mut out);
    assert!(out.as_slice().contains(&Action::Reply(command.id, Ok(()))), "{instruction:?}");
}

fn answers(views: &[ShardView], line: &str, now: Time) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let command = find(words[0]).expect("listed");
    let given = control::catalogue::named(&command.spec, &words[1..]).expect("it takes these");
    let arguments = parse(&command.spec, &given).expect("they are right");
    match command.call(&arguments, &Known { views, now }).expect(line) {
        Act::Answer(answer) | Act::Gateway(Own::Health(answer)) => answer.plain(),
        Act::Read(read) => (read.then)(Rows::Records(Vec::new())).plain(),
        Act::Errands(errands) => errands.preview.plain(),
        Act::Gateway(own) => format!("{own:?}"),
    }
}

#[test]
fn the_view_of_as_many_bots_as_there_may_be_is_small_and_comes_back() {
    let mut farm = farm(32);
    let mut teller = Teller::new(names(32));
    let now = lived(&mut farm, &mut teller);
    let view = teller.view(&farm, (1, 0), now);
    let decided = view.bots.iter().filter(|bot| !bot.decisions.is_empty()).count();
    assert!(decided > 8, "{decided} have decided something");
    let bytes = Message::View(Box::new(view.clone())).encode();
    let again = Message::decode(&bytes).expect("the same");
    assert!(again == Message::View(Box::new(view.clone())), "a view is not what was sent");
    // As much as a bot can have: decisions, each as long as the longest, and everything that can lock.
    let longest = view.bots.iter().flat_map(|bot| &bot.decisions).max_by_key(|one| one.what.len()).cloned();
    let longest = longest.expect("somebody decided something");
    let lock = control::view::LockView {
        lock: "unexplained".to_owned(),
        until: Some(now.0),
        why: "account account_number_31 holds what its books do not explain".to_owned(),
        ends: "`reconcile`, then `resume`".to_owned(),
    };
    let mut full = view;
    for bot in &mut full.bots {
        (bot.decisions, bot.locks) = (vec![longest.clone(); 6], vec![lock.clone(); 6]);
        let orders: Vec<_> =
            bot.orders.iter().cloned().cycle().take(if bot.orders.is_empty() { 0 } else { 8 }).collect();
        bot.orders = orders;
    }
    let bytes = Message::View(Box::new(full)).encode();
    assert!((64 * 1_024..VIEW_BYTES_MAX).contains(&bytes.len()), "{} bytes", bytes.len());
}

#[test]
fn what_is_told_of_a_farm_is_what_it_is() {
    let mut farm = farm(6);
    let mut teller = Teller::new(names(6));
    let now = lived(&mut farm, &mut teller);
    tell(&mut farm, now, 1, Instruction::SetRisk(BotId(0), RiskLevel::Low));
    tell(&mut farm, now, 2, Instruction::Pause(Scope::Bot(BotId(1))));
    let view = teller.view(&farm, (1, 0), now);
    let risk = view.bots[0].risk.clone().expect("a persona risks something");
    let whole = farm.bots()[0].profile().expect("a persona is somebody").risk.tolerance;
    assert_eq!((risk.band, risk.tolerance), (whole, RiskLevel::Low.within(whole)));
    let locks: Vec<&str> = view.bots[1].locks.iter().map(|lock| lock.lock.as_str()).collect();
    assert!(locks.contains(&"paused"), "{locks:?}");
    assert_eq!((view.limits.len(), view.bots[0].limits.len(), view.sky.len()), (4, 3, 8));
    assert!(view.market.iter().any(|look| look.trend.is_some()), "{:?}", view.market);
    assert!(view.bots.iter().all(|bot| bot.energy.is_some()));
    let views = [view];
    for command in COMMANDS {
        let words: Vec<String> = command
            .spec
            .arguments
            .iter()
            .filter(|one| one.need == control::catalogue::Need::Required)
            .map(|one| word(one.name).to_owned())
            .collect();
        let line = format!("{} {}", command.spec.name, words.join(" "));
        let refused = ["approve", "decline", "reconcile", "rearm", "allocate"];
        if !refused.contains(&command.spec.name) {
            assert!(!answers(&views, line.trim(), now).is_empty(), "{line}");
        }
    }
    assert!(answers(&views, "risk bot_number_0_of_the_farm", now).contains("level: low"));
    assert!(answers(&views, "unlock bot_number_1_of_the_farm", now).contains("it was told to open nothing"));
    let kill = answers(&views, "panic", now);
    assert!((0..6).all(|bot| kill.contains(&format!("bot_number_{bot}_of_the_farm"))), "{kill}");
}

/// Something for each argument that has to be given.
fn word(argument: &str) -> &'static str {
    let known: BTreeMap<&str, &str> = BTreeMap::from([
        ("bot", "bot_number_1_of_the_farm"),
        ("level", "high"),
        ("name", "newbie"),
        ("amount", "25"),
        ("period", "month"),
        ("number", "17"),
        ("order", "b1-0-1"),
        ("account", "account_number_1"),
    ]);
    known[argument]
}
