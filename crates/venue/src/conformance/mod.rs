//! The conformance suite of the venue protocol: numbered cases of what a farm must hear from whoever speaks for a venue.
//!
//! A case knows the words of `model::talk` and a market that goes where it is told; what is behind a [`Subject`] (the simulated
//! venue in process, an adapter with sockets and an exchange behind it) it does not know. What is free is said here: an
//! acceptance may be told or not before a fill or a trigger, and the instant at which a rung or a stop is accepted is the
//! venue's; a subject may refuse what it says it lacks. It refuses everything else: a report twice or out of order, a word
//! too many, and in the end anything on the account that was not told.

mod books;
mod exits;
mod orders;
mod stage;
mod talk;

use model::{
    AccountId, FromVenue, Instrument, Known, OrderId, OrderRequest, PositionMode, Price, Rate, Time, ToVenue,
    Usd,
};
use stage::Stage;

/// Whoever speaks for a venue, with a market that can be led.
pub trait Subject {
    /// One net position or two, on both accounts.
    fn mode(&self) -> PositionMode;
    /// Two accounts with this much money each, and nothing else.
    fn accounts(&self) -> [AccountId; 2];
    /// What each opens with.
    fn balance(&self) -> Usd;
    /// What is traded.
    fn instrument(&self) -> &Instrument;
    /// The venue's clock.
    fn now(&mut self) -> Time;
    /// The last price.
    fn price(&self) -> Price;
    /// Hears a farm.
    fn say(&mut self, said: ToVenue);
    /// Lets a short while pass in which the market stands still, and hands over what was said, in order.
    fn listen(&mut self) -> Vec<FromVenue>;
    /// The market opens here and trades straight to there.
    fn trade(&mut self, open: Price, close: Price);
    /// Money for positions changes hands at this rate.
    fn fund(&mut self, rate: Rate);
    /// Somebody who is not the farm places an order on an account; its id is for him alone.
    fn place_by_hand(&mut self, account: AccountId, order: OrderRequest);
    /// He takes it back.
    fn cancel_by_hand(&mut self, account: AccountId, id: OrderId);
    /// Lets what was said reach the venue, and hears nothing.
    fn deliver(&mut self);
    /// The farm's process dies, and what was on its way to it with it.
    fn die(&mut self);
    /// It is back, and knows this of its accounts.
    fn rise(&mut self, known: Vec<Known>);
    /// The money the venue itself says an account has, asked beside the protocol.
    fn wallet(&mut self, account: AccountId) -> Usd;
}

/// A case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its number, from 1.
    pub number: u8,
    /// What must hold, in a sentence.
    pub name: &'static str,
    play: fn(&mut Stage<'_>) -> Result<(), String>,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let all = orders::CASES.iter().chain(exits::CASES).chain(talk::CASES);
    (1..).zip(all).map(|(number, (name, play))| Case { number, name, play: *play }).collect()
}

/// What a list of cases consists of.
type Row = (&'static str, fn(&mut Stage<'_>) -> Result<(), String>);

impl Case {
    /// Plays it on accounts that are as they were opened. What was not as it must be is the error, in words.
    pub fn play(&self, subject: &mut dyn Subject) -> Result<(), String> {
        let mut stage = Stage::new(subject);
        (self.play)(&mut stage)
            .and_then(|()| stage.end())
            .map_err(|words| format!("C{:02} {}: {words}\n{}", self.number, self.name, stage.story()))
    }
}
