//! Paper is live: the same market once through a farm on paper and once through adapter, sockets and mock.
//!
//! In lock-step both end with the same round trips and the same ledger to the micro-USDT: nothing between the farm and the
//! matching engine adds or takes anything. At free speed an order meets the market a little later, and what that may come to
//! is a budget that is stated and held.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use cosmos::Sky;
use drift::{Budget, Market, Terms, Verdict};
use edge::exchange::{Clock, Urls};
use edge::journal::Place;
use edge::paper::{Paper, PaperPlan, Stretch};
use edge::trader::{Plan, Said, Trader};
use farm::{Character, Notice, Recruit, Right, Word};
use mock_bitget::{AccountSetup, Exchange, Generation, LockStep, MadeMarket, Setup};
use mock_server::Server;
use model::{AccountMode, Bar, BotId, Interval, MarginMode, OrderId, PositionMode, Qty, Time, Usd};
use persona::{CONTROLS, ControlSettings, Gains};
use risk::Rules;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use venue::{Ladder, Models};
use venue_bitget::account::Wanted;
use venue_bitget::adapter::Alert;
use venue_bitget::order_id::Prefix;
use venue_bitget::sign::{Credentials, Environment, Secret};

const START: Time = Time(1_760_000_040_000);
const BALANCE: Usd = Usd(10_000_000_000);
const WARM_UP: usize = 600;

/// One who runs both ways.
struct Run {
    generation: Generation,
    position: PositionMode,
    bots: &'static [&'static str],
    seed: u64,
    /// How much of the market a step is.
    step: Interval,
    minutes: i64,
}

/// A round trip: what it was, and when.
#[derive(Clone, Debug, PartialEq)]
struct Trip {
    words: String,
    entered_at: Time,
    exited_at: Time,
}

/// What a bot ends with: its round trips, and every sum of its books.
#[derive(Clone, Debug, Default, PartialEq)]
struct Ended {
    trips: Vec<Trip>,
    wallet: Usd,
    held: Qty,
    fills: u64,
}

fn character(name: &str) -> Character {
    match CONTROLS.iter().find(|(control, _)| *control == name) {
        Some((control, _)) => {
            Character::Control(control, ControlSettings { fast: 3, slow: 8, quantity: Qty(20) })
        }
        None => {
            let profile = persona::catalogue::profile(name).unwrap().unwrap();
            Character::Persona(Box::new(profile), Gains::default())
        }
    }
}

impl Run {
    fn mode(&self) -> AccountMode {
        AccountMode { position: self.position, margin: MarginMode::Cross, leverage: 10 }
    }

    fn recruits(&self) -> Vec<Recruit> {
        let bots = (0_u16..).zip(self.bots);
        bots.map(|(number, name)| Recruit::alone(BotId(number), character(name), Usd(0), 7)).collect()
    }

    fn plan(&self, lock_step: bool) -> Plan {
        let recruits = self.recruits();
        let wanted = Wanted { mode: self.mode(), known_harmless: Vec::new(), bound_to_addresses: false };
        let key = |recruit: &Recruit| {
            let part = |letter: char| format!("{letter}{}", recruit.bot.0);
            let credentials =
                Credentials::hmac(part('k'), Secret::new(part('s')), Secret::new(part('p'))).unwrap();
            (recruit.account, (credentials, wanted.clone()))
        };
        Plan {
            environment: Environment::Live,
            prefix: Prefix::new("obf").unwrap(),
            symbol: "BTCUSDT".to_owned(),
            interval: Interval::MINUTE,
            warm_up: WARM_UP,
            accounts: recruits.iter().map(key).collect(),
            recruits,
            rules: Rules::NONE,
            sky: Sky::default(),
            seed: 7,
            lock_step,
        }
    }

    fn exchange(&self, start: Time) -> Exchange {
        let accounts = (0..self.bots.len()).map(|bot| AccountSetup {
            generation: self.generation,
            position: self.position,
            ..AccountSetup::short(bot, &format!("k{bot}:s{bot}:p{bot}:10000")).unwrap()
        });
        let setup = Setup { accounts: accounts.collect() };
        Exchange::generated(vec![mock_bitget::btcusdt()], setup, start, self.seed)
    }

    fn journal(&self, kind: &str) -> PathBuf {
        let name = format!("omega-{kind}-{}-{}-{:?}.omega", std::process::id(), self.seed, self.generation);
        let path = std::env::temp_dir().join(name);
        let _gone = std::fs::remove_file(&path);
        path
    }

