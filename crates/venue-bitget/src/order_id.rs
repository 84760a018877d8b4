//! Our order ids as Bitget's `clientOid`, and back.
//!
//! `obf-3-0-c-s2`: the farm's prefix, bot, epoch and decision in base 36, the leg's letter, and how often the order was
//! replaced (V2 makes a new order of every amendment and wants a new id for it). At most 28 of the 32 characters both
//! generations take. Refuses to guess: what this farm did not write, character for character, is foreign and says why.

use model::{BotId, Leg, OrderId, TARGETS_MAX};
use std::fmt;

/// The longest `clientOid` that both generations take.
pub const CLIENT_ID_CHARS_MAX: usize = 32;
/// The longest prefix.
pub const PREFIX_CHARS_MAX: usize = 4;

const SEPARATOR: char = '-';
const OWN: char = 'e';
const STOP: char = 's';
/// One letter a rung.
const TARGETS: [char; TARGETS_MAX] = ['a', 'b', 'c', 'd'];

/// What one farm's orders begin with, so that two farms on one account know their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    bytes: [u8; PREFIX_CHARS_MAX],
    length: u8,
}

/// No prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a prefix of client order ids is 1 to {PREFIX_CHARS_MAX} letters or digits: choose another")]
pub struct BadPrefix;

impl Prefix {
    /// A prefix, if it is one.
    pub fn new(text: &str) -> Result<Prefix, BadPrefix> {
        let fits = (1..=PREFIX_CHARS_MAX).contains(&text.len());
        if !fits || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BadPrefix);
        }
        let mut bytes = [0; PREFIX_CHARS_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).expect("at most PREFIX_CHARS_MAX");
        Ok(Prefix { bytes, length })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("letters and digits are text")
    }

    /// The `clientOid` of an order in its first form.
    pub fn client_id(&self, order: OrderId) -> String {
        self.client_id_of(Sent { order, revision: 0 })
    }

    /// The `clientOid` of an order.
    pub fn client_id_of(&self, sent: Sent) -> String {
        let OrderId { bot, epoch, decision, leg } = sent.order;
        let letter = match leg {
            Leg::Own => OWN,
            Leg::Stop => STOP,
            Leg::Target(rung) => TARGETS[usize::from(rung)],
        };
        let mut text = String::with_capacity(CLIENT_ID_CHARS_MAX);
        text.push_str(self.as_str());
        for number in [u32::from(bot.0), u32::from(epoch), decision] {
            text.push(SEPARATOR);
            push_base36(number, &mut text);
        }
        text.push(SEPARATOR);
        text.push(letter);
        if sent.revision > 0 {
            push_base36(u32::from(sent.revision), &mut text);
        }
        assert!(text.len() <= CLIENT_ID_CHARS_MAX, "a client id fits both generations");
        text
    }

    /// Whose order this is.
    pub fn origin(&self, client_id: &str) -> Origin {
        if client_id.is_empty() {
            return Origin::Foreign(Foreign::Unnamed);
        }
        let rest = client_id.strip_prefix(self.as_str()).and_then(|rest| rest.strip_prefix(SEPARATOR));
        let Some(rest) = rest else { return Origin::Foreign(Foreign::OtherPrefix) };
        match read(rest).filter(|sent| self.client_id_of(*sent) == client_id) {
            Some(sent) => Origin::Ours(sent),
            None => Origin::Foreign(Foreign::Unreadable),
        }
    }
}

/// An order as it was sent: which, and how often it had been replaced by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sent {
    /// Which.
    pub order: OrderId,
    /// 0 for the first form.
    pub revision: u16,
}

/// Whose an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This farm's.
    Ours(Sent),
    /// Somebody else's: never cancelled, never booked, always reported.
    Foreign(Foreign),
}

/// Why an order is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// It has no client id: made by hand, or by the exchange itself (the child of a trigger, say).
    Unnamed,
    /// Another program, another farm, or an id the exchange invented.
    OtherPrefix,
    /// Our prefix, but nothing we would have written: another farm with the same prefix, or an older version.
    Unreadable,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Foreign::Unnamed => "has no client id: made by hand or by the exchange",
            Foreign::OtherPrefix => "carries another prefix: another program trades on this account",
            Foreign::Unreadable => {
                "carries our prefix but is not ours: give each farm on this account its own"
            }
        })
    }
}

