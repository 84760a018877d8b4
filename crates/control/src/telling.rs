//! What a farm's words are to people: rows to keep, and sentences to send, each under a key of its own.
//!
//! It refuses to tell wishes: an entry is told when it is held, not when it was wanted. A key says what is told, so that a
//! process which tells everything again after a crash tells nothing twice.

mod watching;

use crate::message::{NoticeKind, NoticeSaid, Tier};
use crate::record::{EquityRecord, Record, SessionRecord, TradeRecord, Whose};
use crate::view::{DecisionView, Names, ShardView};
use crate::{Amount, Message};
use farm::{Bot, Farm, News, Notice, Word};
use model::{AccountId, AccountMode, BotId, OrderId, Side, Time, Usd};
use risk::Rules;
use std::collections::{BTreeMap, VecDeque};
use watching::Watch;

/// Equity is kept this often.
const EQUITY_EACH: model::Interval = model::Interval::minutes(15);

/// Decisions that are remembered of a bot.
const DECISIONS_MAX: usize = 6;

/// Tells what a farm says.
#[derive(Clone, Debug)]
pub struct Teller {
    names: Names,
    /// Why each bot wanted in last.
    reasons: BTreeMap<BotId, (OrderId, String)>,
    /// What each bot decided lately.
    decisions: BTreeMap<BotId, VecDeque<DecisionView>>,
    /// The trade each bot was seen in last.
    seen: BTreeMap<BotId, OrderId>,
    equity_at: Time,
    watch: Watch,
}

/// What is told, without who and when.
struct Told {
    key: String,
    kind: NoticeKind,
    tier: Tier,
    text: String,
}

impl Told {
    fn new(key: impl Into<String>, kind: NoticeKind, tier: Tier, text: impl Into<String>) -> Told {
        Told { key: key.into(), kind, tier, text: text.into() }
    }
}

/// Whose row it is, by name.
struct Who {
    bot: String,
    persona: String,
    account: String,
}

impl Who {
    fn of<'a>(&'a self, teller: &'a Teller) -> Whose<'a> {
        let Names { shard, mode, .. } = &teller.names;
        Whose { shard, bot: &self.bot, persona: &self.persona, account: &self.account, mode }
    }
}

const fn long_or_short(side: Side) -> &'static str {
    match side {
        Side::Buy => "long",
        Side::Sell => "short",
    }
}

fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// An amount with its sign, to the cent.
fn signed(amount: Usd) -> String {
    let cents = model::div_round_half_away(i128::from(amount.0), 10_000);
    let sign = if cents < 0 { "-" } else { "+" };
    format!("{sign}{}.{:02} USDT", cents.abs() / 100, cents.abs() % 100)
}

/// What the farm may do, in a line.
fn rules_in_words(rules: &Rules) -> String {
    let off = || "off".to_owned();
    let share = |bps: Option<u32>| bps.map_or_else(off, |bps| format!("{:.2} %", f64::from(bps) / 100.0));
    let rest = |rule: risk::CoolDown| {
        let [within, lasts] = [rule.within, rule.lasts].map(|length| length.0 / 60_000);
        format!("{lasts} min after {} stops within {within} min", rule.stops)
    };
    format!(
        "daily loss {}, drawdown {}, exposure {}, entries per minute {}, approval from {}, rest {}, watch {}",
        share(rules.daily_loss_max_bps),
        share(rules.drawdown_max_bps),
        share(rules.exposure_max_bps),
        rules.entries_per_minute_max.map_or_else(off, |most| most.to_string()),
        share(rules.approval.map(|rule| rule.risk_bps)),
        rules.cool_down.map_or_else(off, rest),
        if rules.vigilance.is_some() { "on" } else { "off" },
    )
}

