//! What is told, and how often. A critical alert is told whatever stands here.

use crate::kinds::{whole, word, words};
use crate::section::section;

words! {
    /// How loud.
    pub enum Level {
        /// It is told.
        On = "on",
        /// It is told without a sound.
        Silent = "silent",
        /// It is not told.
        Off = "off",
    }
}

section! {
    /// One kind of event.
    pub struct Event {
        /// How loud.
        level: Level = word(), default "\"on\"", live;
        /// The least time between two of the same bot; those in between are counted and told with the next, or when the time is over.
        min_interval_s: u32 = whole(0, 86_400), default "0", live;
    }
}

section! {
    /// What is told, and how often.
    pub struct Notify {}
    tables {
        /// A position was opened.
        trade_entry: Event;
        /// A position was closed, with its profit or loss.
        trade_exit: Event;
        /// A limit is near, or was reached.
        risk_alert: Event;
        /// The market's regime has changed for three closed bars.
        market_shift: Event;
        /// Something in the sky, as far as a persona feels it.
        cosmic_event: Event;
        /// Results of a day or a session.
        performance_summary: Event;
        /// Something failed.
        error_alert: Event;
        /// A position comes near the price at which it is liquidated.
        liquidation_warning: Event;
        /// A session began or ended.
        session_status: Event;
    }
}
