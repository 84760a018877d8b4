//! What Bitget's codes mean to us: one table, by what must be done and not by what they are called.
//!
//! A code that is in no row may mean anything, so it counts as an unknown outcome: the order is asked about by its
//! `clientOid` before anything is sent again. Refuses to call a failure final unless the table says so.

use crate::wire::{Failure, Generation};
use model::RejectReason;

/// What is wrong with the key, the account or its place, so that nothing can be traded until somebody changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fatal {
    /// Key, secret or passphrase.
    Credentials,
    /// The key may not do this, here, or for this person.
    Permission,
    /// Endpoints of the other generation.
    Generation(Generation),
    /// Live keys on the demo or the reverse.
    Environment,
    /// Position or margin mode is not what orders are shaped for.
    AccountMode,
}

impl Fatal {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Fatal::Credentials => "check API key, secret and passphrase: all three belong together",
            Fatal::Permission => {
                "give the key futures trading, bind this machine's address, and check KYC and region"
            }
            Fatal::Generation(Generation::V2) => "this is a classic account: use the V2 endpoints",
            Fatal::Generation(Generation::V3) => "this is a unified account: use the V3 endpoints",
            Fatal::Environment => "demo keys belong to the demo environment, live keys to the live one",
            Fatal::AccountMode => {
                "position or margin mode was changed outside: stop, and start again to read it anew"
            }
        }
    }
}

/// What must be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// It changed nothing and never will: the farm is told so.
    Refused(RejectReason),
    /// It was used before: whatever became of that order is the answer, so ask by `clientOid`.
    Duplicate,
    /// It is already as was asked: nothing to do.
    AlreadySo,
    /// Nothing happened, and it may be sent again after a pause, while it is valid.
    Throttled,
    /// Nothing happened; the exchange does not trade for a moment.
    Unavailable,
    /// Nothing happened: measure the exchange's clock, sign again.
    Clock,
    /// It may have happened: ask by `clientOid`.
    OutcomeUnknown,
    /// Nothing happened, and nothing will until somebody changes something.
    Fatal(Fatal),
}

impl Meaning {
    /// Whether the order certainly does not exist at the exchange because of this request.
    pub const fn nothing_happened(self) -> bool {
        !matches!(self, Meaning::OutcomeUnknown | Meaning::Duplicate | Meaning::AlreadySo)
    }
}

use Meaning::{AlreadySo, Clock, Duplicate, OutcomeUnknown, Refused, Throttled, Unavailable};

const CREDENTIALS: Meaning = Meaning::Fatal(Fatal::Credentials);
const PERMISSION: Meaning = Meaning::Fatal(Fatal::Permission);
const ENVIRONMENT: Meaning = Meaning::Fatal(Fatal::Environment);
const ACCOUNT_MODE: Meaning = Meaning::Fatal(Fatal::AccountMode);
const MARGIN: Meaning = Refused(RejectReason::InsufficientMargin);
const UNKNOWN_ORDER: Meaning = Refused(RejectReason::UnknownOrder);
const TOO_SMALL: Meaning = Refused(RejectReason::QuantityTooSmall);
const NOTIONAL: Meaning = Refused(RejectReason::NotionalTooSmall);
const TOO_LARGE: Meaning = Refused(RejectReason::PositionTooLarge);
const LEVERAGE: Meaning = Refused(RejectReason::LeverageTooHigh);
const NOTHING_TO_REDUCE: Meaning = Refused(RejectReason::NothingToReduce);
const BAD_BRACKET: Meaning = Refused(RejectReason::BadBracket);
const TOO_MANY: Meaning = Refused(RejectReason::TooManyOrders);
const WOULD_TRIGGER: Meaning = Refused(RejectReason::WouldTrigger);
/// The farm has no word for a price outside the band, a step that is none, a closed market or a request of the wrong
/// shape; all of them mean that this request never reached the book and never will.
const NEVER: Meaning = Refused(RejectReason::Expired);

