//! The page of metrics: what the views say of shards and bots, what this process measured, and what the gateway counts.
//!
//! It refuses a label without a bound (orders, clients, addresses) and a zero for what is not known: that sample is absent.

use crate::door::Door;
use crate::exposition::{Kind, Page};
use crate::live::Heard;
use crate::process::Process;
use control::message::Tier;
use control::telemetry::{Counter, Gauge, Histogram, ShardTelemetry, SignedGauge};
use control::view::BotView;
use model::Time;
use std::sync::Arc;

/// A word for each thing a bot can be doing, so that each has a sample.
const STATUSES: [&str; 6] = ["scheduled", "trading", "paused", "reduce_only", "halted", "ruined"];

impl Door {
    /// All of it.
    pub(crate) fn metrics(&self) -> String {
        let mut page = Page::default();
        let (views, now) = (self.live.views(), self.clock.now());
        shards(&mut page, &views, now);
        bots(&mut page, &views);
        money(&mut page, &views);
        measured(&mut page, &self.telemetry.shards());
        drift(&mut page, &self.telemetry.shards());
        history(&mut page, &self.telemetry.history_waiting, &self.telemetry.history_failures);
        self.own(&mut page, now);
        process(&mut page);
        page.finish()
    }

    fn own(&self, page: &mut Page, now: Time) {
        let counted = &self.counted;
        let mut requests =
            page.family("omega_http_requests_total", Kind::Counter, "Requests by route and status.");
        for ((method, route, status), count) in counted.requests() {
            requests.whole(&[("method", method), ("route", route), ("status", &status.to_string())], count);
        }
        let mut refusals =
            page.family("omega_http_refusals_total", Kind::Counter, "Requests refused, by reason.");
        for (reason, count) in counted.refusals() {
            refusals.whole(&[("reason", reason)], count);
        }
        page.family("omega_http_request_ms", Kind::Histogram, "How long requests took, streams left out.")
            .timed(&[], &counted.request_ms.get());
        page.family(
            "omega_command_ack_ms",
            Kind::Histogram,
            "From a command on the bus to the shard's answer.",
        )
        .timed(&[], &counted.command_ack_ms.get());
        page.family("omega_commands_waiting", Kind::Gauge, "Commands that no shard has answered yet.")
            .whole(&[], self.errands.waiting() as u64);
        gauge(page, "omega_http_connections", "Connections that are open.", &counted.connections);
        gauge(page, "omega_event_streams", "Streams of events that are open.", &counted.streams);
        counter(
            page,
            "omega_http_connections_refused_total",
            "Connections beyond the cap.",
            &counted.connections_refused,
        );
        counter(
            page,
            "omega_event_streams_dropped_total",
            "Streams whose reader was too slow.",
            &counted.streams_dropped,
        );
        counter(page, "omega_bus_deaf_total", "Times that the bus did not answer.", &counted.deaf);
        counter(page, "omega_bus_unreadable_total", "Messages that could not be read.", &counted.unreadable);
        counter(
            page,
            "omega_audit_unwritten_total",
            "Refusals that could not be written down.",
            &counted.audit_unwritten,
        );
        let (seq, peers, waiting) = {
            let rights = self.rights();
            (rights.audit.head().seq, rights.access.peers_remembered(), rights.unpublished())
        };
        page.family("omega_audit_entries", Kind::Gauge, "Entries of the audit's chain.").whole(&[], seq);
        page.family("omega_audit_unpublished", Kind::Gauge, "Entries that the bus has not got yet.")
            .whole(&[], waiting as u64);
        page.family(
            "omega_access_peers_remembered",
            Kind::Gauge,
            "Addresses that came with a wrong token lately.",
        )
        .whole(&[], peers as u64);
        let mut notices = page.family("omega_notices_total", Kind::Counter, "Notices said, by tier.");
        for tier in Tier::ALL {
            notices.whole(&[("tier", tier.name())], self.live.notices_of(tier));
        }
        let ails = self.ails();
        page.family("omega_ready", Kind::Gauge, "Whether everything the gateway needs answers.")
            .whole(&[], u64::from(ails.is_empty()));
        page.family("omega_up_seconds", Kind::Gauge, "How long this gateway has been open.")
            .number(&[], (now - self.began).0 as f64 / 1_000.0);
    }
}

