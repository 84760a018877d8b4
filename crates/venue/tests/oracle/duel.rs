//! Both exchanges under the same commands, compared report by report and picture by picture.
//!
//! It refuses to go on after the first difference, and says what led to it.

use crate::naive::Exchange;
use crate::picture::Picture;
use model::{
    AccountId, AccountMode, Bar, BarColumns, Instrument, Interval, Mark, OrderId, PositionSide, Price, Qty,
    Rate, Report, Request, StateHash, Time, Usd,
};
use std::collections::{BTreeMap, VecDeque};
use venue::{AccountSettings, MarkBar, MarkPath, Venue};

/// How many of the last commands and reports a difference shows.
const SHOWN: usize = 16;

/// Whatever a venue can be told.
#[derive(Clone, Debug)]
pub enum Command {
    Submit(AccountId, Request),
    Execute(AccountId, Request),
    Bar(Bar, MarkBar),
    Funding(Mark, Rate),
    Seize(AccountId),
    Deleverage(AccountId, PositionSide, Qty, Price),
    Transfer(AccountId, Usd),
    SetMode(AccountId, AccountMode),
    Lose(AccountId, OrderId),
}

/// What was said and done in all duels.
#[derive(Default)]
pub struct Tally {
    pub commands: u64,
    pub reports: u64,
    pub bars: u64,
    pub bars_passed: u64,
    pub said: BTreeMap<String, u64>,
}

pub struct Duel<'a> {
    fast: Venue,
    pub naive: Exchange,
    pub now: Time,
    interval: Interval,
    seed: u64,
    trail: VecDeque<String>,
    tally: &'a mut Tally,
}

impl Duel<'_> {
    pub fn new<'a>(
        seed: u64,
        instrument: &Instrument,
        accounts: &[AccountSettings],
        tally: &'a mut Tally,
    ) -> Duel<'a> {
        let (mut fast, mut naive) = (Venue::new(instrument.clone()), Exchange::new(instrument.clone()));
        for settings in accounts {
            fast.open_account(*settings);
            naive.open_account(*settings);
        }
        let (interval, trail) = (Interval::MINUTE, VecDeque::new());
        Duel { fast, naive, now: Time(0), interval, seed, trail, tally }
    }

    /// Gives both the command and compares everything there is to see.
    pub fn play(&mut self, command: Command) {
        self.tally.commands += 1;
        self.remember(&command);
        let now = self.now;
        let (fast, naive) = (&mut self.fast, &mut self.naive);
        let (did, ought) = match command {
            Command::Submit(id, request) => {
                fast.submit(now, id, request);
                naive.submit(now, id, request);
                Default::default()
            }
            Command::Execute(id, request) => {
                fast.execute(now, id, &request);
                naive.execute(now, id, &request);
                Default::default()
            }
            Command::Bar(bar, marks) => {
                self.bar(&bar, marks);
                Default::default()
            }
            Command::Funding(mark, rate) => {
                fast.settle_funding(now, mark, rate);
                naive.settle_funding(now, mark, rate);
                Default::default()
            }
            Command::Seize(id) => {
                fast.seize(now, id);
                naive.seize(now, id);
                Default::default()
            }
            Command::Deleverage(id, side, lots, price) => {
                let did = fast.deleverage(now, id, side, lots, price);
                let ought = naive.deleverage(now, id, side, lots, price);
                assert_eq!(did, ought, "{}", self.story());
                Default::default()
            }
            Command::Transfer(id, amount) => {
                (fast.transfer(id, amount).to_string(), naive.transfer(id, amount).to_string())
            }
            Command::SetMode(id, mode) => {
                (format!("{:?}", fast.set_mode(id, mode)), format!("{:?}", naive.set_mode(id, mode)))
            }
            Command::Lose(id, order) => (fast.lose(id, order).to_string(), naive.lose(id, order).to_string()),
        };
        assert_eq!(did, ought, "{}", self.story());
        self.count(did);
        self.compare();
    }

    /// The fast one may pass over what it calls quiet; the naive one walks.
    fn bar(&mut self, bar: &Bar, marks: MarkBar) {
        self.tally.bars += 1;
        self.naive.step(bar, self.interval, marks);
        let mut columns = BarColumns::new(self.interval);
        columns.push(*bar);
        let path = MarkPath::Bars { high: &[marks.high], low: &[marks.low] };
        self.now = bar.open_time + self.interval;
        if self.fast.quiet(columns.as_bars(), path) == 1 {
            self.tally.bars_passed += 1;
            self.fast.pass(bar.close, marks.close, self.now);
        } else {
            self.fast.step(bar, self.interval, marks);
        }
    }

    fn compare(&mut self) {
        loop {
            let (did, ought) = (self.fast.poll(), self.naive.poll());
            assert_eq!(did, ought, "the venue says the first, the oracle the second; {}", self.story());
            let Some((_, _, report)) = did else { break };
            self.tally.reports += 1;
            self.remember(&report);
            self.count(name_of(&report));
        }
        let mark = self.naive.mark;
        assert_eq!(self.fast.mark(), mark, "{}", self.story());
        let mut hashes = [StateHash::default(); 2];
        for account in &self.naive.accounts {
            let ought = Picture::of_naive(&self.naive.terms, account, mark);
            let fast = self.fast.account(account.settings.id);
            let did = Picture::of_fast(fast, mark);
            assert_eq!(did, ought, "the venue holds the first, the oracle the second; {}", self.story());
            did.hash(&mut hashes[0]);
            ought.hash(&mut hashes[1]);
            self.check_levels(fast, account);
        }
        assert_eq!(hashes[0].finish(), hashes[1].finish(), "{}", self.story());
    }

    /// A level is where the oracle calls the line lost, and one unit before it is not.
    fn check_levels(&self, fast: &venue::Account, account: &crate::naive::account::Account) {
        for line in account.lines().iter().copied().filter(|line| account.held[*line].qty != 0) {
            let levels = fast.liquidation_levels(account.side_of(line));
            for (level, way) in [(levels.below, -1), (levels.above, 1)] {
                let Some(level) = level else { continue };
                let lost = |mark| account.is_lost_until(&self.naive.terms, line, i128::from(mark));
                assert!(lost(level.0), "{level:?} is no level; {}", self.story());
                let from = account.changed_at[line].max(1);
                let before = level.0 - way;
                if i128::from(level.0) != from {
                    assert!(!lost(before), "lost before {level:?}, since {from}; {}", self.story());
                }
            }
        }
    }

    fn remember(&mut self, what: &impl std::fmt::Debug) {
        if self.trail.len() == SHOWN {
            self.trail.pop_front();
        }
        self.trail.push_back(format!("  {what:?}"));
    }

    fn count(&mut self, said: String) {
        if !said.is_empty() {
            *self.tally.said.entry(said).or_default() += 1;
        }
    }

    fn story(&self) -> String {
        let trail: Vec<&str> = self.trail.iter().map(String::as_str).collect();
        let last = format!("seed {}, at {}, after\n{}", self.seed, self.now.0, trail.join("\n"));
        let settings: Vec<String> =
            self.naive.accounts.iter().map(|account| format!("  {:?}", account.settings)).collect();
        format!("{last}\n{}", settings.join("\n"))
    }
}

/// What kind of thing was said.
fn name_of(report: &Report) -> String {
    match report {
        Report::Rejected { reason, .. } => format!("Rejected {reason:?}"),
        Report::Cancelled { reason, .. } => format!("Cancelled {reason:?}"),
        Report::Filled(fill) => format!("Filled {:?}", fill.liquidity),
        other => format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect(),
    }
}