    fn end(&self) -> Time {
        START + Interval(self.minutes * 60_000)
    }

    fn paper_plan(&self, recruits: Vec<Recruit>) -> PaperPlan {
        let account = |recruit: &Recruit| (recruit.account, (self.mode(), BALANCE));
        PaperPlan {
            instrument: mock_bitget::btcusdt(),
            interval: Interval::MINUTE,
            accounts: recruits.iter().map(account).collect(),
            recruits,
            models: Models::NONE,
            ladder: Ladder::Afterwards,
            rules: Rules::NONE,
            sky: Sky::default(),
        }
    }

    /// The run on paper, in process.
    fn on_paper(&self) -> Vec<Ended> {
        let journal = self.journal("paper");
        let plan = self.paper_plan(self.recruits());
        let mut paper = Paper::rise(&journal, &plan, START, Right::Sole).unwrap();
        let mut market = MadeMarket::begin(&plan.instrument, self.seed, START);
        let mut ended = vec![Ended::default(); self.bots.len()];
        self.walk(&mut paper, &mut market, START, self.end(), |words| note(&mut ended, words));
        show(&journal);
        std::fs::remove_file(&journal).unwrap();
        close(&mut ended, paper.seat().farm());
        ended
    }

    /// Shows a paper farm the past, and then lets it trade what is to come.
    fn walk(
        &self,
        paper: &mut Paper,
        market: &mut MadeMarket,
        start: Time,
        end: Time,
        mut hear: impl FnMut(Vec<(Time, Word)>),
    ) {
        let past = market.past();
        past[past.len() - WARM_UP..].iter().for_each(|minute| paper.see(as_told(minute.bar)));
        if start.floor(Interval::MINUTE) == start {
            hear(paper.turn());
        }
        let mut minute: Option<Bar> = None;
        let (mut now, mut step_end, mut opened) = (Time(0), start + self.step, false);
        while now < end {
            let mock_bitget::Stretch { bar, interval, mark, funding } = market.tick();
            now = bar.open_time + interval;
            if now > start {
                paper.trade(&Stretch { bar, interval, mark, funding });
            }
            let whole = minute.get_or_insert(Bar { volume: 0.0, ..bar });
            *whole = Bar {
                high: whole.high.max(bar.high),
                low: whole.low.min(bar.low),
                close: bar.close,
                volume: whole.volume + bar.volume,
                ..*whole
            };
            if now >= start && !opened {
                opened = true;
                paper.open(now, bar.close);
            }
            if now == start {
                hear(paper.turn());
            }
            if now < step_end {
                continue;
            }
            step_end = step_end + self.step;
            if now.0 % 60_000 == 0 {
                paper.see(as_told(minute.take().unwrap()));
            }
            hear(paper.turn());
        }
    }

    /// The run through adapter, sockets and mock, which waits for the farm at each step.
    fn live_in_lock_step(&self) -> Vec<Ended> {
        let journal = self.journal("live");
        let mut exchange = self.exchange(START);
        // The market's line, one an account, and the one that stops it in the end.
        exchange.set_lock_step(LockStep { sessions: self.bots.len() + 2, length: Some(self.step) });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::start(address, exchange, mock_server::Clock::new(1.0).unwrap()).unwrap();
        let urls = Urls::one(&server.urls().rest).unwrap();
        let mut trader =
            Trader::rise(&journal, &self.plan(true), &urls, Clock::steps(START), Right::Sole).unwrap();
        let mut ended = vec![Ended::default(); self.bots.len()];
        // The market begins when everything before it was read, decided and done.
        let begun = Instant::now();
        let is_there = |trader: &mut Trader| {
            let joined = server.with(|exchange| exchange.joined());
            joined > self.bots.len()
                && trader.seat().desk().past() >= START.floor(Interval::MINUTE)
                && trader.is_quiet()
        };
        let mut rests = 0;
        while rests < 40 {
            assert!(begun.elapsed() < Duration::from_secs(60), "the past does not come");
            note(&mut ended, words(trader.turn(Duration::from_millis(5))));
            rests += u32::from(is_there(&mut trader));
        }
        let (over, end) = (AtomicBool::new(false), self.end());
        let mut pacer = Pacer::join(&server);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                pacer.until(end);
                over.store(true, Ordering::Release);
            });
            let begun = Instant::now();
            let mut rests = 0;
            while rests < 20 {
                assert!(begun.elapsed() < Duration::from_secs(3_000), "the market stands still");
                rests += u32::from(over.load(Ordering::Acquire));
                note(&mut ended, words(trader.turn(Duration::from_millis(5))));
            }
        });
        assert_eq!(server.with(|exchange| exchange.now()), end);
        close(&mut ended, trader.seat().farm());
        trader.stop();
        show(&journal);
        self.has_no_drift_to_speak_of(&journal);
        std::fs::remove_file(&journal).unwrap();
        ended
    }
}