fn gauge(page: &mut Page, name: &'static str, help: &str, gauge: &Gauge) {
    let mut family = page.family(name, Kind::Gauge, help);
    if let Some(value) = gauge.get() {
        family.whole(&[], value);
    }
}

fn counter(page: &mut Page, name: &'static str, help: &str, counter: &Counter) {
    page.family(name, Kind::Counter, help).whole(&[], counter.get());
}

fn seconds_since(now: Time, then: i64) -> f64 {
    (now.0 - then).max(0) as f64 / 1_000.0
}

fn shards(page: &mut Page, views: &[Heard], now: Time) {
    let mut each = |name, help, value: &dyn Fn(&Heard) -> Option<f64>| {
        let mut family = page.family(name, Kind::Gauge, help);
        for heard in views {
            if let Some(value) = value(heard) {
                family.number(&[("shard", &heard.view.shard)], value);
            }
        }
    };
    each("omega_shard_silent_seconds", "Since a shard was last heard.", &|heard| {
        Some(seconds_since(now, heard.at.0))
    });
    each("omega_shard_epoch", "The epoch of the lease under which it speaks.", &|heard| {
        Some(f64::from(heard.view.epoch))
    });
    each("omega_shard_halted", "Whether the kill switch is thrown.", &|heard| {
        Some(f64::from(u8::from(heard.view.halted_at.is_some())))
    });
    each("omega_shard_flat", "Whether everything is known to be flat behind the kill switch.", &|heard| {
        heard.view.halted_at.map(|_| f64::from(u8::from(heard.view.flat_at.is_some())))
    });
    each("omega_price_age_seconds", "How old the last price is, as its view was taken.", &|heard| {
        heard.view.price.as_ref().map(|price| price.age_ms.max(0) as f64 / 1_000.0)
    });
    each("omega_unexplained_accounts", "Accounts that hold what their books do not explain.", &|heard| {
        Some(heard.view.accounts.iter().filter(|account| account.unexplained.is_some()).count() as f64)
    });
    let mut used =
        page.family("omega_farm_limit_used_ratio", Kind::Gauge, "What is used of a limit of the farm.");
    for heard in views {
        for limit in &heard.view.limits {
            let labels = [("shard", heard.view.shard.as_str()), ("limit", &limit.limit)];
            used.number(&labels, f64::from(limit.used_permille) / 1_000.0);
        }
    }
}

fn bots(page: &mut Page, views: &[Heard]) {
    let all =
        || views.iter().flat_map(|heard| heard.view.bots.iter().map(move |bot| (&heard.view.shard, bot)));
    let mut each = |name, kind, help, value: &dyn Fn(&BotView) -> Option<f64>| {
        let mut family = page.family(name, kind, help);
        for (shard, bot) in all() {
            if let Some(value) = value(bot) {
                family.number(&[("shard", shard), ("bot", &bot.bot)], value);
            }
        }
    };
    each("omega_bot_trades_total", Kind::Counter, "Round trips.", &|bot| Some(f64::from(bot.trades)));
    each("omega_bot_fills_total", Kind::Counter, "Fills.", &|bot| Some(bot.fills as f64));
    each("omega_bot_orders", Kind::Gauge, "Orders that rest.", &|bot| Some(bot.orders.len() as f64));
    each("omega_bot_in_position", Kind::Gauge, "Whether it holds something.", &|bot| {
        Some(f64::from(u8::from(bot.position.is_some())))
    });
    let naked_help = "The longest that a position ever stood without a stop at the venue.";
    each("omega_naked_position_seconds_max", Kind::Gauge, naked_help, &|bot| {
        Some(bot.naked_ms_max as f64 / 1_000.0)
    });
    each("omega_bot_energy", Kind::Gauge, "Its energy.", &|bot| bot.energy);
    let mut refusals =
        page.family("omega_refusals_total", Kind::Counter, "What the gate of risk refused, by reason.");
    for (shard, bot) in all() {
        for (reason, count) in &bot.refusals {
            refusals.whole(&[("shard", shard), ("bot", &bot.bot), ("reason", reason)], *count);
        }
    }
    let mut status =
        page.family("omega_bot_status", Kind::Gauge, "What it is doing: 1 for that, 0 for the rest.");
    for (shard, bot) in all() {
        for word in STATUSES {
            status.whole(
                &[("shard", shard), ("bot", &bot.bot), ("status", word)],
                u64::from(bot.status == word),
            );
        }
    }
    let mut used = page.family("omega_bot_limit_used_ratio", Kind::Gauge, "What is used of a bot's limit.");
    for (shard, bot) in all() {
        for limit in &bot.limits {
            let labels = [("shard", shard.as_str()), ("bot", &bot.bot), ("limit", &limit.limit)];
            used.number(&labels, f64::from(limit.used_permille) / 1_000.0);
        }
    }
}

