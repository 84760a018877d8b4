//! What can be wrong with a bus between processes before anything is carried. It refuses to name a password.

/// What does not work, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// An address that is none. It is not shown, for there may be a password in it.
    #[error(
        "the address of redis is none ({0}): write redis://HOST:PORT, or rediss://HOST:PORT for an encrypted one"
    )]
    NoAddress(String),
    /// No connection.
    #[error("no connection to redis at {at} ({why}): start it, or set host and port in [bus]")]
    NotReached {
        /// Where.
        at: String,
        /// What the system says.
        why: String,
    },
    /// It is there, and lets nobody in.
    #[error("redis at {at} refuses this user ({why}): set user and password in [bus], or its access list")]
    NotLetIn {
        /// Where.
        at: String,
        /// What it says.
        why: String,
    },
    /// What encrypts does not fit.
    #[error(
        "no encrypted connection to redis at {at} ({why}): set bus.tls_ca_file to its authority's certificate"
    )]
    NotEncrypted {
        /// Where.
        at: String,
        /// Why.
        why: String,
    },
    /// Nobody knows the master.
    #[error("no sentinel of {asked} names a living master {master:?} ({why}): look at the sentinels")]
    NoMaster {
        /// How many were asked.
        asked: usize,
        /// Of what name.
        master: String,
        /// What the last one said.
        why: String,
    },
    /// It cannot do what was asked.
    #[error("redis says {0}: it is asked again; look at its log")]
    Refused(String),
    /// No more room in it.
    #[error("redis has no memory left ({0}): look at who reads, or raise its maxmemory")]
    NoMemory(String),
}

impl Failed {
    /// Whether another connection, later, may go better.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Failed::NoAddress(_) | Failed::Refused(_) | Failed::NoMemory(_))
    }
}