impl Run {
    /// The session at the exchange against its back-test, in the market that the exchange made and by the journal's bars alone.
    fn has_no_drift_to_speak_of(&self, journal: &std::path::Path) {
        let shelf = Place::at(journal).read().unwrap();
        let mode = (MarginMode::Cross, self.mode().leverage);
        let accounts = self.recruits().iter().map(|recruit| (recruit.account, mode)).collect();
        let terms = Terms { models: Models::NONE, ladder: Ladder::Afterwards, accounts };
        let mut market = MadeMarket::begin(&mock_bitget::btcusdt(), self.seed, START);
        let ticks = std::iter::from_fn(move || {
            let mock_bitget::Stretch { bar, interval, mark, funding } = market.tick();
            Some(drift::Stretch { bar, interval, mark, funding })
        });
        let until = drift::last_bar(&shelf).unwrap();
        let compare = |market: &mut Market<'_>| {
            drift::sessions(&shelf, drift::Wanted { since: Time(i64::MIN), until }, &terms, market).unwrap()
        };
        for report in compare(&mut Market::told(ticks)) {
            let all = report.together();
            println!("drift of {:?} in its market: {all:?}", report.span);
            assert_eq!(report.broken, None);
            assert_eq!(report.verdict(&Budget::default()), Verdict::Within, "{all:?}");
            assert_eq!((all.signals.unmatched(), all.trades.unmatched()), (0, 0));
        }
        for report in compare(&mut Market::Bars) {
            println!("drift by bars alone: {:?}", report.together());
        }
    }
}

/// What a farm heard, for whoever has to find out where both parted: `SHOW=1`.
fn show(journal: &std::path::Path) {
    if std::env::var_os("SHOW").is_none() {
        return;
    }
    let bytes = std::fs::read(journal).unwrap();
    let kind = journal.file_name().unwrap().to_string_lossy().into_owned();
    farm::journal::replay_with(&bytes, |heard| {
        match heard.input {
            farm::journal::Input::Event(at, event) => println!("{kind} {} {event:?}", (at - START).0),
            farm::journal::Input::Rules(at, rules) => println!("{kind} {} {rules:?}", (at - START).0),
            farm::journal::Input::Bars(bars, taken) => {
                println!("{kind} {} bar, {taken}", (bars.close_time(0) - START).0)
            }
        }
        heard.actions.iter().for_each(|action| println!("{kind}     {action:?}"));
    })
    .unwrap();
}

/// A bar as it comes over the wire: volumes have six decimals there.
fn as_told(bar: Bar) -> Bar {
    Bar { volume: format!("{:.6}", bar.volume).parse().unwrap(), ..bar }
}

fn words(said: Vec<Said>) -> Vec<(Time, Word)> {
    let word = |said| match said {
        Said::Word(at, word) => Some((at, word)),
        Said::Alert(Alert::Odd(words)) => panic!("odd: {words}"),
        _ => None,
    };
    said.into_iter().filter_map(word).collect()
}

fn note(ended: &mut [Ended], words: Vec<(Time, Word)>) {
    for (_, word) in words {
        if let Word::Of(bot, Notice::Closed(trade)) = word {
            let position = &trade.position;
            let words = format!(
                "{:?} {} lots for {}, out for {}, gross {}, fees {}, funding {}, {:?}, {}",
                position.side,
                position.opened.0,
                position.entry_cost,
                position.exit_cost,
                position.gross,
                position.fees,
                position.funding,
                trade.reason,
                position.entry.id,
            );
            let (entered_at, exited_at) = (position.entered_at, trade.exited_at);
            ended[usize::from(bot.0)].trips.push(Trip { words, entered_at, exited_at });
        }
    }
}

fn close(ended: &mut [Ended], farm: &farm::Farm) {
    for (ended, bot) in ended.iter_mut().zip(farm.bots()) {
        let ledger = bot.ledger();
        ended.wallet = ledger.books().wallet();
        ended.held = ledger.position().qty;
        ended.fills = ledger.fills();
    }
}

/// The one who holds the market's hand beside the trader.
struct Pacer(WebSocket<MaybeTlsStream<TcpStream>>);