/// Exact: an amount's own text.
fn money(page: &mut Page, views: &[Heard]) {
    let mut each = |name, help, value: &dyn Fn(&BotView) -> Option<String>| {
        let mut family = page.family(name, Kind::Gauge, help);
        for heard in views {
            for bot in &heard.view.bots {
                if let Some(value) = value(bot) {
                    let labels =
                        [("shard", heard.view.shard.as_str()), ("bot", &bot.bot), ("mode", &heard.view.mode)];
                    family.exact(&labels, &value);
                }
            }
        }
    };
    let text = |amount: control::Amount| amount.to_string();
    each("omega_bot_equity_usdt", "Money and what is held at the last price.", &|bot| bot.equity.map(text));
    each("omega_bot_wallet_usdt", "Money.", &|bot| Some(text(bot.wallet)));
    each("omega_bot_capital_usdt", "Money it began with.", &|bot| Some(text(bot.capital)));
    each("omega_bot_fees_usdt", "Fees, paid is positive.", &|bot| Some(text(bot.fees)));
    each("omega_bot_funding_usdt", "Funding, received is positive.", &|bot| Some(text(bot.funding)));
    each("omega_bot_notional_usdt", "What is held, at the last price.", &|bot| {
        bot.position.as_ref().and_then(|position| position.notional).map(text)
    });
    each("omega_bot_unrealised_usdt", "Its result at the last price.", &|bot| {
        bot.position.as_ref().and_then(|position| position.unrealised).map(text)
    });
    let mut treasury =
        page.family("omega_treasury_usdt", Kind::Gauge, "Money of an account that belongs to no bot.");
    for heard in views {
        for account in &heard.view.accounts {
            let labels = [
                ("shard", heard.view.shard.as_str()),
                ("account", &account.account),
                ("mode", &heard.view.mode),
            ];
            treasury.exact(&labels, &text(account.treasury));
        }
    }
}