/// What of all that a bot says is a decision: the order it is about, what it was and why.
fn decision(notice: &Notice, farm: &Farm) -> Option<(Option<OrderId>, String)> {
    Some(match notice {
        Notice::Entering { id, reason, mood } => {
            let mood = mood.map_or_else(String::new, |mood| format!(", feeling {}", plain(mood.name())));
            (Some(*id), format!("wanted in: {}{mood}", reason.describe(farm.instrument())))
        }
        Notice::Closed(trade) => {
            let what = format!("left by {}: {}", plain(trade.reason.name()), signed(trade.net()));
            (Some(trade.position.entry.id), what)
        }
        Notice::Refused(refusal) => (None, format!("was refused an entry: {}", plain(refusal.name()))),
        Notice::Rejected(id, reason) => {
            (Some(*id), format!("the exchange refused it: {}", plain(reason.name())))
        }
        Notice::AwaitsApproval(id, _) => {
            (Some(*id), "wants a significant trade, and waits for approval".to_owned())
        }
        Notice::Unusual(_, unusual) => (None, format!("stopped opening: {}", plain(unusual.name()))),
        Notice::Ruined(_) => (None, "stopped: its capital carries no order any more".to_owned()),
        Notice::Felt(..) | Notice::Session(_) | Notice::Unanswered => return None,
    })
}

impl Teller {
    /// For a farm of these names.
    pub fn new(names: Names) -> Teller {
        Teller {
            names,
            reasons: BTreeMap::new(),
            decisions: BTreeMap::new(),
            seen: BTreeMap::new(),
            equity_at: Time(i64::MIN),
            watch: Watch::new(),
        }
    }

    /// For one whose accounts have their margin set so: how near a liquidation is can then be told.
    #[must_use]
    pub fn with_margins(mut self, margins: BTreeMap<AccountId, AccountMode>) -> Teller {
        self.watch.set_margins(margins);
        self
    }

    /// Its names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What a word is: said at this instant of the farm's clock.
    pub fn tell(&mut self, at: Time, word: &Word, farm: &Farm) -> Vec<Message> {
        match word {
            Word::Of(id, notice) => self.tell_of(at, *id, notice, farm),
            Word::All(news) => {
                let told = self.news(at, news, farm);
                vec![Message::Notice(self.said(None, at, told))]
            }
        }
    }

    fn said(&self, bot: Option<BotId>, at: Time, told: Told) -> NoticeSaid {
        let (shard, bot) = (self.names.shard.clone(), bot.map(|id| self.names.bot(id)));
        let who = bot.clone().unwrap_or_default();
        let Told { key, kind, tier, text } = told;
        NoticeSaid { key: format!("{shard}/{who}/{key}"), shard, bot, at: at.0, kind, tier, text }
    }

    /// A farm as it is now, with what its bots decided lately.
    pub fn view(&self, farm: &Farm, numbers: (u64, u16), at: Time) -> ShardView {
        let mut view = ShardView::of(farm, &self.names, numbers, at);
        for bot in &mut view.bots {
            let decided = self.decisions.get(&BotId(bot.number));
            bot.decisions = decided.into_iter().flatten().cloned().collect();
        }
        view
    }

    /// Remembers a decision; one that is the same as the last is counted.
    fn remember(&mut self, at: Time, id: BotId, notice: &Notice, farm: &Farm) {
        let Some((order, what)) = decision(notice, farm) else { return };
        let decided = self.decisions.entry(id).or_default();
        let order = order.map(|order| order.to_string());
        match decided.back_mut() {
            Some(last) if last.what == what && last.order == order => {
                (last.at, last.times) = (at.0, last.times.saturating_add(1));
            }
            _ => {
                if decided.len() == DECISIONS_MAX {
                    decided.pop_front();
                }
                decided.push_back(DecisionView { at: at.0, order, what, times: 1 });
            }
        }
    }

    fn tell_of(&mut self, at: Time, id: BotId, notice: &Notice, farm: &Farm) -> Vec<Message> {
        self.remember(at, id, notice, farm);
        let record = match notice {
            Notice::Entering { id: order, reason, .. } => {
                self.reasons.insert(id, (*order, reason.describe(farm.instrument())));
                None
            }
            Notice::Closed(trade) => {
                let entry = trade.position.entry.id;
                let reason = self.reasons.get(&id).filter(|(order, _)| *order == entry);
                let reason = reason.map(|(_, text)| text.clone());
                let whose = self.who(id, farm);
                Some(Record::Trade(TradeRecord::of(whose.of(self), trade, reason, farm.instrument())))
            }
            Notice::Session(summary) => {
                Some(Record::Session(SessionRecord::of(self.who(id, farm).of(self), summary)))
            }
            _ => None,
        };
        let told = self.notice(at, notice).map(|told| Message::Notice(self.said(Some(id), at, told)));
        record.map(|record| Message::Record(Box::new(record))).into_iter().chain(told).collect()
    }

