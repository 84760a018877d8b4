//! What became of a request whose outcome is unknown: asked by our id until the answer is certain.
//!
//! An order in doubt is never sent again, because it may be there: it is looked for. Not found once says little (the
//! exchange takes a moment to know its own orders); not found twice, with seconds between the sending and the last look,
//! says it was never accepted. A trigger is looked for among the triggers (`Read::Plan`): the endpoint of plain orders
//! does not know it, and that would be taken for an answer. Refuses to conclude anything from a question that was not
//! answered.

use crate::errors::{Meaning, classify};
use crate::wire::Failure;
use model::{Interval, RejectReason, Time};

/// Between two looks.
pub const ASK_EACH: Interval = Interval(1_000);
/// From the sending to the look that may conclude.
pub const CERTAIN_AFTER: Interval = Interval(3_000);
/// Looks in a row that must find nothing.
pub const NOT_FOUND_MIN: u8 = 2;

/// An open question about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inquiry {
    sent_at: Time,
    ask_at: Time,
    not_found: u8,
}

/// What a look says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is there: its row is the answer.
    Found,
    /// The exchange does not know it.
    NotFound,
    /// No answer, or none that says anything.
    Nothing,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Look again then.
    AskAgain(Time),
    /// It exists; what it is stands in the row.
    Exists,
    /// It was never accepted, and what is on its way can come too late only by its own validity.
    NeverAccepted,
}

impl Look {
    /// What a failed look says.
    pub fn of(failure: &Failure) -> Look {
        match classify(failure) {
            Meaning::Refused(RejectReason::UnknownOrder) => Look::NotFound,
            _ => Look::Nothing,
        }
    }
}

impl Inquiry {
    /// About a request that was sent then.
    pub fn new(sent_at: Time, now: Time) -> Inquiry {
        Inquiry { sent_at, ask_at: now.max(sent_at + ASK_EACH), not_found: 0 }
    }

    /// When to look next.
    pub fn ask_at(&self) -> Time {
        self.ask_at
    }

    /// It is being looked for, or read with everything else: who waits for it is not woken before the next look is due.
    pub fn put_off(&mut self, now: Time) {
        self.ask_at = now + ASK_EACH;
    }

    /// Takes the answer to a look in.
    pub fn looked(&mut self, now: Time, look: Look) -> Conclusion {
        match look {
            Look::Found => return Conclusion::Exists,
            Look::NotFound => self.not_found = self.not_found.saturating_add(1),
            Look::Nothing => {}
        }
        if self.not_found >= NOT_FOUND_MIN && look == Look::NotFound && now - self.sent_at >= CERTAIN_AFTER {
            return Conclusion::NeverAccepted;
        }
        self.ask_at = now + ASK_EACH;
        Conclusion::AskAgain(self.ask_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_found_needs_two_looks_and_three_seconds() {
        let mut inquiry = Inquiry::new(Time(0), Time(200));
        assert_eq!(inquiry.ask_at(), Time(1_000));
        assert_eq!(inquiry.looked(Time(1_000), Look::NotFound), Conclusion::AskAgain(Time(2_000)));
        assert_eq!(
            inquiry.looked(Time(2_000), Look::NotFound),
            Conclusion::AskAgain(Time(3_000)),
            "too soon"
        );
        assert_eq!(inquiry.looked(Time(3_000), Look::NotFound), Conclusion::NeverAccepted);
        let mut late = Inquiry::new(Time(0), Time(60_000));
        assert_eq!(
            late.looked(Time(60_000), Look::NotFound),
            Conclusion::AskAgain(Time(61_000)),
            "once is no proof"
        );
        assert_eq!(late.looked(Time(61_000), Look::Nothing), Conclusion::AskAgain(Time(62_000)));
        assert_eq!(late.looked(Time(62_000), Look::NotFound), Conclusion::NeverAccepted);
    }

    #[test]
    fn silence_concludes_nothing() {
        let mut inquiry = Inquiry::new(Time(0), Time(0));
        for second in 1..600 {
            let now = Time(second * 1_000);
            assert!(matches!(inquiry.looked(now, Look::Nothing), Conclusion::AskAgain(_)));
        }
        assert_eq!(inquiry.looked(Time(700_000), Look::Found), Conclusion::Exists);
    }

    #[test]
    fn only_the_exchange_can_say_that_it_does_not_know() {
        let code =
            |status, code: &str| Failure::Code { status, code: code.to_owned(), message: String::new() };
        for unknown in ["40109", "40768", "25204"] {
            assert_eq!(Look::of(&code(400, unknown)), Look::NotFound, "{unknown}");
        }
        assert_eq!(Look::of(&code(502, "40109")), Look::Nothing);
        assert_eq!(Look::of(&code(400, "45001")), Look::Nothing);
        assert_eq!(Look::of(&Failure::NoEnvelope { status: 404, excerpt: String::new() }), Look::Nothing);
    }
}