/// Codes from one number to another, both included, and what they mean. Ascending, without an overlap (a test).
const CODES: &[(u32, u32, Meaning)] = &[
    (429, 429, Throttled),
    (1002, 1002, NEVER),
    (22001, 22001, UNKNOWN_ORDER),
    (22002, 22002, NOTHING_TO_REDUCE),
    (22003, 22003, NEVER),
    (22004, 22004, NEVER),
    (22006, 22009, NEVER),
    (22010, 22010, PERMISSION),
    (22020, 22020, ACCOUNT_MODE),
    (22029, 22029, TOO_LARGE),
    (22030, 22030, ENVIRONMENT),
    (22034, 22034, TOO_SMALL),
    (22035, 22035, TOO_MANY),
    (22038, 22038, NEVER),
    (22045, 22045, Unavailable),
    (25000, 25001, OutcomeUnknown),
    (25003, 25004, Throttled),
    (25100, 25101, NEVER),
    (25102, 25102, Unavailable),
    (25103, 25105, NEVER),
    (25106, 25106, Unavailable),
    (25200, 25200, NEVER),
    (25202, 25203, MARGIN),
    (25204, 25204, UNKNOWN_ORDER),
    (25205, 25206, NEVER),
    (25207, 25207, TOO_SMALL),
    (25208, 25208, TOO_LARGE),
    (25211, 25211, TOO_MANY),
    (25212, 25212, Duplicate),
    (25223, 25223, LEVERAGE),
    (25225, 25227, NOTHING_TO_REDUCE),
    (25228, 25228, LEVERAGE),
    (25230, 25230, MARGIN),
    (25231, 25232, NOTHING_TO_REDUCE),
    (25233, 25233, TOO_LARGE),
    (25236, 25237, ACCOUNT_MODE),
    (25244, 25244, NEVER),
    (25245, 25245, Meaning::Fatal(Fatal::Generation(Generation::V2))),
    (25567, 25567, TOO_MANY),
    (25568, 25570, UNKNOWN_ORDER),
    (25571, 25571, AlreadySo),
    (25572, 25572, Throttled),
    (25579, 25592, WOULD_TRIGGER),
    (25597, 25597, UNKNOWN_ORDER),
    (25599, 25599, TOO_MANY),
    (25606, 25610, NEVER),
    (25611, 25611, NOTIONAL),
    (25650, 25652, WOULD_TRIGGER),
    (30001, 30004, NEVER),
    (30005, 30005, CREDENTIALS),
    (30006, 30007, Throttled),
    (30011, 30012, CREDENTIALS),
    (30013, 30014, Clock),
    (30015, 30015, CREDENTIALS),
    (30016, 30016, NEVER),
    (31004, 31005, BAD_BRACKET),
    (31007, 31007, UNKNOWN_ORDER),
    (40000, 40000, PERMISSION),
    (40001, 40003, CREDENTIALS),
    (40004, 40005, Clock),
    (40006, 40006, CREDENTIALS),
    (40008, 40008, Clock),
    (40009, 40009, CREDENTIALS),
    (40010, 40010, OutcomeUnknown),
    (40011, 40012, CREDENTIALS),
    (40014, 40014, PERMISSION),
    (40015, 40015, OutcomeUnknown),
    (40017, 40017, NEVER),
    (40018, 40018, PERMISSION),
    (40019, 40020, NEVER),
    (40022, 40026, PERMISSION),
    (40034, 40034, NEVER),
    (40036, 40037, CREDENTIALS),
    (40038, 40038, PERMISSION),
    (40040, 40040, PERMISSION),
    (40041, 40041, CREDENTIALS),
    (40072, 40072, NEVER),
    (40078, 40078, Clock),
    (40085, 40085, Meaning::Fatal(Fatal::Generation(Generation::V3))),
    (40099, 40099, ENVIRONMENT),
    (40100, 40101, PERMISSION),
    (40102, 40102, NEVER),
    (40103, 40104, PERMISSION),
    (40109, 40109, UNKNOWN_ORDER),
    (40110, 40110, ENVIRONMENT),
    (40200, 40200, Unavailable),
    (40304, 40305, NEVER),
    (40308, 40308, Unavailable),
    (40309, 40309, NEVER),
    (40402, 40402, NEVER),
    (40404, 40404, NEVER),
    (40408, 40409, NEVER),
    (40708, 40708, Duplicate),
    (40711, 40712, MARGIN),
    (40715, 40715, TOO_LARGE),
    (40718, 40720, NEVER),
    (40723, 40723, TOO_MANY),
    (40724, 40724, NEVER),
    (40725, 40725, OutcomeUnknown),
    (40730, 40730, ACCOUNT_MODE),
    (40754, 40754, MARGIN),
    (40755, 40755, NOTHING_TO_REDUCE),
    (40756, 40756, MARGIN),
    (40757, 40757, NOTHING_TO_REDUCE),
    (40761, 40761, TOO_MANY),
    (40762, 40762, MARGIN),
    (40768, 40768, UNKNOWN_ORDER),
    (40774, 40774, ACCOUNT_MODE),
    (40786, 40786, Duplicate),
    (40787, 40787, NEVER),
    (40797, 40797, LEVERAGE),
    (40798, 40798, MARGIN),
    (40800, 40800, MARGIN),
    // Deployments answer with it for moments: whether the request was seen is not told.
    (40808, 40808, OutcomeUnknown),
    (40811, 40813, NEVER),
    (40814, 40814, AlreadySo),
    (40815, 40816, NEVER),
    (40819, 40819, UNKNOWN_ORDER),
    (40820, 40821, NEVER),
    (40829, 40829, BAD_BRACKET),
    (40830, 40830, WOULD_TRIGGER),
    (40831, 40831, BAD_BRACKET),
    (40832, 40832, WOULD_TRIGGER),
    (40833, 40833, BAD_BRACKET),
    (40834, 40834, WOULD_TRIGGER),
    (40835, 40835, BAD_BRACKET),
    (40836, 40836, WOULD_TRIGGER),
    (40837, 40837, BAD_BRACKET),
    (40842, 40842, Unavailable),
    (40844, 40844, Unavailable),
    (40845, 40845, NEVER),
    (40872, 40872, ACCOUNT_MODE),
    (40889, 40890, TOO_MANY),
    (40910, 40910, Throttled),
    (40911, 40911, Clock),
    (40915, 40915, WOULD_TRIGGER),
    (40916, 40916, PERMISSION),
    (40917, 40917, WOULD_TRIGGER),
    (40920, 40920, ACCOUNT_MODE),
    (40921, 40921, TOO_LARGE),
    (40922, 40922, UNKNOWN_ORDER),
    (40923, 40923, AlreadySo),
    (40924, 40925, NEVER),
    (40928, 40928, TOO_LARGE),
    (40939, 40939, NOTHING_TO_REDUCE),
    (41101, 41101, NEVER),
    (41103, 41103, NEVER),
    (41113, 41113, NEVER),
    (41114, 41114, Unavailable),
    (43001, 43001, UNKNOWN_ORDER),
    (43004, 43004, UNKNOWN_ORDER),
    (43005, 43005, TOO_MANY),
    (43006, 43006, TOO_SMALL),
    (43007, 43007, TOO_LARGE),
    (43008, 43009, NEVER),
    (43010, 43010, TOO_SMALL),
    (43012, 43012, MARGIN),
    (43013, 43016, BAD_BRACKET),
    (43020, 43020, UNKNOWN_ORDER),
    (43023, 43023, NOTHING_TO_REDUCE),
    (43025, 43025, UNKNOWN_ORDER),
    (43027, 43027, TOO_SMALL),
    (43028, 43028, NEVER),
    (43029, 43029, NOTHING_TO_REDUCE),
    (43033, 43033, UNKNOWN_ORDER),
    (43034, 43035, BAD_BRACKET),
    (43037, 43037, TOO_SMALL),
    (43038, 43038, TOO_LARGE),
    (43041, 43041, TOO_LARGE),
    (43043, 43043, NOTHING_TO_REDUCE),
    (43050, 43050, LEVERAGE),
    (43059, 43059, Throttled),
    (43075, 43075, ACCOUNT_MODE),
    (43118, 43118, Duplicate),
    (43119, 43120, NEVER),
    (43128, 43128, TOO_MANY),
    (45001, 45001, OutcomeUnknown),
    (45002, 45002, MARGIN),
    (45003, 45003, NOTHING_TO_REDUCE),
    (45005, 45006, NOTHING_TO_REDUCE),
    (45021, 45021, ACCOUNT_MODE),
    (45023, 45024, Unavailable),
    (45031, 45031, UNKNOWN_ORDER),
    (45034, 45034, Duplicate),
    (45035, 45035, NEVER),
    (45043, 45043, Unavailable),
    (45044, 45045, LEVERAGE),
    (45054, 45054, ACCOUNT_MODE),
    (45055, 45055, UNKNOWN_ORDER),
    (45057, 45057, UNKNOWN_ORDER),
    (45060, 45068, WOULD_TRIGGER),
    (45097, 45097, ACCOUNT_MODE),
    (45110, 45110, NOTIONAL),
    (45111, 45111, NEVER),
    (45112, 45113, TOO_LARGE),
    (45114, 45114, TOO_SMALL),
    (45115, 45115, NEVER),
    (45116, 45116, TOO_LARGE),
    (45117, 45117, ACCOUNT_MODE),
    (45118, 45118, TOO_MANY),
    (45119, 45119, NEVER),
    (45120, 45120, MARGIN),
    (45122, 45122, WOULD_TRIGGER),
    (45129, 45129, Throttled),
    (48001, 48002, NEVER),
    (50060, 50060, Duplicate),
    (70228, 70228, Throttled),
    (80011, 80011, UNKNOWN_ORDER),
    (400172, 400172, ACCOUNT_MODE),
];