fn read(rest: &str) -> Option<Sent> {
    let mut parts = rest.split(SEPARATOR);
    let bot = u16::from_str_radix(parts.next()?, 36).ok()?;
    let epoch = u16::from_str_radix(parts.next()?, 36).ok()?;
    let decision = u32::from_str_radix(parts.next()?, 36).ok()?;
    let last = parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    let mut letters = last.chars();
    let leg = match letters.next()? {
        OWN => Leg::Own,
        STOP => Leg::Stop,
        letter => {
            let rung = TARGETS.iter().position(|own| *own == letter)?;
            Leg::Target(u8::try_from(rung).expect("a ladder is short"))
        }
    };
    let revision = match letters.as_str() {
        "" => 0,
        text => u16::from_str_radix(text, 36).ok()?,
    };
    Some(Sent { order: OrderId { bot: BotId(bot), epoch, decision, leg }, revision })
}

fn push_base36(mut number: u32, text: &mut String) {
    let mut digits = [0_u8; 7];
    let mut at = digits.len();
    loop {
        at -= 1;
        let digit = u8::try_from(number % 36).expect("below 36");
        digits[at] = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        number /= 36;
        if number == 0 {
            break;
        }
    }
    text.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn farm() -> Prefix {
        Prefix::new("obf").unwrap()
    }

    fn id(bot: u16, epoch: u16, decision: u32, leg: Leg) -> OrderId {
        OrderId { bot: BotId(bot), epoch, decision, leg }
    }

    #[test]
    fn ids_by_hand() {
        assert_eq!(farm().client_id(id(3, 0, 12, Leg::Own)), "obf-3-0-c-e");
        let sent = Sent { order: id(3, 0, 12, Leg::Stop), revision: 2 };
        assert_eq!(farm().client_id_of(sent), "obf-3-0-c-s2");
        let longest = Sent { order: id(u16::MAX, u16::MAX, u32::MAX, Leg::Target(3)), revision: u16::MAX };
        assert_eq!(Prefix::new("farm").unwrap().client_id_of(longest), "farm-1ekf-1ekf-1z141z3-d1ekf");
    }

    #[test]
    fn what_is_not_ours_says_so() {
        use Foreign::{OtherPrefix, Unnamed, Unreadable};
        for (text, why) in [
            ("", Unnamed),
            ("1190384645074202625", OtherPrefix),
            ("BITGET#121211212122", OtherPrefix),
            ("obg-3-0-c-e", OtherPrefix),
            ("obfx-3-0-c-e", OtherPrefix),
            ("obf", OtherPrefix),
            ("OBF-3-0-c-e", OtherPrefix),
            ("obf-", Unreadable),
            ("obf-3-0-c", Unreadable),
            ("obf-3-0-C-e", Unreadable),
            ("obf-03-0-c-e", Unreadable),
            ("obf-+3-0-c-e", Unreadable),
            ("obf-3-0-c-e0", Unreadable),
            ("obf-3-0-c-f", Unreadable),
            ("obf-3-0-c-e-", Unreadable),
            ("obf-1ekg-0-c-e", Unreadable),
            ("obf-3-0-c-é", Unreadable),
        ] {
            assert_eq!(farm().origin(text), Origin::Foreign(why), "{text}");
        }
        for prefix in ["", "farms", "o-f", "öf", "a b"] {
            assert_eq!(Prefix::new(prefix), Err(BadPrefix), "{prefix}");
        }
    }

    fn any_leg() -> impl Strategy<Value = Leg> {
        prop_oneof![Just(Leg::Own), Just(Leg::Stop), (0_u8..4).prop_map(Leg::Target)]
    }

    proptest! {
        #[test]
        fn an_id_comes_back_and_fits_both_generations(
            prefix in "[A-Za-z0-9]{1,4}",
            bot in any::<u16>(),
            epoch in any::<u16>(),
            decision in any::<u32>(),
            leg in any_leg(),
            revision in any::<u16>(),
        ) {
            let farm = Prefix::new(&prefix).unwrap();
            let sent = Sent { order: id(bot, epoch, decision, leg), revision };
            let text = farm.client_id_of(sent);
            prop_assert!(text.len() <= CLIENT_ID_CHARS_MAX);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            prop_assert_eq!(farm.origin(&text), Origin::Ours(sent));
        }

        #[test]
        fn no_text_is_taken_for_another_order(text in "obf-[0-9a-z-]{0,30}") {
            if let Origin::Ours(sent) = farm().origin(&text) {
                prop_assert_eq!(farm().client_id_of(sent), text);
            }
        }
    }
}
