//! The instant and the random bytes that everything pure is handed.
//!
//! It refuses random bytes that the machine does not give.

use crate::error::BadGateway;
use model::Time;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What says how late it is: the machine's clock, or a test's.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

impl Clock {
    /// The machine's.
    pub fn of_machine() -> Clock {
        Clock(Arc::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        }))
    }

    /// Somebody else's.
    pub fn of(now: impl Fn() -> Time + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// Now.
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<zeroize::Zeroizing<[u8; N]>, BadGateway> {
    let mut bytes = zeroize::Zeroizing::new([0u8; N]);
    getrandom::fill(&mut *bytes).map_err(|error| BadGateway::Random(error.to_string()))?;
    Ok(bytes)
}