/// What a code means; `None` for one that is in no row.
pub fn meaning_of(code: &str) -> Option<Meaning> {
    let code: u32 = code.parse().ok()?;
    let row = CODES.partition_point(|row| row.1 < code);
    CODES.get(row).filter(|row| row.0 <= code).map(|row| row.2)
}

/// What must be done about a failed request.
pub fn classify(failure: &Failure) -> Meaning {
    match failure {
        Failure::Code { status: 429, .. } | Failure::NoEnvelope { status: 429, .. } => Throttled,
        // A gateway that gave up may have passed the request on, whatever it says.
        Failure::Code { status: 500.., .. } => OutcomeUnknown,
        Failure::Code { code, .. } => meaning_of(code).unwrap_or(OutcomeUnknown),
        // The edge stops an address before anything reaches the exchange.
        Failure::NoEnvelope { status: 403, .. } => Throttled,
        Failure::NoEnvelope { .. } | Failure::Malformed { .. } => OutcomeUnknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, code: &str) -> Meaning {
        classify(&Failure::Code { status, code: code.to_owned(), message: String::new() })
    }

    #[test]
    fn the_table_is_ascending_without_an_overlap() {
        assert!(CODES.iter().all(|row| row.0 <= row.1));
        for pair in CODES.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{pair:?}");
        }
        for row in CODES {
            assert_eq!(meaning_of(&row.0.to_string()), Some(row.2));
            assert_eq!(meaning_of(&row.1.to_string()), Some(row.2));
        }
    }

    #[test]
    fn the_codes_that_cost_money() {
        for unknown in ["40010", "40725", "45001", "40015"] {
            assert_eq!(code(400, unknown), OutcomeUnknown, "{unknown}");
            assert!(!code(400, unknown).nothing_happened());
        }
        assert_eq!(code(400, "40762"), Refused(RejectReason::InsufficientMargin));
        assert_eq!(code(400, "40774"), Meaning::Fatal(Fatal::AccountMode));
        assert_eq!(code(400, "40085"), Meaning::Fatal(Fatal::Generation(Generation::V3)));
        assert_eq!(code(400, "25245"), Meaning::Fatal(Fatal::Generation(Generation::V2)));
        assert_eq!(code(400, "40786"), Duplicate);
        assert_eq!(code(400, "01002"), Refused(RejectReason::Expired));
        assert_eq!(code(400, "40923"), AlreadySo);
        assert_eq!(code(429, "00429"), Throttled);
    }

    #[test]
    fn what_is_not_known_may_have_happened() {
        for unknown in ["49999", "", "E123", "999999999999", "-40762", "40035", "40821x"] {
            assert_eq!(code(400, unknown), OutcomeUnknown, "{unknown}");
        }
        assert_eq!(code(502, "40762"), OutcomeUnknown, "a gateway's word is not the exchange's");
        for status in [200, 301, 408, 500, 502, 503, 504] {
            let failure = Failure::NoEnvelope { status, excerpt: String::new() };
            assert_eq!(classify(&failure), OutcomeUnknown, "{status}");
        }
        let failure = |status| Failure::NoEnvelope { status, excerpt: String::new() };
        assert_eq!((classify(&failure(429)), classify(&failure(403))), (Throttled, Throttled));
        assert_eq!(classify(&Failure::Malformed { why: String::new() }), OutcomeUnknown);
    }

    #[test]
    fn every_fatal_one_says_what_to_do() {
        let fatal = CODES.iter().filter_map(|row| match row.2 {
            Meaning::Fatal(fatal) => Some(fatal.remedy()),
            _ => None,
        });
        assert!(fatal.clone().count() > 20);
        for remedy in fatal {
            assert!(remedy.len() > 30, "{remedy}");
        }
    }
}
