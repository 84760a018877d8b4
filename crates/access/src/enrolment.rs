//! The authenticator of an identity: enrolled in two steps, checked with a limit on attempts, replaced by recovery codes.
//!
//! An enrolment counts only once a first code has shown that the phone has the secret. Each code and each recovery code
//! is good once, over restarts too, because what was used is part of what is kept. Refuses a new authenticator to somebody
//! who has one and cannot show a code of it.

use crate::access::Access;
use crate::denied::{Denied, Unfit};
use crate::encoding::{Digest, SecretBytes, base32};
use crate::identity::{IdentityId, Who};
use crate::lockout::Failures;
use crate::need::Rules;
use crate::saved::Changed;
use crate::{has_entropy, stored, totp};
use model::{Interval, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

/// How much entropy an authenticator's secret is made of: as long as a SHA-1, as the RFC advises.
pub const TOTP_ENTROPY_BYTES: usize = 20;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// How much entropy they are made of: 80 bits each.
pub const RECOVERY_ENTROPY_BYTES: usize = RECOVERY_CODES * RECOVERY_CODE_BYTES;
/// How long an enrolment waits for its first code.
pub const ENROLMENT_EXPIRY: Interval = Interval::minutes(10);
const RECOVERY_CODE_BYTES: usize = 10;
const CODE_BYTES_MAX: usize = 32;

/// What to put into an authenticator. Shown once.
pub struct Enrolment {
    uri: Zeroizing<String>,
    secret: Zeroizing<String>,
}

impl Enrolment {
    /// For a QR code.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// To be typed where there is no camera.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment")
    }
}

/// What to keep on paper for the day the phone is lost. Shown once; each is good once.
pub struct RecoveryCodes(Vec<Zeroizing<String>>);

impl RecoveryCodes {
    /// Each of them.
    pub fn reveal(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|code| code.as_str())
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Active {
    secret: SecretBytes,
    last_step: u64,
    recovery: Vec<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolling {
    secret: SecretBytes,
    #[serde(rename = "since_ms", with = "stored::time")]
    since: Time,
}

/// What is kept of an identity's authenticator.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactor {
    active: Option<Active>,
    enrolling: Option<Enrolling>,
    failures: Failures,
}

impl SecondFactor {
    pub(crate) fn is_active(&self) -> bool {
        self.active.is_some()
    }

    pub(crate) fn recovery_codes_left(&self) -> usize {
        self.active.as_ref().map_or(0, |active| active.recovery.len())
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.recovery_codes_left() <= RECOVERY_CODES
    }

    /// Spends a code. A wrong one counts, whatever is wrong with it.
    pub(crate) fn spend(&mut self, now: Time, rules: &Rules, code: &str) -> Result<(), Denied> {
        if self.active.is_none() {
            return Err(Denied::NotEnrolled);
        }
        self.refuse_if_locked(now, rules)?;
        let active = self.active.as_mut().expect("it was looked for above");
        if active.accepts(now, code) {
            self.failures = Failures::default();
            Ok(())
        } else {
            self.failures.failed(now, rules.attempts_max, rules);
            Err(Denied::CodeWrong)
        }
    }

    fn begin(&mut self, now: Time, secret: &[u8]) {
        let secret = SecretBytes(Zeroizing::new(secret.to_vec()));
        self.enrolling = Some(Enrolling { secret, since: now });
    }

    /// The first code: from now on the new secret counts, and the old one no longer.
    fn finish(&mut self, now: Time, rules: &Rules, code: &str, recovery: Vec<Digest>) -> Result<(), Denied> {
        self.enrolling.take_if(|e| now < e.since || now - e.since >= ENROLMENT_EXPIRY);
        if self.enrolling.is_none() {
            return Err(Denied::NotEnrolling);
        }
        self.refuse_if_locked(now, rules)?;
        let enrolling = self.enrolling.take().expect("it was looked for above");
        match totp::accepted_step(&enrolling.secret.0, now, 0, code) {
            Some(last_step) => {
                self.active = Some(Active { secret: enrolling.secret, last_step, recovery });
                self.failures = Failures::default();
                Ok(())
            }
            None => {
                self.enrolling = Some(enrolling);
                self.failures.failed(now, rules.attempts_max, rules);
                Err(Denied::CodeWrong)
            }
        }
    }

