//! The sockets of an exchange, under a protocol that has none.
//!
//! One thread, the caller's: it waits for all sockets at once, hands what came to the protocol, and does what the
//! protocol wants, so an order is on its socket before anybody else is woken. Refuses to follow redirects, to heed
//! proxies, to ask again by itself, and to drop silently what is too much: that is said, and the socket closed.

mod clock;
mod dial;
mod limits;
mod line;
mod link;
mod pool;
mod probe;
mod protocol;
mod reading;
mod resolver;
mod stream;
mod urls;

pub use clock::Clock;
pub use limits::{Counters, Limits};
pub use link::{BadStart, Full, Link, Stopped, Told, Waker};
pub use probe::open_socket;
pub use protocol::Protocol;
pub use stream::Trust;
pub use urls::{BadUrl, Place, Transport, Urls};
