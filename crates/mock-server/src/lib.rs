//! The mock Bitget on a socket: HTTP and WebSocket on one port, a thread a connection, one exchange behind a lock.
//!
//! Bytes are read and handed to `mock_bitget`, and what it says is written; time is this machine's, faster if it was
//! asked for. It refuses to decide anything of the exchange, to listen anywhere but where it was told to, and requests
//! longer than any client's.

mod addresses;
mod clock;
mod connection;
mod http;
mod line;
mod server;
mod state;

pub use clock::{BadSpeed, Clock};
pub use server::{Server, Urls};
pub use state::{BadState, LOG_BYTES_MAX, State};
