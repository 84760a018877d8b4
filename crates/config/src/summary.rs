//! What a configuration was understood as, on a screen. No secret can be in it: none is known.

use crate::section::Entry;
use crate::sections::{BusKind, Config, Feed, HistoryKind, Mode};
use std::fmt::Write;

impl Config {
    /// A few lines: whose money, which market, who trades; then every value that is not the usual one.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let plan = self.plan();
        let farm = &self.farm;
        let whose = match farm.mode {
            Mode::Paper => "nobody's money",
            Mode::Demo => "the exchange's demo money",
            Mode::Live => "YOUR MONEY, once `omega run` is given --live as well",
        };
        line(&mut text, "farm", &format!("{} on {}: {whose}", farm.name, farm.mode));
        line(
            &mut text,
            "market",
            &format!("{} {} from {}", self.market.symbol, self.market.interval, self.prices()),
        );
        for shard in &plan.shards {
            line(
                &mut text,
                "shard",
                &format!("{}: {} bots, {} accounts", shard.name, shard.bots.len(), shard.accounts.len()),
            );
            for bot in &shard.bots {
                let account = shard.accounts.iter().find(|account| account.number == bot.account);
                let account = account.expect("a shard has the accounts of its bots");
                let calm = if bot.calm { ", calm twin" } else { "" };
                let (number, name, persona, capital) = (bot.number.0, &bot.name, &bot.persona, bot.capital);
                line(
                    &mut text,
                    "  bot",
                    &format!("{number} {name}: {persona}{calm}, {capital} USDT, account {}", account.name),
                );
            }
        }
        let used = |name: &str| {
            plan.shards.iter().any(|shard| shard.accounts.iter().any(|account| account.name == name))
        };
        for account in self.account.iter().filter(|account| !used(&account.name)) {
            line(&mut text, "account", &format!("{}: no bot uses it", account.name));
        }
        line(&mut text, "bus", &self.bus_in_words());
        line(&mut text, "history", &self.history_in_words());
        line(&mut text, "gateway", &self.gateway_in_words());
        self.write_unusual(&mut text);
        text
    }

    fn prices(&self) -> String {
        match self.market.feed {
            Feed::Generator => format!("the generator, seed {}", self.market.generator.seed),
            Feed::Replay => format!("the file {}", self.market.replay.file.as_deref().unwrap_or_default()),
            Feed::Bitget => "Bitget".to_owned(),
        }
    }

    fn bus_in_words(&self) -> String {
        let bus = &self.bus;
        match bus.kind() {
            BusKind::Redis if !bus.sentinel.hosts.is_empty() => {
                format!("Redis \"{}\" by sentinels {}", bus.sentinel.master, bus.sentinel.hosts.join(", "))
            }
            BusKind::Redis => format!("Redis at {}", bus.address()),
            _ => "inside the process".to_owned(),
        }
    }

    fn gateway_in_words(&self) -> String {
        let gateway = &self.gateway;
        let is_bare = !gateway.listen.ip().is_loopback() && gateway.tls_cert_file.is_none();
        let warning =
            if is_bare { ": beyond this machine, and only as safe as the TLS in front of it" } else { "" };
        format!("{}{warning}", gateway.listen)
    }

    fn history_in_words(&self) -> String {
        match self.history.kind() {
            HistoryKind::Mongodb => format!("MongoDB, database {}", self.history.database),
            _ => format!("SQLite in {}", self.history.file(&self.farm.data_dir)),
        }
    }

    fn write_unusual(&self, text: &mut String) {
        let unusual: Vec<Entry> = self.entries().into_iter().filter(|entry| !entry.is_default).collect();
        let set: Vec<(&str, &str)> =
            unusual.iter().filter_map(|entry| Some((entry.path.as_str(), entry.value.as_deref()?))).collect();
        if set.is_empty() {
            text.push_str("\nevery value is the usual one\n");
            return;
        }
        text.push_str("\nset otherwise than usual:\n");
        for (path, value) in set {
            let _never_fails = writeln!(text, "  {path} = {value}");
        }
    }
}

fn line(text: &mut String, what: &str, said: &str) {
    let _never_fails = writeln!(text, "{what:<8} {said}");
}
