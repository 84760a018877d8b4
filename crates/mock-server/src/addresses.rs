//! What an address may do, whoever asks from it: so many requests a minute, so many handshakes in five.
//!
//! Who asks too often is not heard for five minutes, as at the exchange's edge. Refuses to remember more addresses than
//! its maximum: those that are quiet go first.

use model::{Interval, Time};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Requests in a minute, handshakes included.
const PER_MINUTE_MAX: u32 = 6_000;
/// Handshakes in five minutes.
const HANDSHAKES_MAX: u32 = 300;
const HANDSHAKES_IN: Interval = Interval::minutes(5);
/// How long somebody who asked too often is not heard.
const DEAF: Interval = Interval::minutes(5);
/// Addresses that are remembered.
const ADDRESSES_MAX: usize = 4_096;

/// What an address has done of late.
#[derive(Clone, Copy, Debug)]
struct Asked {
    minute: Time,
    requests: u32,
    period: Time,
    handshakes: u32,
    deaf_until: Time,
}

impl Asked {
    const NOTHING: Asked = Asked {
        minute: Time(i64::MIN),
        requests: 0,
        period: Time(i64::MIN),
        handshakes: 0,
        deaf_until: Time(i64::MIN),
    };

    fn is_quiet(&self, now: Time) -> bool {
        now - self.period.max(self.minute) > HANDSHAKES_IN && now >= self.deaf_until
    }
}

/// All addresses.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    asked: BTreeMap<IpAddr, Asked>,
}

impl Addresses {
    fn of(&mut self, from: IpAddr, now: Time) -> &mut Asked {
        if self.asked.len() >= ADDRESSES_MAX && !self.asked.contains_key(&from) {
            self.asked.retain(|_, asked| !asked.is_quiet(now));
            if self.asked.len() >= ADDRESSES_MAX {
                self.asked.pop_first();
            }
        }
        self.asked.entry(from).or_insert(Asked::NOTHING)
    }

    /// Counts a request; whether it is heard.
    pub(crate) fn may_ask(&mut self, from: IpAddr, now: Time) -> bool {
        let asked = self.of(from, now);
        let minute = now.floor(Interval::MINUTE);
        if asked.minute != minute {
            (asked.minute, asked.requests) = (minute, 0);
        }
        asked.requests = asked.requests.saturating_add(1);
        if asked.requests == PER_MINUTE_MAX + 1 {
            asked.deaf_until = now + DEAF;
        }
        now >= asked.deaf_until
    }

    /// Counts a handshake; whether it may be.
    pub(crate) fn may_connect(&mut self, from: IpAddr, now: Time) -> bool {
        let asked = self.of(from, now);
        let period = now.floor(HANDSHAKES_IN);
        if asked.period != period {
            (asked.period, asked.handshakes) = (period, 0);
        }
        asked.handshakes = asked.handshakes.saturating_add(1);
        asked.handshakes <= HANDSHAKES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(number))
    }

    #[test]
    fn an_address_has_a_minute_and_then_a_pause() {
        let mut addresses = Addresses::default();
        let heard = (0..7_000).filter(|i| addresses.may_ask(address(1), Time(i * 8))).count();
        assert_eq!(heard, 6_000);
        assert!(addresses.may_ask(address(2), Time(56_000)), "another has his own");
        assert!(!addresses.may_ask(address(1), Time(120_000)), "the next minute does not help");
        assert!(addresses.may_ask(address(1), Time(6_000 * 8 + DEAF.0)));
        let connected = (0..400).filter(|_| addresses.may_connect(address(1), Time(0))).count();
        assert_eq!(connected, 300);
        assert!(addresses.may_connect(address(1), Time(0) + HANDSHAKES_IN));
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let mut addresses = Addresses::default();
        for number in 0..10_000 {
            assert!(addresses.may_ask(address(number), Time(0)));
        }
        assert_eq!(addresses.asked.len(), ADDRESSES_MAX);
    }
}
