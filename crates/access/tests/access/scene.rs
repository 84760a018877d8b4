//! A farm with some people in it, made the way a gateway makes one: every change is kept before it counts.
//!
//! Refuses to use what a change gave without keeping it first.

use access::{
    Access, Changed, IdentityId, Limits, RECOVERY_ENTROPY_BYTES, Rules, Saved, TOKEN_ENTROPY_BYTES,
    TOTP_ENTROPY_BYTES, Who, code_shown,
};
use model::Time;
use model::command::Role;
use std::convert::Infallible;

/// 2026-11-26, at a step's beginning.
pub const START: Time = Time(1_795_651_200_000);

/// Entropy that is different for each number.
pub fn entropy<const N: usize>(number: u64) -> [u8; N] {
    let mut rest = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    std::array::from_fn(|_| {
        rest = rest.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (rest >> 56) as u8
    })
}

/// Access and the text that is kept of it.
pub struct Scene {
    pub access: Access,
    pub kept: String,
    pub rules: Rules,
    entropies: u64,
}

impl Scene {
    pub fn new(rules: Rules) -> Scene {
        let mut access = Access::new("Omega", rules);
        let kept = access.save().reveal().to_owned();
        Scene { access, kept, rules, entropies: 0 }
    }

    pub fn keep<T>(&mut self, changed: Changed<T>) -> T {
        let write = |saved: &Saved| -> Result<(), Infallible> {
            self.kept = saved.reveal().to_owned();
            Ok(())
        };
        let Ok(value) = changed.keep(write);
        value
    }

    /// What a gateway does once a second.
    pub fn keep_at_leisure(&mut self) {
        if let Some(saved) = self.access.unsaved() {
            self.kept = saved.reveal().to_owned();
        }
    }

    /// The process is gone, and comes back with what was kept.
    pub fn restart(&mut self) {
        self.access = Access::load("Omega", self.rules, &self.kept).expect("what was kept is read again");
    }

    pub fn entropy<const N: usize>(&mut self) -> [u8; N] {
        self.entropies += 1;
        entropy(self.entropies)
    }

    pub fn person(&mut self, name: &str, role: Role) -> IdentityId {
        self.person_within(name, role, Limits::NONE)
    }

    pub fn person_within(&mut self, name: &str, role: Role, limits: Limits) -> IdentityId {
        let added = self.access.add_identity(START, name, role, limits).expect("a new name");
        self.keep(added)
    }

    pub fn token(&mut self, id: IdentityId) -> String {
        let entropy = self.entropy::<TOKEN_ENTROPY_BYTES>();
        let issued = self.access.issue_token(START, None, id, "test", None, &entropy).expect("a first token");
        self.keep(issued).token.reveal().to_owned()
    }

    pub fn who(&mut self, id: IdentityId) -> Who {
        let token = self.token(id);
        self.access.identify(START, "192.0.2.1", &token).expect("a token that was just made")
    }

    /// Gives him an authenticator, and its secret to the test; its first code is spent.
    pub fn enrol(&mut self, now: Time, who: &Who) -> [u8; TOTP_ENTROPY_BYTES] {
        let secret = self.entropy::<TOTP_ENTROPY_BYTES>();
        let begun = self.access.enrol(now, who, None, &secret).expect("he has none");
        self.keep(begun);
        let entropy = self.entropy::<RECOVERY_ENTROPY_BYTES>();
        let code = code_shown(&secret, now).expect("after 1970");
        let done = self.access.finish_enrolment(now, who, &code, &entropy).expect("its first code");
        self.keep(done);
        secret
    }
}
