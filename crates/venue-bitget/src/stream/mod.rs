//! One WebSocket of Bitget's as a state machine: frames in, frames and rows out, deadlines pulled by name.
//!
//! The shell opens and closes the socket and asks when to wake; everything else happens here. A line that is up but says
//! nothing, an acknowledgement without rows, a book with a hole, rows from the past: each is a doubt, told once, and
//! mended by subscribing again or by a new line. It refuses to be believed while in doubt, to reconnect faster than the
//! exchange allows, and to log in again with a key the exchange does not know.

pub mod book;
mod connection;
mod heard;
pub mod once;
pub mod pace;
pub mod subscription;
pub mod watch;

pub use book::{Book, Broken};
pub use connection::Connection;
pub use once::Once;
pub use subscription::Subscription;
pub use watch::{Doubt, Watch};

use crate::errors::Fatal;
use crate::wire::Pushed;
use crate::wire::push::Action;
use model::Time;

/// Subscriptions of one line: fifty is what the exchange recommends.
pub const SUBSCRIPTIONS_MAX: usize = 50;

/// Why a line is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It did not open in time.
    NotOpened,
    /// The socket was closed by the other side.
    ClosedByPeer,
    /// The login was not answered in time.
    LoginSilent,
    /// The login was refused because of our clock.
    LoginClock,
    /// The login was refused for another reason that may pass.
    LoginRefused,
    /// No `pong` for our `ping`.
    NoPong,
    /// A subscription brought nothing, however often it was made.
    Hopeless,
    /// We would say more than the exchange allows on one line.
    SaidTooMuch,
    /// The exchange says that we ask too much.
    Throttled,
    /// Too many frames that cannot be read.
    Gibberish,
}

/// What a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Open the line again.
    Reconnect,
    /// The line should be open by now.
    Opening,
    /// The login should be answered by now.
    Login,
    /// Say `ping`.
    Ping,
    /// `pong` should be here by now.
    Pong,
    /// The next frame of subscriptions may go.
    Subscribe,
    /// A subscription has to be doubted.
    Doubt,
}

/// Something odd that is counted, and changes nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A frame or row that cannot be read, in words.
    Unreadable(String),
    /// Rows nobody asked for.
    Unasked(String),
    /// An event that is not known.
    UnknownEvent(String),
    /// A complaint that is about nothing we know.
    Complaint {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
}

/// What the shell, or the farm behind it, must do or know.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<'a> {
    /// Open the socket; then say `opened` or `closed`.
    Open,
    /// Send this frame.
    Send(String),
    /// Close the socket; the line comes back by itself.
    Close(Reason),
    /// The exchange does not let us in, and will not until somebody changes something.
    LockedOut(Fatal),
    /// Our clock is wrong, says the exchange: measure it before the next login.
    MeasureClock,
    /// Rows of a subscription.
    Rows {
        /// Which subscription.
        subscription: usize,
        /// All there is, or a change.
        action: Action,
        /// When the exchange sent them, if it says so.
        at: Option<Time>,
        /// The rows.
        rows: Pushed<'a>,
    },
    /// A book has changed; ask the connection for it.
    BookChanged {
        /// Which subscription.
        subscription: usize,
        /// When the exchange sent the change, if it says so.
        at: Option<Time>,
    },
    /// A subscription may be believed from now on.
    Fresh {
        /// Which subscription.
        subscription: usize,
    },
    /// A subscription must not be believed any more.
    Stale {
        /// Which subscription.
        subscription: usize,
        /// Why.
        doubt: Doubt,
    },
    /// A subscription was refused, and is not tried again.
    Refused {
        /// Which subscription.
        subscription: usize,
        /// The exchange's code.
        code: String,
    },
    /// All private streams hear again, and nothing is replayed: read over REST what was said meanwhile.
    Resync,
    /// Count this.
    Odd(Oddity),
}