impl Pacer {
    fn join(server: &Server) -> Pacer {
        let (mut line, _) = tungstenite::connect(&server.urls().v2[0]).unwrap();
        line.send(Message::text(r#"{"op":"lockstep"}"#)).unwrap();
        Pacer(line)
    }

    /// Lets the market go on until then.
    fn until(&mut self, end: Time) {
        loop {
            let Ok(Message::Text(text)) = self.0.read() else { continue };
            let said: serde_json::Value = serde_json::from_str(&text).unwrap();
            if said["event"] != "step" {
                continue;
            }
            if said["at"].as_i64().unwrap() >= end.0 {
                return;
            }
            let step = said["step"].as_u64().unwrap();
            self.0.send(Message::text(format!(r#"{{"op":"acknowledge","step":{step}}}"#))).unwrap();
        }
    }
}

/// Everything is the same to the micro-USDT. Instants are so to one step: an account's socket and the market's may be read in either
/// order, and a farm's time does not go back, so a fill is heard at its own instant or at the end of its step.
fn same(bot: &str, paper: &Ended, live: &Ended, step: Interval) {
    for (number, (paper, live)) in paper.trips.iter().zip(&live.trips).enumerate() {
        assert_eq!(paper.words, live.words, "{bot}: round trip {number}, paper first");
        let gaps = [paper.entered_at - live.entered_at, paper.exited_at - live.exited_at];
        assert!(gaps.iter().all(|gap| gap.0.abs() <= step.0), "{bot}: {paper:?} and live {live:?}");
    }
    let sums = |ended: &Ended| (ended.trips.len(), ended.wallet, ended.held, ended.fills);
    assert_eq!(sums(paper), sums(live), "{bot}: round trips, wallet, lots, fills; paper first");
}

/// Runs both ways; how many round trips were the same.
fn both(run: &Run) -> usize {
    let begun = Instant::now();
    let paper = run.on_paper();
    let (on_paper, begun) = (begun.elapsed(), Instant::now());
    let live = run.live_in_lock_step();
    let trips: usize = paper.iter().map(|ended| ended.trips.len()).sum();
    let fills: u64 = paper.iter().map(|ended| ended.fills).sum();
    println!(
        "{:?} {:?} seed {}: {} minutes in steps of {} ms, {trips} round trips, {fills} fills; paper {on_paper:?}, live {:?}",
        run.generation,
        run.position,
        run.seed,
        run.minutes,
        run.step.0,
        begun.elapsed()
    );
    for ((paper, live), bot) in paper.iter().zip(&live).zip(run.bots) {
        same(bot, paper, live, run.step);
    }
    trips
}

const ONE_WAY: &[&str] = &["ema_cross", "scalper", "aggressive", "newbie"];
const HEDGED: &[&str] = &["scalper", "newbie", "aggressive", "fibonacci"];

/// An hour in steps of a second; `DAY=1` makes a day of it in steps of a quarter, in optimised code.
fn hour(generation: Generation, position: PositionMode, bots: &'static [&'static str], seed: u64) -> Run {
    let (minutes, step) =
        if std::env::var_os("DAY").is_some() { (24 * 60, mock_bitget::TICK) } else { (60, Interval::SECOND) };
    Run { generation, position, bots, seed, step, minutes }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn an_hour_of_a_classic_account_is_the_same_on_paper_and_live() {
    let trips = both(&hour(Generation::V2, PositionMode::OneWay, ONE_WAY, 4));
    assert!(trips >= 6, "a comparison of nothing: {trips} round trips");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn an_hour_of_a_unified_hedged_account_is_the_same_on_paper_and_live() {
    let trips = both(&hour(Generation::V3, PositionMode::Hedge, HEDGED, 4));
    assert!(trips >= 1, "a comparison of nothing: {trips} round trips");
}

/// At free speed an order meets the market when it gets there: a quarter of a second behind the bar, and the way. What that comes
/// to is held by this budget.
#[test]
#[cfg_attr(debug_assertions, ignore = "it is waited for in optimised code")]
fn at_free_speed_the_drift_is_within_its_budget() {
    const PRICE_GAP_BPS_MAX: f64 = 5.0;
    const MEAN_GAP_BPS_MAX: f64 = 2.0;
    /// Until a little behind the second close, and as many minutes more as it takes until something was traded.
    const SECONDS: [u64; 4] = [75, 135, 195, 255];
    const FILLS_MIN: u64 = 4;
    let run = Run {
        generation: Generation::V3,
        position: PositionMode::OneWay,
        bots: &["ema_cross", "ema_cross", "ema_cross", "ema_cross"],
        seed: 24,
        step: mock_bitget::TICK,
        minutes: 0,
    };
    let journal = run.journal("free");
    let machine = Clock::machine().now();
    // The exchange's clock is ahead, so that the first bar is soon over.
    let start = machine.floor(Interval::MINUTE) + Interval(52_000 + 60_000);
    let exchange = run.exchange(start);
    let clock = mock_server::Clock::starting_at(start, 1.0).unwrap();
    let server = Server::start(SocketAddr::from(([127, 0, 0, 1], 0)), exchange, clock).unwrap();
    let urls = Urls::one(&server.urls().rest).unwrap();
    let mut trader =
        Trader::rise(&journal, &run.nervous(false), &urls, Clock::machine(), Right::Sole).unwrap();
    let begun = Instant::now();
    for seconds in SECONDS {
        while begun.elapsed() < Duration::from_secs(seconds) {
            // What is odd at first is a limit of requests by address: a farm looks, and begins.
            trader.turn(Duration::from_millis(100));
        }
        let bots = trader.seat().farm().bots();
        if bots.iter().map(|bot| bot.ledger().fills()).sum::<u64>() >= FILLS_MIN {
            break;
        }
    }
    let end = server.with(|exchange| exchange.now());
    trader.stop();
    let live = fills(&journal);
    let paper = run.fills_on_paper(start, end);
    let mut gaps = Vec::new();
    for (id, (lots, price, fee)) in &live {
        let Some((paper_lots, paper_price, paper_fee)) = paper.get(id) else {
            panic!("{id} only live: {paper:?}")
        };
        assert_eq!(lots, paper_lots, "{id}");
        let bps = |a: i64, b: i64| (a - b).abs() as f64 / b as f64 * 1e4;
        gaps.push(bps(*price, *paper_price));
        // A fee is a part of the price: it drifts as that does.
        assert!(bps(*fee, *paper_fee) <= PRICE_GAP_BPS_MAX, "{id}: {fee} and {paper_fee}");
    }
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let most = gaps.iter().copied().fold(0.0, f64::max);
    println!(
        "free speed: {} fills live, {} on paper, mean gap {mean:.3} bp, most {most:.3} bp",
        live.len(),
        paper.len()
    );
    assert!(live.len() as u64 >= FILLS_MIN && live.len() == paper.len(), "{live:?}, paper {paper:?}");
    assert!(most <= PRICE_GAP_BPS_MAX && mean <= MEAN_GAP_BPS_MAX, "mean {mean}, most {most}: {gaps:?}");
    std::fs::remove_file(&journal).unwrap();
}

type Fills = BTreeMap<OrderId, (i64, i64, i64)>;

/// The fills of a journal: lots, price and fee of each order.
fn fills(journal: &std::path::Path) -> Fills {
    let (mut fills, bytes) = (Fills::new(), std::fs::read(journal).unwrap());
    farm::journal::replay_with(&bytes, |heard| {
        if let farm::journal::Input::Event(_, model::Event::Report(_, model::Report::Filled(fill))) =
            heard.input
        {
            fills.insert(fill.id, (fill.qty.0, fill.price.0, fill.fee.0));
        }
    })
    .unwrap();
    fills
}

impl Run {
    /// Crosses of averages so fast that somebody turns round with most bars.
    fn nervous(&self, lock_step: bool) -> Plan {
        let mut plan = self.plan(lock_step);
        plan.recruits = self.nervous_recruits();
        plan
    }

    fn nervous_recruits(&self) -> Vec<Recruit> {
        let mut recruits = self.recruits();
        for (recruit, (fast, slow)) in recruits.iter_mut().zip([(1, 2), (1, 3), (2, 3), (2, 5)]) {
            if let Character::Control(_, settings) = &mut recruit.character {
                *settings = ControlSettings { fast, slow, quantity: Qty(20) };
            }
        }
        recruits
    }

    /// The same stretch of the market on paper.
    fn fills_on_paper(&self, start: Time, end: Time) -> Fills {
        let journal = self.journal("free-paper");
        let plan = self.paper_plan(self.nervous_recruits());
        let mut paper = Paper::rise(&journal, &plan, start, Right::Sole).unwrap();
        let mut market = MadeMarket::begin(&plan.instrument, self.seed, start);
        self.walk(&mut paper, &mut market, start, end, |_| {});
        let fills = fills(&journal);
        std::fs::remove_file(&journal).unwrap();
        fills
    }
}
