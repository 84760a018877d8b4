//! RFC 6238 as every authenticator app speaks it: SHA-1, six digits, thirty seconds.
//!
//! Written over `hmac` and `sha1`, which are in the tree already; the published crate would bring a URL parser for one
//! line of text. Refuses a step that was already used, and says nothing about how wrong a code is.

use crate::encoding::base32;
use hmac::{Hmac, KeyInit, Mac};
use model::Time;
use sha1::Sha1;
use std::fmt::Write as _;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

const STEP_MS: i64 = 30_000;
const CODES: u32 = 1_000_000;
const DIGITS: usize = 6;

/// The step an instant lies in; none before 1970.
fn step_of(now: Time) -> Option<u64> {
    u64::try_from(now.0.div_euclid(STEP_MS)).ok()
}

/// RFC 4226: the code of a counter.
fn code_of(secret: &[u8], counter: u64) -> [u8; DIGITS] {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&counter.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let start = usize::from(hash[19] & 15);
    let four: [u8; 4] = hash[start..start + 4].try_into().expect("15 + 4 is within 20");
    let mut rest = (u32::from_be_bytes(four) & 0x7fff_ffff) % CODES;
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// The step whose code this is: now's, the one before or the one after, and later than `last_step`. Where it is the code
/// of two steps it is the later one's, so that it cannot be used again.
pub(crate) fn accepted_step(secret: &[u8], now: Time, last_step: u64, code: &str) -> Option<u64> {
    let given: [u8; DIGITS] = code.as_bytes().try_into().ok()?;
    let middle = step_of(now)?;
    let mut accepted = 0u64;
    for step in [middle.saturating_sub(1), middle, middle + 1] {
        let equal = code_of(secret, step).ct_eq(&given);
        accepted.conditional_assign(&step, equal);
    }
    (accepted > last_step).then_some(accepted)
}

/// The code an authenticator shows, for tests of whoever wires this.
pub fn code_shown(secret: &[u8], now: Time) -> Option<String> {
    step_of(now).map(|step| code_of(secret, step).iter().copied().map(char::from).collect())
}

/// What an authenticator app reads from a QR code.
pub(crate) fn uri(issuer: &str, name: &str, secret: &[u8]) -> Zeroizing<String> {
    let (issuer, name) = (escaped(issuer), escaped(name));
    let mut text = Zeroizing::new(String::with_capacity(1_024));
    let shown = base32(secret);
    write!(
        text,
        "otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        shown.as_str()
    )
    .expect("a string takes all that is written");
    text
}

/// RFC 3986: what is not unreserved is escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes all that is written");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_of_rfc_6238() {
        // Appendix B has eight digits; six are the last six of them.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Time(seconds * 1_000);
            assert_eq!(code_shown(SECRET, now).as_deref(), Some(code));
            assert_eq!(accepted_step(SECRET, now, 0, code), Some(seconds as u64 / 30));
        }
    }

    #[test]
    fn codes_of_rfc_4226() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in codes.iter().enumerate() {
            assert_eq!(&code_of(SECRET, counter as u64), code.as_bytes());
        }
    }

    #[test]
    fn one_step_either_way_and_never_again() {
        let now = Time(1_111_111_111_000);
        let step = step_of(now).expect("after 1970");
        for (offset, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let shown = step.checked_add_signed(offset).expect("far from zero");
            let code: String = code_of(SECRET, shown).iter().copied().map(char::from).collect();
            assert_eq!(accepted_step(SECRET, now, 0, &code), taken.then_some(shown), "{offset}");
            assert_eq!(accepted_step(SECRET, now, shown, &code), None, "{offset} again");
        }
        for wrong in ["", "05047", "0504711", "05047a", "０５０４７１", " 50471"] {
            assert_eq!(accepted_step(SECRET, now, 0, wrong), None, "{wrong}");
        }
        assert_eq!(accepted_step(SECRET, Time(-1), 0, "050471"), None);
    }

    #[test]
    fn the_uri_is_escaped() {
        assert_eq!(
            uri("Omega & sons", "ann:a", b"foobar").as_str(),
            "otpauth://totp/Omega%20%26%20sons:ann%3Aa?secret=MZXW6YTBOI&issuer=Omega%20%26%20sons&algorithm=SHA1&\
             digits=6&period=30"
        );
    }
}