/// What the process that holds a shard measured itself.
fn measured(page: &mut Page, shards: &[(String, Arc<ShardTelemetry>)]) {
    let mut gauges = |name, help, part: &dyn Fn(&ShardTelemetry) -> &Gauge, scale: f64| {
        let mut family = page.family(name, Kind::Gauge, help);
        for (shard, telemetry) in shards {
            if let Some(value) = part(telemetry).get() {
                family.number(&[("shard", shard)], value as f64 / scale);
            }
        }
    };
    let age = "How old the newest thing heard of the market is.";
    gauges("omega_market_data_age_ms", age, &|shard| &shard.market_data_age_ms, 1.0);
    let naked = "For how long a position has stood without a stop at the venue; 0 where none does.";
    gauges("omega_naked_position_seconds", naked, &|shard| &shard.naked_position_ms, 1_000.0);
    gauges(
        "omega_lease_held",
        "Whether this process may speak for the shard.",
        &|shard| &shard.lease_held,
        1.0,
    );
    gauges(
        "omega_bus_backlog",
        "Messages of a shard that wait for the bus.",
        &|shard| &shard.outbox_waiting,
        1.0,
    );
    let mut counters = |name, help, part: &dyn Fn(&ShardTelemetry) -> &Counter| {
        let mut family = page.family(name, Kind::Counter, help);
        for (shard, telemetry) in shards {
            family.whole(&[("shard", shard)], part(telemetry).get());
        }
    };
    counters("omega_orders_total", "Orders sent.", &|shard| &shard.orders);
    counters("omega_fills_total", "Fills heard.", &|shard| &shard.fills);
    counters("omega_rejections_total", "Orders that the venue refused.", &|shard| &shard.rejections);
    counters("omega_journal_bytes_total", "Bytes written to the journal.", &|shard| &shard.journal_bytes);
    counters("omega_reconnects_total", "Times that an exchange's sockets were opened anew.", &|shard| {
        &shard.reconnects
    });
    let mut histograms = |name, help, part: &dyn Fn(&ShardTelemetry) -> &Histogram| {
        let mut family = page.family(name, Kind::Histogram, help);
        for (shard, telemetry) in shards {
            family.timed(&[("shard", shard)], &part(telemetry).get());
        }
    };
    let signal = "From a bar's close to the order on the wire.";
    histograms("omega_signal_to_order_ms", signal, &|shard| &shard.signal_to_order_ms);
    histograms("omega_journal_fsync_ms", "How long the disk took to have them.", &|shard| {
        &shard.journal_fsync_ms
    });
}

/// How far the last session that was compared was from its back-test.
fn drift(page: &mut Page, shards: &[(String, Arc<ShardTelemetry>)]) {
    let mut counts = |name, help, part: &dyn Fn(&ShardTelemetry) -> &Gauge| {
        let mut family = page.family(name, Kind::Gauge, help);
        for (shard, telemetry) in shards {
            if let Some(value) = part(telemetry).get() {
                family.whole(&[("shard", shard)], value);
            }
        }
    };
    let over = "Lines over their budget of drift, in the last session that was compared with its back-test.";
    counts("omega_drift_lines_over", over, &|shard| &shard.drift_lines_over);
    let unknown = "Lines of it that nobody could compare.";
    counts("omega_drift_lines_unknown", unknown, &|shard| &shard.drift_lines_unknown);
    let signals = "Decisions that only the farm took in it, or only its back-test.";
    counts("omega_drift_signal_mismatches", signals, &|shard| &shard.drift_signal_mismatches);
    let mut gaps = |name, help, part: &dyn Fn(&ShardTelemetry) -> &SignedGauge, scale: f64| {
        let mut family = page.family(name, Kind::Gauge, help);
        for (shard, telemetry) in shards {
            if let Some(value) = part(telemetry).get() {
                family.number(&[("shard", shard)], value as f64 / scale);
            }
        }
    };
    let fills = "How much worse its fills were on average than those of its back-test, in basis points.";
    gaps("omega_drift_fill_gap_bp", fills, &|shard| &shard.drift_fill_gap_milli_bps, 1e3);
    let result = "How much more it came to than its back-test.";
    gaps("omega_drift_pnl_gap_usdt", result, &|shard| &shard.drift_result_gap_micro_usdt, 1e6);
}

fn history(page: &mut Page, waiting: &Gauge, failures: &Counter) {
    gauge(page, "omega_history_waiting", "Rows that wait to be written to the history.", waiting);
    counter(page, "omega_history_failures_total", "Attempts to write to the history that failed.", failures);
}

fn process(page: &mut Page) {
    let process = Process::look();
    let mut each = |name, kind, help, value: Option<f64>| {
        let mut family = page.family(name, kind, help);
        if let Some(value) = value {
            family.number(&[], value);
        }
    };
    each("process_cpu_seconds_total", Kind::Counter, "Processor time, user and system.", process.cpu_s);
    let bytes = process.resident_bytes.map(|bytes| bytes as f64);
    each("process_resident_memory_bytes", Kind::Gauge, "Memory that is resident.", bytes);
    each(
        "process_open_fds",
        Kind::Gauge,
        "Files and sockets that are open.",
        process.open_files.map(|count| count as f64),
    );
    each("process_threads", Kind::Gauge, "Threads.", process.threads.map(|count| count as f64));
}
