//! What whoever answers commands knows of the farm: the last view of each shard, and how old it is.
//!
//! It refuses to show what is old as if it were now: a view without a younger one behind it says how long ago it was taken.

use super::act::BotName;
use super::answer::{Answer, Colour};
use super::arguments::{Arguments, Named, Value};
use super::complaint::Complaint;
use super::figures;
use super::spec::{CHOICES_MAX, Kind};
use super::{COMMANDS, Reach};
use crate::view::{AccountView, BotView, ShardView};
use model::{Interval, Time};

/// A shard that is alive says how it is once a second: after this one that was silent is said to be.
pub const STALE_AFTER: Interval = Interval(5_000);

/// What is known.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The last view of each shard.
    pub views: &'a [ShardView],
    /// When it is looked at.
    pub now: Time,
}

/// A bot that somebody meant, and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub shard: &'a ShardView,
    pub bot: &'a BotView,
}

impl Seen<'_> {
    pub fn name(&self) -> BotName {
        BotName { shard: self.shard.shard.clone(), bot: self.bot.bot.clone() }
    }
}

impl<'a> Known<'a> {
    /// All shards; there is at least one.
    pub(super) fn shards(&self) -> Result<&'a [ShardView], Complaint> {
        if self.views.is_empty() { Err(Complaint::NothingKnown) } else { Ok(self.views) }
    }

    /// How long ago a view was taken.
    pub(super) fn age(&self, view: &ShardView) -> Interval {
        Interval(self.now.0.saturating_sub(view.at).max(0))
    }

    /// Whether its shard has been silent for too long.
    pub fn is_stale(&self, view: &ShardView) -> bool {
        self.age(view) > STALE_AFTER
    }

    /// Says of which instant an answer about these shards is, where that is not now.
    pub(super) fn date<'v>(&self, answer: &mut Answer, views: impl IntoIterator<Item = &'v ShardView>) {
        for view in views.into_iter().filter(|view| self.is_stale(view)) {
            answer.note(format!(
                "shard {} is silent: this is how it was {} ago, at {}",
                view.shard,
                figures::length(self.age(view)),
                Time(view.at)
            ));
            answer.look(Colour::Warning);
        }
    }

    /// Every bot and where it is.
    pub(super) fn bots(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        self.views.iter().flat_map(|shard| shard.bots.iter().map(move |bot| Seen { shard, bot }))
    }

    /// The bot that was named.
    pub(super) fn bot(&self, named: &Named) -> Result<Seen<'a>, Complaint> {
        self.shards()?;
        let here = |seen: &Seen<'_>| named.shard.as_ref().is_none_or(|shard| *shard == seen.shard.shard);
        let found: Vec<Seen<'a>> =
            self.bots().filter(|seen| seen.bot.bot == named.name && here(seen)).collect();
        match found[..] {
            [seen] => Ok(seen),
            [] => {
                let names = self.bots().map(|seen| seen.bot.bot.clone()).collect();
                Err(Complaint::nobody("bot", &named.name, names))
            }
            _ => {
                let which = found.iter().map(|seen| format!("{}/{}", seen.shard.shard, named.name)).collect();
                Err(Complaint::Several { what: "bot", given: named.name.clone(), which })
            }
        }
    }

    /// The bots that were named: one, or everybody where that was said or nothing was.
    pub(super) fn some(&self, arguments: &Arguments, argument: &str) -> Result<Chosen<'a>, Complaint> {
        match arguments.get(argument) {
            None | Some(Value::All) => {
                self.shards()?;
                Ok(Chosen { bots: self.bots().collect(), is_all: true })
            }
            Some(_) => {
                let named = arguments.name(argument).expect("it was given and is not all");
                Ok(Chosen { bots: vec![self.bot(named)?], is_all: false })
            }
        }
    }

    /// The bot of an argument that is required.
    pub(super) fn one(&self, arguments: &Arguments, argument: &str) -> Result<Seen<'a>, Complaint> {
        self.bot(arguments.name(argument).expect("it is required"))
    }

    /// The account of this name, and where it is.
    pub(super) fn account(&self, name: &str) -> Result<(&'a ShardView, &'a AccountView), Complaint> {
        let all = || self.views.iter().flat_map(|view| view.accounts.iter().map(move |one| (view, one)));
        self.shards()?;
        all().find(|(_, account)| account.account == name).ok_or_else(|| {
            let names = all().map(|(_, account)| account.account.clone()).collect();
            Complaint::nobody("account", name, names)
        })
    }

    /// The shards that are meant: the one of this name, or all.
    pub(super) fn some_shards(
        &self,
        arguments: &Arguments,
        argument: &str,
    ) -> Result<Vec<&'a ShardView>, Complaint> {
        let all = self.shards()?;
        let Some(Named { name, .. }) = arguments.name(argument) else { return Ok(all.iter().collect()) };
        let found = all.iter().find(|view| view.shard == *name);
        let names = || all.iter().map(|view| view.shard.clone()).collect();
        found.map(|view| vec![view]).ok_or_else(|| Complaint::nobody("shard", name, names()))
    }
}

/// Whom somebody meant.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'a> {
    pub bots: Vec<Seen<'a>>,
    pub is_all: bool,
}

impl<'a> Chosen<'a> {
    /// The shards they are in, each once.
    pub fn shards(&self) -> Vec<&'a ShardView> {
        let mut shards: Vec<&'a ShardView> = self.bots.iter().map(|seen| seen.shard).collect();
        shards.dedup_by_key(|view| view.shard.clone());
        shards
    }

    /// In words.
    pub fn title(&self) -> String {
        match &self.bots[..] {
            [one] if !self.is_all => one.bot.bot.clone(),
            _ => "all bots".to_owned(),
        }
    }

    /// Whom a command to them concerns.
    pub fn reach(&self) -> Reach {
        if self.is_all {
            Reach::Farm
        } else {
            Reach::Bots(self.bots.iter().map(|seen| seen.bot.bot.clone()).collect())
        }
    }
}

/// What somebody may want to type for an argument, from what there is: at most as many as a chat shows.
pub fn suggestions(kind: Kind, begun: &str, known: &Known<'_>) -> Vec<String> {
    let begun = begun.to_lowercase();
    let bots = || known.bots().map(|seen| seen.bot.bot.clone());
    let mut words: Vec<String> = match kind {
        Kind::Bot => bots().collect(),
        Kind::BotOrAll => bots().chain(["all".to_owned()]).collect(),
        Kind::Account => {
            known.views.iter().flat_map(|view| view.accounts.iter().map(|one| one.account.clone())).collect()
        }
        Kind::Shard => known.views.iter().map(|view| view.shard.clone()).collect(),
        Kind::Persona => {
            persona::PERSONAS.iter().chain(persona::CONTROLS).map(|(name, _)| (*name).to_owned()).collect()
        }
        Kind::Order => known.bots().filter_map(|seen| Some(seen.bot.waits.as_ref()?.order.clone())).collect(),
        Kind::Command => COMMANDS.iter().map(|command| command.spec.name.to_owned()).collect(),
        _ => kind.choices().into_iter().map(str::to_owned).collect(),
    };
    words.retain(|word| word.to_lowercase().contains(&begun));
    words.sort();
    words.dedup();
    words.truncate(CHOICES_MAX);
    words
}