    fn who(&self, id: BotId, farm: &Farm) -> Who {
        let account = farm.bots().iter().find(|bot| bot.id() == id).map(Bot::account);
        let account = account.map_or_else(String::new, |account| self.names.account(account));
        Who { bot: self.names.bot(id), persona: self.names.persona(id), account }
    }

    fn notice(&self, at: Time, notice: &Notice) -> Option<Told> {
        use NoticeKind::{ErrorAlert, PerformanceSummary, RiskAlert, SessionStatus, TradeExit};
        use Tier::{Critical, Informational, Warning};
        let at = at.0;
        Some(match notice {
            Notice::Closed(trade) => {
                let side = long_or_short(trade.position.side);
                let text =
                    format!("left its {side} by {}: {}", plain(trade.reason.name()), signed(trade.net()));
                let tier =
                    if trade.reason == execution::ExitReason::Liquidation { Critical } else { Informational };
                Told::new(format!("exit/{}", trade.position.entry.id), TradeExit, tier, text)
            }
            Notice::Session(summary) => {
                let (number, share) = (summary.session.number, summary.total_return * 100.0);
                let text = format!(
                    "session {number}: equity {}, {share:+.2} % since the start, {} round trips",
                    summary.equity, summary.trades
                );
                Told::new(format!("session/{number}"), PerformanceSummary, Informational, text)
            }
            Notice::Rejected(id, reason) => {
                let text = format!("the exchange refused order {id}: {}", plain(reason.name()));
                Told::new(format!("rejected/{id}/{}", reason.name()), ErrorAlert, Warning, text)
            }
            Notice::Felt(_, label) => Told::new(
                format!("felt/{at}/{}", label.name()),
                SessionStatus,
                Informational,
                format!("feels {}", label.name()),
            ),
            Notice::Ruined(_) => {
                let text = "is ruined: its capital carries no order any more";
                Told::new("ruined", RiskAlert, Critical, text)
            }
            Notice::Unanswered => Told::new(
                format!("unanswered/{at}"),
                ErrorAlert,
                Warning,
                "the exchange did not answer an order in time; it is asked",
            ),
            Notice::AwaitsApproval(id, until) => {
                let text = format!(
                    "wants a significant trade, order {id}: approve it before {until}, or it is not made"
                );
                Told::new(format!("waits/{id}"), RiskAlert, Warning, text)
            }
            Notice::Unusual(_, unusual) => {
                let text = format!("opens nothing more until somebody resumes it: {}", plain(unusual.name()));
                Told::new(format!("unusual/{at}/{}", unusual.name()), RiskAlert, Critical, text)
            }
            // Wishes, and what the gate is there for: both are counted.
            Notice::Entering { .. } | Notice::Refused(_) => return None,
        })
    }

    fn news(&self, at: Time, news: &News, farm: &Farm) -> Told {
        use NoticeKind::{ErrorAlert, MarketShift, RiskAlert, SessionStatus};
        use Tier::{Critical, Informational, Warning};
        let at = at.0;
        match news {
            News::Halted(_) => Told::new(
                format!("halted/{at}"),
                RiskAlert,
                Critical,
                "the kill switch was thrown: everybody leaves",
            ),
            News::Flat(_) => {
                let text = "nothing is held and nothing rests any more, as every account says";
                Told::new(format!("flat/{at}"), RiskAlert, Critical, text)
            }
            News::Rearmed(_) => {
                Told::new(format!("rearmed/{at}"), RiskAlert, Warning, "the kill switch was lifted")
            }
            News::Locked(_) => {
                let text =
                    "the farm's drawdown has reached its limit: nobody opens until the farm is resumed";
                Told::new(format!("locked/{at}"), RiskAlert, Critical, text)
            }
            News::Ruled(_) => {
                let text = format!("other rules hold from now on: {}", rules_in_words(farm.rules()));
                Told::new(format!("ruled/{at}"), RiskAlert, Warning, text)
            }
            News::Unexplained(..) | News::Orphan(..) | News::Vanished(..) => self.account_news(at, news),
            News::NoReading(_, factor) => {
                let text =
                    format!("somebody measured something that cannot be (factor {factor}): it has no effect");
                Told::new(format!("no-reading/{at}/{factor}"), ErrorAlert, Warning, text)
            }
            News::Shock(_, shock) => Told::new(
                format!("shock/{at}"),
                MarketShift,
                Warning,
                format!("news: {}", plain(shock.name())),
            ),
            News::Lead(change) => {
                let text = format!("{} leads the battle", self.names.bot(change.to));
                Told::new(format!("lead/{at}"), SessionStatus, Informational, text)
            }
            News::Checkpoint(session) => {
                let text =
                    format!("session {} is over, a Fibonacci checkpoint: everybody is saved", session.number);
                Told::new(format!("checkpoint/{}", session.number), SessionStatus, Informational, text)
            }
        }
    }

