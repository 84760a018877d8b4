//! The flags of whoever fetches, and where they lead.
//!
//! It refuses a pace that no public server has asked for.

use clap::Args;

/// How to fetch.
#[derive(Args, Clone, Debug)]
pub(super) struct NetworkFlags {
    /// Files fetched side by side
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub jobs: u8,
    /// Fetch from here instead [default: $OMEGA_BINANCE_URL or $OMEGA_BITGET_URL, else the source's own address]
    #[arg(long, value_name = "URL", value_parser = url)]
    pub base_url: Option<String>,
    /// Most requests a second and host
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub requests_per_second: u32,
    /// First wait before a failed request is made again; it doubles each time
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=30_000))]
    pub backoff_ms: u64,
}

fn url(text: &str) -> Result<String, String> {
    let is_http = text.starts_with("http://") || text.starts_with("https://");
    if is_http {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("an address begins with http:// or https://".into())
    }
}

#[cfg(not(feature = "http"))]
impl NetworkFlags {
    /// There is no network in this build.
    pub fn refuse(&self) -> crate::error::Failure {
        crate::error::Failure::input("this build downloads nothing", "build with `--features http`")
    }
}

#[cfg(feature = "http")]
pub(super) use with_http::fetch;

#[cfg(feature = "http")]
mod with_http {
    use super::NetworkFlags;
    use crate::console::Console;
    use crate::download::plan::{Bases, Plan};
    use crate::download::{Lock, Manners, Outcome, archive_binance, archive_bitget, rest_bitget, run};
    use crate::error::Failure;
    use data::catalogue::Catalogue;
    use model::{Interval, Time};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    impl NetworkFlags {
        /// Where the sources are.
        pub fn bases(&self) -> Bases {
            let base = |name: &str, own: &str| {
                let named = || std::env::var(name).ok().filter(|url| !url.is_empty());
                let url = self.base_url.clone().or_else(named).unwrap_or_else(|| own.to_owned());
                url.trim_end_matches('/').to_owned()
            };
            Bases {
                binance: base("OMEGA_BINANCE_URL", archive_binance::BASE),
                bitget_archive: base("OMEGA_BITGET_URL", archive_bitget::BASE),
                bitget_rest: base("OMEGA_BITGET_URL", rest_bitget::BASE),
            }
        }

        /// The UTC day it is: its midnight.
        pub fn today(&self) -> Time {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let now_ms = i64::try_from(since.as_millis()).expect("a clock shows less than 300 million years");
            Time(now_ms).floor(Interval::DAY)
        }
    }

    /// Does a plan.
    pub fn fetch(
        catalogue: &Catalogue,
        lock: &Lock,
        plan: Plan,
        flags: &NetworkFlags,
        console: &Console,
    ) -> Result<Outcome, Failure> {
        let manners = Manners {
            requests_per_second: flags.requests_per_second,
            backoff: Duration::from_millis(flags.backoff_ms),
        };
        let progress = console.progress(plan.jobs.len());
        run(catalogue, lock, plan, &flags.bases(), manners, usize::from(flags.jobs), &progress)
    }
}
