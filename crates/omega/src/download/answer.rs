//! What an answer that is not a success means, and how long to wait before asking again.
//!
//! Pure. It refuses to ask again where the answer will be the same, and to wait longer than a person would.

use super::rest_bitget::{Said, envelope};
use std::time::Duration;

/// What to do after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The source does not have it.
    NotThere,
    /// Ask again; no earlier than the server said.
    Again(Option<Duration>, String),
    /// It is no use.
    No(String),
}

/// The longest wait that a server may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(120);
/// The longest wait of our own.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Judges a status that is not a success. Object stores answer 403 where there is nothing and no right to list.
pub fn judge(status: u16, retry_after: Option<&str>, body: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(body);
    let says = |word: &str| text.contains(word);
    let after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let again = |why: String| match after {
        Some(after) if after > RETRY_AFTER_MAX => {
            Verdict::No(format!("{why}, and asks to wait {} s", after.as_secs()))
        }
        after => Verdict::Again(after, why),
    };
    match status {
        404 => Verdict::NotThere,
        403 if says("AccessDenied") || says("NoSuchKey") => Verdict::NotThere,
        408 | 425 | 429 | 500..=599 => again(format!("the server answers {status}")),
        _ => match envelope(body) {
            Said::Again(why) if why.starts_with("code") => {
                again(format!("the server answers {status}: {why}"))
            }
            Said::No(why) => Verdict::No(format!("the server answers {status}: {why}")),
            _ => Verdict::No(format!("the server answers {status}")),
        },
    }
}

/// The wait before the attempt of that number, from 1: doubled each time, between half and all of it by `share`.
pub fn backoff(base: Duration, attempt: u32, share: f64) -> Duration {
    assert!((0.0..1.0).contains(&share), "a share of the wait lies between nothing and all");
    let doubled = base.saturating_mul(1 << (attempt - 1).min(16)).min(BACKOFF_MAX);
    doubled.mul_f64((1.0 + share) / 2.0)
}

/// The instant at which a partial body begins, by `bytes 5-9/10`; `None` where it says no such thing.
pub fn range_start(header: &str) -> Option<u64> {
    header.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_the_sources_mean_by_them() {
        let denied = b"<Error><Code>AccessDenied</Code></Error>";
        assert_eq!(judge(403, None, denied), Verdict::NotThere);
        assert_eq!(judge(404, None, b""), Verdict::NotThere);
        assert!(matches!(judge(403, None, b"<html>blocked in your country"), Verdict::No(_)));
        let after = Some(Duration::from_secs(3));
        assert!(matches!(judge(429, Some("3"), b""), Verdict::Again(found, _) if found == after));
        assert!(matches!(judge(429, Some("86400"), b""), Verdict::No(why) if why.contains("86400")));
        assert!(matches!(judge(503, Some("soon"), b""), Verdict::Again(None, _)));
        let envelope = br#"{"code":"40034","msg":"Parameter BTCUSD does not exist","data":null}"#;
        assert!(matches!(judge(400, None, envelope), Verdict::No(why) if why.contains("40034")));
        assert!(matches!(judge(400, None, br#"{"code":"40725","msg":"x"}"#), Verdict::Again(..)));
    }

    #[test]
    fn waits_double_and_end() {
        let base = Duration::from_millis(500);
        assert_eq!(backoff(base, 1, 0.0), Duration::from_millis(250));
        assert!(backoff(base, 1, 0.999) < base && backoff(base, 2, 0.0) == base);
        assert!(backoff(base, 40, 0.5) < BACKOFF_MAX);
    }

    #[test]
    fn ranges_say_where_they_begin() {
        assert_eq!(range_start("bytes 5-9/10"), Some(5));
        assert_eq!(range_start("items 5-9/10"), None);
    }
}