    fn refuse_if_locked(&self, now: Time, rules: &Rules) -> Result<(), Denied> {
        match self.failures.locked_until(now, rules.lock_out) {
            Some(until) => Err(Denied::CodeLocked { until }),
            None => Ok(()),
        }
    }
}

impl Active {
    fn accepts(&mut self, now: Time, code: &str) -> bool {
        if let Some(step) = totp::accepted_step(&self.secret.0, now, self.last_step, code) {
            self.last_step = step;
            return true;
        }
        let Some(hash) = recovery_hash(code) else { return false };
        let (mut place, mut any) = (0u32, Choice::from(0));
        for (index, kept) in self.recovery.iter().enumerate() {
            let same = kept.is(&hash);
            place.conditional_assign(&(index as u32), same);
            any |= same;
        }
        if bool::from(any) {
            self.recovery.remove(place as usize);
        }
        any.into()
    }
}

/// However it was typed: dashes, spaces and capitals do not count.
fn recovery_hash(code: &str) -> Option<Digest> {
    if code.len() > CODE_BYTES_MAX {
        return None;
    }
    let plain: Zeroizing<String> = Zeroizing::new(
        code.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect(),
    );
    Some(Digest::of(&[b"omega recovery code 1\0", plain.as_bytes()]))
}

fn recovery_codes(entropy: &[u8; RECOVERY_ENTROPY_BYTES]) -> RecoveryCodes {
    let one = |bytes: &[u8]| {
        let mut plain = base32(bytes);
        plain.make_ascii_lowercase();
        let mut code = Zeroizing::new(String::with_capacity(CODE_BYTES_MAX));
        for (index, letter) in plain.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                code.push('-');
            }
            code.push(letter);
        }
        code
    };
    RecoveryCodes(entropy.chunks(RECOVERY_CODE_BYTES).map(one).collect())
}

impl Access {
    /// Begins an enrolment, anew if one is under way. Who has an authenticator already shows a code of it.
    pub fn enrol(
        &mut self,
        now: Time,
        who: &Who,
        code: Option<&str>,
        entropy: &[u8; TOTP_ENTROPY_BYTES],
    ) -> Result<Changed<Enrolment>, Denied> {
        if !has_entropy(entropy) {
            return Err(Denied::NoEntropy);
        }
        if self.live(now, who)?.second_factor.is_active() {
            self.spend(now, who, code)?;
        }
        let issuer = self.issuer().to_owned();
        let identity = self.live_mut(now, who)?;
        identity.second_factor.begin(now, entropy);
        let uri = totp::uri(&issuer, &identity.name, entropy);
        Ok(self.changed(Enrolment { uri, secret: base32(entropy) }))
    }

    /// Finishes it with the first code the authenticator shows.
    pub fn finish_enrolment(
        &mut self,
        now: Time,
        who: &Who,
        code: &str,
        entropy: &[u8; RECOVERY_ENTROPY_BYTES],
    ) -> Result<Changed<RecoveryCodes>, Denied> {
        if !has_entropy(entropy) {
            return Err(Denied::NoEntropy);
        }
        let codes = recovery_codes(entropy);
        let hashes = codes.reveal().filter_map(recovery_hash).collect();
        let rules = *self.rules();
        self.touch();
        let identity = self.live_mut(now, who)?;
        let first = !identity.second_factor.is_active();
        identity.second_factor.finish(now, &rules, code, hashes)?;
        // A first authenticator is shown to be his by the token alone, which may be stolen.
        if first {
            identity.unchanged_since = now;
        }
        Ok(self.changed(codes))
    }

    /// Checks a code where no confirmation is under way. It is spent when the change is kept.
    pub fn check_code(&mut self, now: Time, who: &Who, code: &str) -> Result<Changed<()>, Denied> {
        self.spend(now, who, Some(code))?;
        Ok(self.changed(()))
    }

    /// Takes somebody's authenticator away: he lost it and its recovery codes. For some time he is no second person.
    pub fn reset_second_factor(&mut self, now: Time, identity: IdentityId) -> Result<Changed<()>, Unfit> {
        let identity = self.identity_mut(identity)?;
        identity.second_factor = SecondFactor::default();
        identity.unchanged_since = now;
        Ok(self.changed(()))
    }

    pub(crate) fn spend(&mut self, now: Time, who: &Who, code: Option<&str>) -> Result<(), Denied> {
        let rules = *self.rules();
        let second_factor = &mut self.live_mut(now, who)?.second_factor;
        if !second_factor.is_active() {
            return Err(Denied::NotEnrolled);
        }
        let code = code.ok_or(Denied::CodeNeeded)?;
        let spent = second_factor.spend(now, &rules, code);
        self.touch();
        spent
    }
}
