//! Drift: what a farm really did in a session, held against what the back-tester makes of the same bots, from the same
//! state, over the same market, told the same commands.
//!
//! The journal says both: what stood there when the session began, and everything heard in it. The second life is lived by the
//! same farm, desk and loop before the simulated venue. It refuses to call within budget what it does not know: where a
//! session cannot be lived again the report says from where on, and why.

mod budget;
mod compare;
mod journal;
mod life;
mod market;
mod rehearsal;
mod session;
mod terms;
mod told;

pub use budget::Budget;
pub use compare::{Comparison, Gap, Line, Pair, Subject, Tally, Verdict, overall};
pub use journal::{BadDrift, Wanted, finished_since, last_bar, sessions};
pub use life::{Deeds, Filled, Life, OrderKey, SignalKey, TripKey};
pub use market::{Market, Stretch};
pub use session::{Break, Report, Span, Why};
pub use terms::Terms;
pub use told::{Numbers, notice};
