//! An exchange written a second time, as plainly as it can be: the oracle of the fast one.
//!
//! It walks every tick of a bar, asks every order at each of them, and works every amount out from the units. It knows the
//! rules (ARCHITECTURE.md, the module heads of `venue`) and none of that crate's code beyond its vocabulary. It refuses
//! to be quick.

pub mod account;
mod admission;
mod fills;
pub mod terms;
mod walk;

use account::{Account, line_of};
use fills::usd_of;
use model::{
    AccountId, AccountMode, Bar, Instrument, Interval, Mark, OrderId, PositionSide, Price, Qty, Rate, Report,
    Request, Time, Usd,
};
use std::collections::VecDeque;
use terms::Terms;
use venue::{AccountSettings, MarkBar, ModeRefusal};
use walk::Walk;

pub struct Exchange {
    pub terms: Terms,
    pub accounts: Vec<Account>,
    said: VecDeque<(Time, AccountId, Report)>,
    last: Price,
    pub mark: Mark,
    now: Time,
}

impl Exchange {
    pub fn new(instrument: Instrument) -> Exchange {
        Exchange {
            terms: Terms::new(instrument),
            accounts: vec![],
            said: VecDeque::new(),
            last: Price::ZERO,
            mark: Mark::ZERO,
            now: Time(i64::MIN),
        }
    }

    pub fn open_account(&mut self, settings: AccountSettings) {
        self.accounts.push(Account::new(settings));
    }

    pub fn account(&mut self, id: AccountId) -> &mut Account {
        let found = self.accounts.iter_mut().find(|account| account.settings.id == id);
        found.expect("who trades has an account")
    }

    pub fn poll(&mut self) -> Option<(Time, AccountId, Report)> {
        self.said.pop_front()
    }

    pub fn submit(&mut self, now: Time, id: AccountId, request: Request) {
        let account = self.account(id);
        let arrival = now + account.settings.models.latency;
        let last = account.coming.back().map_or(arrival, |(last, _)| *last);
        account.coming.push_back((arrival.max(last), request));
    }

    /// Walks a bar for every account, and says what all of them heard in the order of time.
    pub fn step(&mut self, bar: &Bar, interval: Interval, marks: MarkBar) {
        let mut heard: Vec<(Time, AccountId, Report)> = vec![];
        for account in &mut self.accounts {
            let (id, mut said) = (account.settings.id, vec![]);
            Walk::new(&self.terms, account, &mut said, *bar, interval, marks).run();
            heard.extend(said.into_iter().map(|(at, report)| (at, id, report)));
        }
        heard.sort_by_key(|(at, ..)| *at);
        self.said.extend(heard);
        (self.last, self.mark, self.now) = (bar.close, marks.close, bar.open_time + interval);
    }

    fn between<T>(&mut self, at: Time, id: AccountId, act: impl FnOnce(&mut Walk<'_>) -> T) -> T {
        let (last, mark) = (self.last, self.mark);
        let bar = Bar { open_time: at, open: last, high: last, low: last, close: last, volume: 0.0 };
        let marks = MarkBar { open: mark, high: mark, low: mark, close: mark };
        let index = self.accounts.iter().position(|account| account.settings.id == id);
        let account = &mut self.accounts[index.expect("who trades has an account")];
        let mut said = vec![];
        let done = act(&mut Walk::new(&self.terms, account, &mut said, bar, Interval(1), marks));
        self.said.extend(said.into_iter().map(|(at, report)| (at, id, report)));
        done
    }

    pub fn execute(&mut self, at: Time, id: AccountId, request: &Request) {
        self.between(at, id, |walk| walk.handle(request));
    }

    pub fn seize(&mut self, at: Time, id: AccountId) {
        self.between(at, id, |walk| walk.seize());
    }

    pub fn deleverage(
        &mut self,
        at: Time,
        id: AccountId,
        side: PositionSide,
        lots: Qty,
        price: Price,
    ) -> Qty {
        let (lots, price) = (i128::from(lots.0), i128::from(price.0));
        let closed = self.between(at, id, |walk| walk.deleverage(side, line_of(side), lots, price));
        Qty(i64::try_from(closed).expect("no more than was asked for"))
    }

    pub fn settle_funding(&mut self, at: Time, mark: Mark, rate: Rate) {
        for account in &mut self.accounts {
            for line in account.lines().iter().copied() {
                let qty = account.held[line].qty;
                if qty == 0 {
                    continue;
                }
                let amount = self.terms.funding(qty, i128::from(mark.0), rate);
                let isolated = account.is_isolated();
                let purse = &mut account.purse;
                purse.funding -= amount;
                *(if isolated { &mut purse.pools[line] } else { &mut purse.wallet }) += amount;
                account.changed(line, i128::from(mark.0));
                let position_side = account.side_of(line);
                let position = Qty(i64::try_from(qty).expect("lots are 64 bits"));
                let report = Report::Funding { position_side, position, mark, rate, amount: usd_of(amount) };
                self.said.push_back((at, account.settings.id, report));
            }
        }
        self.mark = mark;
    }

    pub fn transfer(&mut self, id: AccountId, amount: Usd) -> bool {
        let (mark, amount) = (i128::from(self.mark.0), i128::from(amount.0));
        let index = self.accounts.iter().position(|account| account.settings.id == id);
        let account = &mut self.accounts[index.expect("who trades has an account")];
        if amount < 0 && account.free_margin(&self.terms, mark) + amount < 0 {
            return false;
        }
        account.purse.wallet += amount;
        account.purse.transfer -= amount;
        if !account.is_isolated() {
            account.changed(0, mark);
        }
        true
    }

    pub fn set_mode(&mut self, id: AccountId, mode: AccountMode) -> Result<(), ModeRefusal> {
        let mark = i128::from(self.mark.0);
        let index = self.accounts.iter().position(|account| account.settings.id == id);
        self.accounts[index.expect("who trades has an account")].set_mode(&self.terms, mode, mark)
    }

    pub fn lose(&mut self, id: AccountId, order: OrderId) -> bool {
        let account = self.account(id);
        let there = account.find(order);
        there.map(|index| account.orders.remove(index)).is_some()
    }
}
