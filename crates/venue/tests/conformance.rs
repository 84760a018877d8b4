//! The conformance suite on the counter: the simulated venue in process, one-way and hedge, ladders at once and afterwards.
//!
//! Its time is its market's, so a case that waits in vain waits for nothing.
#![allow(clippy::unwrap_used)]

use model::{
    AccountId, AccountMode, Bar, FromVenue, Instrument, Interval, Known, MarginMode, Mark, OrderId,
    OrderRequest, PositionMode, Price, Rate, Request, Time, ToVenue, Usd,
};
use venue::conformance::{Subject, cases};
use venue::{AccountSettings, Counter, Ladder, MarkBar, Models, STRANGER, Venue};

const START: Time = Time(1_760_000_040_000);
const PRICE: Price = Price(600_000);
const ACCOUNTS: [AccountId; 2] = [AccountId(5), AccountId(6)];
const BALANCE: Usd = Usd(10_000_000_000);

/// The counter, and the market before it.
struct InProcess {
    counter: Counter,
    instrument: Instrument,
    mode: PositionMode,
    price: Price,
    now: Time,
    by_hand: u32,
    hands: Vec<(OrderId, OrderId)>,
    /// The number of a report that nobody hears.
    kept_back: Option<u64>,
}

impl InProcess {
    fn new(mode: PositionMode, ladder: Ladder) -> InProcess {
        let instrument = Instrument::btcusdt();
        let mut counter = Counter::new(Venue::new(instrument.clone()), ladder);
        for id in ACCOUNTS {
            let mode = AccountMode { position: mode, margin: MarginMode::Cross, leverage: 10 };
            counter.open_account(AccountSettings { id, mode, balance: BALANCE, models: Models::NONE });
        }
        let (hands, kept_back) = (Vec::new(), None);
        let mut subject =
            InProcess { counter, instrument, mode, price: PRICE, now: START, by_hand: 0, hands, kept_back };
        subject.trade(PRICE, PRICE);
        subject
    }

    fn hand(&mut self, account: AccountId, request: Request) {
        let valid_until = self.now;
        self.counter.say(self.now, ToVenue::Request { account, request, valid_until });
    }
}

impl Subject for InProcess {
    fn mode(&self) -> PositionMode {
        self.mode
    }

    fn accounts(&self) -> [AccountId; 2] {
        ACCOUNTS
    }

    fn balance(&self) -> Usd {
        BALANCE
    }

    fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    fn now(&mut self) -> Time {
        self.now
    }

    fn price(&self) -> Price {
        self.price
    }

    fn say(&mut self, said: ToVenue) {
        if self.kept_back.is_none() || !matches!(said, ToVenue::AskHistory { .. }) {
            self.counter.say(self.now, said);
        }
    }

    fn listen(&mut self) -> Vec<FromVenue> {
        self.trade(self.price, self.price);
        let kept_back = self.kept_back;
        let is_heard = |said: &FromVenue| !matches!(said, FromVenue::Report { number, .. } if kept_back == Some(*number));
        std::iter::from_fn(|| self.counter.poll()).filter(is_heard).collect()
    }

    fn trade(&mut self, open: Price, close: Price) {
        let (high, low) = (open.max(close), open.min(close));
        let bar = Bar { open_time: self.now, open, high, low, close, volume: 9.0 };
        let mark = MarkBar::from_basis(self.instrument.mark_per_tick(), &bar, Mark::ZERO);
        self.counter.step(&bar, Interval::SECOND, mark);
        (self.now, self.price) = (self.now + Interval::SECOND, close);
    }

    fn fund(&mut self, rate: Rate) {
        let mark = self.instrument.mark_of(self.price);
        self.counter.settle_funding(self.now, mark, rate);
    }

    fn place_by_hand(&mut self, account: AccountId, order: OrderRequest) {
        self.by_hand += 1;
        let id = OrderId { bot: STRANGER, decision: self.by_hand, ..order.id };
        self.hands.push((order.id, id));
        self.hand(account, Request::Place(OrderRequest { id, ..order }));
    }

    fn cancel_by_hand(&mut self, account: AccountId, id: OrderId) {
        let (_, id) = self.hands.iter().find(|(named, _)| *named == id).unwrap();
        self.hand(account, Request::Cancel(*id));
    }

    fn deliver(&mut self) {
        self.trade(self.price, self.price);
    }

    fn die(&mut self) {
        while self.counter.poll().is_some() {}
    }

    fn rise(&mut self, known: Vec<Known>) {
        // A desk that begins asks what it has missed.
        for Known { account, heard, .. } in known {
            self.counter.say(self.now, ToVenue::AskHistory { account, after: heard, asked_at: self.now });
        }
    }

    fn wallet(&mut self, account: AccountId) -> Usd {
        self.counter.venue().account(account).wallet()
    }
}

fn conforms(mode: PositionMode, ladder: Ladder) {
    let all = cases();
    assert!(all.len() >= 60, "{} cases", all.len());
    let play = |case: &venue::conformance::Case| case.play(&mut InProcess::new(mode, ladder)).err();
    let failed: Vec<String> = all.iter().filter_map(play).collect();
    assert!(failed.is_empty(), "{} of {} fail:\n{}", failed.len(), all.len(), failed.join("\n\n"));
}

#[test]
fn the_counter_conforms_one_way() {
    conforms(PositionMode::OneWay, Ladder::AtOnce);
}

#[test]
fn the_counter_conforms_in_hedge_mode() {
    conforms(PositionMode::Hedge, Ladder::AtOnce);
}

#[test]
fn it_conforms_where_ladders_come_afterwards() {
    conforms(PositionMode::OneWay, Ladder::Afterwards);
    conforms(PositionMode::Hedge, Ladder::Afterwards);
}

#[test]
fn a_subject_that_keeps_a_report_back_does_not_conform() {
    let all = cases();
    let first = all.first().unwrap();
    assert!(first.play(&mut InProcess::new(PositionMode::OneWay, Ladder::AtOnce)).is_ok());
    let mut deaf = InProcess { kept_back: Some(1), ..InProcess::new(PositionMode::OneWay, Ladder::AtOnce) };
    let words = first.play(&mut deaf).unwrap_err();
    assert!(words.contains("C01"), "{words}");
}
