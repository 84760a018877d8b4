//! The farm's door, as it is configured: where it listens, who may, and what it is told.
//!
//! It refuses to open before everything it needs is there.

use super::archive::Looked;
use super::keeping::Keeping;
use super::keys;
use crate::error::Failure;
use config::{AccessRole, Config};
use control::Telemetry;
use gateway::{Clock, Gateway, Parts, Plain, Settings, TlsFiles};
use model::{Interval, Role};
use runtime::Wiring;
use secrets::Fetcher;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the configuration says about access.
pub(crate) fn rules(config: &Config) -> access::Rules {
    let access = &config.access;
    let role = |role: &AccessRole| match role {
        AccessRole::Viewer => Role::Viewer,
        AccessRole::Operator => Role::Operator,
        AccessRole::Admin => Role::Admin,
    };
    access::Rules {
        attempts_max: access.lock_out_attempts,
        lock_out: Interval(i64::from(access.lock_out_s) * 1_000),
        confirm_expiry: Interval(i64::from(access.confirm_expiry_s) * 1_000),
        totp_from: access.totp_required_roles.iter().map(role).min(),
        second_person_above: Some(access.two_person_from_usdt),
        ..access::Rules::default()
    }
}

fn settings(config: &Config) -> Settings {
    let gateway = &config.gateway;
    let files = gateway.tls_cert_file.as_ref().zip(gateway.tls_key_file.as_ref());
    let timeout = Duration::from_secs(u64::from(gateway.request_timeout_s));
    let usual = Settings::new(&config.farm.name, PathBuf::from(&config.farm.data_dir));
    Settings {
        listen: gateway.listen,
        tls: files.map(|(chain, key)| TlsFiles { certificates: chain.into(), key: key.into() }),
        plain: if gateway.behind_proxy { Plain::BehindProxy } else { Plain::OnThisMachine },
        shards: config.plan().shards.iter().map(|shard| shard.name.clone()).collect(),
        rules: rules(config),
        metrics: config.telemetry.metrics,
        body_bytes_max: usize::try_from(gateway.body_max_kib).expect("some kibibytes") << 10,
        request_timeout: timeout,
        head_timeout: usual.head_timeout.min(timeout),
        acknowledge_within: usual.acknowledge_within.min(timeout),
        ..usual
    }
}

/// Opens it.
pub(super) fn open(
    config: &Config,
    fetcher: &mut Fetcher<'_>,
    wiring: &Wiring,
    node: &str,
    (keeping, telemetry): (&Keeping, &Arc<Telemetry>),
) -> Result<Gateway, Failure> {
    let parts = Parts {
        hears: wiring.open(&gateway::reads(node)),
        says: wiring.open(&[]),
        archive: Some(Box::new(Looked::new(keeping.clone()))),
        seal: keys::access_seal(config, fetcher)?,
        telemetry: Arc::clone(telemetry),
        clock: Clock::of_machine(),
    };
    Gateway::open(settings(config), parts).map_err(|error| {
        Failure::input(error.to_string(), "mend what is named, or run without the role gateway")
    })
}