    /// What an account holds that it should not, or should and does not.
    fn account_news(&self, at: i64, news: &News) -> Told {
        use NoticeKind::ErrorAlert;
        use Tier::{Critical, Informational, Warning};
        let account = |id| self.names.account(id);
        match news {
            News::Unexplained(id, Some(difference)) => {
                let text = format!(
                    "account {} holds what its books do not explain ({} and {} orders): its bots open nothing until it is explained",
                    account(*id),
                    signed(difference.wallet),
                    difference.orders
                );
                Told::new(format!("unexplained/{id}/{at}"), ErrorAlert, Critical, text)
            }
            News::Unexplained(id, None) => {
                let text = format!("everything on account {} is explained again", account(*id));
                Told::new(format!("explained/{id}/{at}"), ErrorAlert, Informational, text)
            }
            News::Orphan(id, order) => {
                let text = format!(
                    "order {order} on account {} was nobody's any more and was taken back",
                    account(*id)
                );
                Told::new(format!("orphan/{order}"), ErrorAlert, Warning, text)
            }
            News::Vanished(id, order) => {
                let text = format!("order {order} should rest on account {} and does not", account(*id));
                Told::new(format!("vanished/{order}/{at}"), ErrorAlert, Critical, text)
            }
            other => unreachable!("{other:?} is of no account"),
        }
    }

    /// What can only be seen by looking: a position that was opened, what comes near, what has changed outside, and now and then
    /// what everybody is worth.
    pub fn look(&mut self, at: Time, farm: &Farm) -> Vec<Message> {
        let mut said = Vec::new();
        for bot in farm.bots() {
            let held = bot.ledger().open_trade().map(|trade| trade.entry.id);
            let before = match held {
                Some(entry) => self.seen.insert(bot.id(), entry),
                None => self.seen.remove(&bot.id()),
            };
            if held.is_some() && held != before {
                said.extend(
                    self.entry(bot, farm).map(|told| Message::Notice(self.said(Some(bot.id()), at, told))),
                );
            }
        }
        let seen = self.watch.look(at, farm);
        said.extend(seen.into_iter().map(|(bot, told)| Message::Notice(self.said(bot, at, told))));
        if let Some((price, _)) = farm.price()
            && at >= self.equity_at
        {
            self.equity_at = at.floor(EQUITY_EACH) + EQUITY_EACH;
            said.extend(farm.bots().iter().map(|bot| {
                Message::Record(Box::new(Record::Equity(EquityRecord {
                    shard: self.names.shard.clone(),
                    bot: self.names.bot(bot.id()),
                    mode: self.names.mode.clone(),
                    at: at.0,
                    equity: Amount(bot.ledger().equity(farm.instrument(), price)),
                    wallet: Amount(bot.ledger().books().wallet()),
                })))
            }));
        }
        said
    }

    fn entry(&self, bot: &Bot, farm: &Farm) -> Option<Told> {
        let (trade, position, instrument) =
            (bot.ledger().open_trade()?, bot.ledger().position(), farm.instrument());
        let price = instrument.format_price(position.entry_price()?);
        let stop = bot.orders().protective_stop().and_then(|order| order.price);
        let stop = stop
            .map_or_else(|| "no stop".to_owned(), |stop| format!("stop {}", instrument.format_price(stop)));
        let reason = self.reasons.get(&bot.id()).filter(|(order, _)| *order == trade.entry.id);
        let reason = reason.map_or_else(String::new, |(_, text)| format!(": {text}"));
        let (side, qty) = (long_or_short(trade.side), instrument.format_qty(position.qty.abs()));
        let text = format!("{side} {qty} at {price}, {stop}{reason}");
        Some(Told::new(
            format!("entry/{}", trade.entry.id),
            NoticeKind::TradeEntry,
            Tier::Informational,
            text,
        ))
    }
}
