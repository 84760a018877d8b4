//! The gateway's address: free, or taken by a farm of ours.
//!
//! It refuses to come in: it asks what is open to anybody.

use super::{Finding, Ground};
use crate::line::url_of;
use serde_json::Value;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

const WHAT: &str = "gateway";
const WITHIN: Duration = Duration::from_secs(3);
const BODY_BYTES_MAX: u64 = 1 << 20;

pub(super) fn look(ground: &Ground) -> Vec<Finding> {
    let gateway = &ground.config.gateway;
    let (address, is_encrypted) = (gateway.listen, gateway.tls_cert_file.is_some());
    let mut findings = vec![match TcpListener::bind(address) {
        Ok(_) => Finding::ok(WHAT, format!("{address} is free: no farm runs there")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => taken(ground),
        Err(error) => Finding::broken(
            WHAT,
            format!("{address}: {error}"),
            "set gateway.listen to an address of this machine, with a port above 1023",
        ),
    }];
    if !address.ip().is_loopback() && !is_encrypted && !gateway.behind_proxy {
        findings.push(Finding::broken(
            "gateway's encryption",
            format!("{address} is reached from beyond this machine, and tokens would go in the clear"),
            "set gateway.tls_cert_file and tls_key_file, or gateway.behind_proxy = true where a proxy encrypts",
        ));
    }
    for file in [&gateway.tls_cert_file, &gateway.tls_key_file].into_iter().flatten() {
        if let Err(error) = std::fs::File::open(file) {
            let mend = "name files of PEM that this user may read";
            findings.push(Finding::broken("gateway's encryption", format!("{file}: {error}"), mend));
        }
    }
    findings
}

fn taken(ground: &Ground) -> Finding {
    let address = ground.config.gateway.listen;
    // Whatever name others reach it by, here it is the address it listens at.
    let scheme = url_of(&ground.config).split("://").next().unwrap_or("http").to_owned();
    let scheme = if ground.config.gateway.tls_cert_file.is_none() { "http" } else { &scheme };
    let base = format!("{scheme}://{address}");
    let is_ours = ask(&base, "/health").is_some_and(|answer| answer["state"] == "alive");
    if !is_ours {
        let found = format!("something that is no farm of ours listens at {address}");
        return Finding::broken(WHAT, found, "stop it, or set gateway.listen to another port");
    }
    let ails = ask(&base, "/ready").map_or(Vec::new(), |answer| {
        let ails = answer["ails"].as_array().cloned().unwrap_or_default();
        ails.iter()
            .map(|ail| {
                let text = |name: &str| ail[name].as_str().unwrap_or_default().to_owned();
                format!("{}: {}", text("what"), text("why"))
            })
            .collect()
    });
    if ails.is_empty() {
        return Finding::ok(WHAT, format!("a farm of ours answers at {address}, and is ready"));
    }
    let found = format!("a farm of ours answers at {address}, and is not ready: {}", ails.join("; "));
    Finding::warning(WHAT, found, "`omega ctl health` says how each shard is")
}

fn ask(base: &str, path: &str) -> Option<Value> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(WITHIN))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .new_agent();
    let mut answer = agent.get(format!("{base}{path}")).call().ok()?;
    let text = answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string().ok()?;
    serde_json::from_str(&text).ok()
}
