//! What the adapter wants done by whoever has sockets, and what it tells.
//!
//! Everything is a value, so a test can stand in for the world. Refuses to be done out of order: what comes first was
//! meant first.

use crate::account::{Obstacle, Standing};
use crate::errors::Fatal;
use crate::http::Method;
use crate::sign::Header;
use crate::stream::{Reason, watch::Doubt};
use model::{AccountId, Bar, FromVenue, FundingRate, Mark, Price, Time};

/// Which call an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// Which socket: a socket that is opened again keeps its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u32);

/// What a socket is for, and so where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Public data.
    Public,
    /// An account's own.
    Private,
}

/// A request, signed where it has to be: its bytes are final.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// GET or POST.
    pub method: Method,
    /// From `/api` on, with the query as it goes over the wire.
    pub target: String,
    /// In this order.
    pub headers: Vec<Header>,
    /// Empty for GET.
    pub body: String,
}

/// Headers carry the passphrase: they are not printed.
impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.method.name(), self.target, self.body)
    }
}

/// What is to be done, or known.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Send this, then say `answered`: with nothing if no whole answer comes within `TIMEOUT`.
    Call(CallId, Signed),
    /// Open this socket (`/v2/ws/public` and the like), then say `opened` or `closed`.
    Open(LineId, Door, &'static str),
    /// Send this text on it.
    Say(LineId, String),
    /// Close it.
    Close(LineId, Reason),
    /// For the desk of this account's farm.
    Tell(FromVenue),
    /// A complete bar of the traded symbol.
    Bar(Bar),
    /// The first price of the market that was seen, and when it was traded.
    Opened(Time, Price),
    /// A new price.
    Price(Time, Price),
    /// What only somebody without an account has to know of the market: an account is told by its exchange.
    News(News),
    /// Somebody should know.
    Alert(Alert),
    /// A lock-step venue waits until this step is acknowledged: what it pushed was told before this. It is told again when
    /// nothing of it is on its way any more.
    Step(u64, Time),
}

/// What whoever plays the exchange himself has to know of it.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The mark price now, and what is to be settled next, if the exchange says so.
    Marked(Mark, Option<FundingRate>),
    /// What was settled, newest first, as far as one answer goes back.
    Settled(Vec<FundingRate>),
    /// Prices are told whole and in time again, after a doubt or for the first time.
    Believed,
}

/// What somebody should know.
#[derive(Clone, Debug, PartialEq)]
pub enum Alert {
    /// The account may be traded.
    Ready(AccountId, Standing),
    /// It may not; what must be changed, by somebody else.
    Barred(AccountId, Standing, Vec<Obstacle>),
    /// The exchange does not let it in.
    LockedOut(AccountId, Fatal),
    /// What is told about the market must not be believed, or an account is deaf, since now.
    Doubted(Option<AccountId>, Doubt),
    /// The contract cannot be traded as it is listed, in words.
    Unlisted(String),
    /// Something that is counted: rows and replies that could not be read, complaints.
    Odd(String),
}
