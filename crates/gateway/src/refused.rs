//! A no, as a client gets it: one shape for all of them, with a word for programs, a reason, and what to do.
//!
//! It refuses to blame the machine (5xx) for what a client sent, and to say more to a stranger than to a friend.

use crate::error::BadGateway;
use access::{Class, Denied, Unfit};
use control::catalogue::Complaint;
use serde_json::{Value, json};

/// A no.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    /// For programs: it never changes.
    pub(crate) error: &'static str,
    pub(crate) reason: String,
    pub(crate) mend: String,
    /// What else is known of it.
    pub(crate) with: Option<Box<(&'static str, Value)>>,
}

impl Refused {
    pub(crate) fn new(
        status: u16,
        error: &'static str,
        reason: impl Into<String>,
        mend: impl Into<String>,
    ) -> Refused {
        Refused { status, error, reason: reason.into(), mend: mend.into(), with: None }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "error": self.error, "reason": self.reason, "mend": self.mend });
        if let Some(with) = &self.with {
            body[with.0] = with.1.clone();
        }
        body
    }

    /// Nothing is done, because it could not be written down before.
    pub(crate) fn unwritable(why: &BadGateway) -> Refused {
        let (reason, mend) = parted(&why.to_string());
        Refused::new(503, "unwritable", reason, mend)
    }

    pub(crate) fn not_here(what: &str, name: &str) -> Refused {
        let shown: String = name.chars().take(64).collect();
        Refused::new(
            404,
            "not_found",
            format!("there is no {what} {shown:?} here"),
            "look at the list of them, and at its spelling",
        )
    }

    pub(crate) fn bad_request(reason: impl Into<String>, mend: impl Into<String>) -> Refused {
        Refused::new(400, "bad_request", reason, mend)
    }
}

/// Our errors say what is wrong and, behind the last colon or semicolon, what to do.
fn parted(said: &str) -> (String, String) {
    let place = said.rfind("; ").or_else(|| said.rfind(": "));
    match place {
        Some(place) => (said[..place].to_owned(), said[place + 2..].to_owned()),
        None => (said.to_owned(), "look at the documents of the API".to_owned()),
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Refused {
        let status = match (&denied, denied.class()) {
            (Denied::NotPending, _) => 404,
            (Denied::TooManyPending, _) => 429,
            (Denied::TooLong, _) => 413,
            (Denied::NoEntropy, _) => 503,
            (_, Class::Unauthenticated) => 401,
            (_, Class::Locked) => 429,
            (_, Class::Forbidden | Class::NeedsTotp | Class::NeedsSecondPerson) => 403,
        };
        let (reason, mend) = parted(&denied.to_string());
        let mut refused = Refused::new(status, denied.word(), reason, mend);
        if !matches!(denied.class(), Class::Forbidden | Class::Unauthenticated) {
            refused.with = Some(Box::new(("class", denied.class().word().into())));
        }
        refused
    }
}

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Refused {
        let status = match unfit {
            Unfit::NoIdentity | Unfit::NoCredential => 404,
            Unfit::Taken | Unfit::LastAdmin | Unfit::IdentitiesFull | Unfit::CredentialsFull => 409,
            Unfit::NoEntropy | Unfit::Layout { .. } | Unfit::Damaged { .. } => 503,
            Unfit::Name | Unfit::Label | Unfit::Limits | Unfit::Expired => 400,
        };
        let (reason, mend) = parted(&unfit.to_string());
        Refused::new(status, "unfit", reason, mend)
    }
}

impl From<Complaint> for Refused {
    fn from(complaint: Complaint) -> Refused {
        let (status, error) = match complaint {
            Complaint::NoCommand { .. } => (404, "no_command"),
            Complaint::Nobody { .. } => (404, "nobody"),
            Complaint::NoArgument { .. } | Complaint::Missing { .. } | Complaint::NotThat { .. } => {
                (400, "argument")
            }
            Complaint::Several { .. } => (409, "several"),
            Complaint::NothingKnown => (409, "nothing_known"),
            Complaint::NotNow { .. } => (409, "not_now"),
        };
        let (reason, mend) = parted(&complaint.to_string());
        Refused::new(status, error, reason, mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_and_its_mend_are_parted() {
        let refused = Refused::from(Denied::Unknown);
        assert_eq!((refused.status, refused.error), (401, "unknown"));
        assert_eq!(refused.reason, "this token is not known here");
        assert!(refused.mend.starts_with("give one that is neither"), "{}", refused.mend);
        let locked = Refused::from(Denied::LockedOut { until: model::Time(0) });
        assert_eq!(locked.status, 429);
        assert!(locked.mend.starts_with("wait until 1970-01-01T00:00:00Z"), "{}", locked.mend);
    }
}
