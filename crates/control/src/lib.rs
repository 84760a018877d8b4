//! What the processes of a farm say to each other: what is looked at, what is kept, what is asked and answered; and what
//! people may ask for (`catalogue`), whichever way they come in.
//!
//! Pure: a bus carries it, a store keeps it, a transport shows it, and none of them is known here. It refuses floats for
//! money, and messages of another version.

pub mod amount;
pub mod bus;
pub mod catalogue;
pub mod message;
pub mod noise;
pub mod period;
pub mod record;
pub mod telemetry;
pub mod telling;
pub mod view;

pub use amount::Amount;
pub use bus::{Bus, Deaf, Delivery, Keeping, Reader, Subscription, Topic, Unsent};
pub use message::{Message, Unreadable};
pub use record::Record;
pub use telemetry::Telemetry;
pub use telling::Teller;
pub use view::ShardView;
