//! From a configuration to shards: who trades, where, with which keys.
//!
//! It refuses to fetch a key that is not needed, and to trade real money by itself: whoever starts a host has asked twice.

use crate::engine::{Market, Trading};
use crate::feed::{Made, Public, Recorded};
use crate::host::Wiring;
use crate::shard::{Leaving, ShardPlan};
use bus::local::Queues;
use bus::redis::{Login, Password, Sentinel, Settings, Tls};
use config::kinds::PersonaName;
use config::{BusKind, Config, Feed, Keys, Mode, PlannedAccount, PlannedBot, Shard, Stop};
use control::view::Names;
use cosmos::Sky;
use edge::exchange::{BadUrl, Clock, Urls};
use edge::journal::{JournalKey, Place};
use edge::paper::PaperTerms;
use edge::trader::Plan;
use farm::lease::ShardId;
use farm::{Character, Recruit};
use model::{AccountMode, Instrument, Qty, Time, Usd};
use persona::{CONTROLS, ControlSettings, Gains, Profile, catalogue};
use secrets::{BadSecret, Fetcher, Key};
use std::path::{Path, PathBuf};
use venue::{Ladder, Models};
use venue_bitget::account::Wanted;
use venue_bitget::order_id::Prefix;
use venue_bitget::sign::{BadKey, Credentials, Environment, Secret};

/// 2025-01-01T00:00:00Z: where every made market begins, so that the same seed is the same market.
pub const MADE_FROM: Time = Time(1_735_689_600_000);
/// What a control trades with: averages of twenty and fifty bars, a tenth of a coin.
const CONTROL: ControlSettings = ControlSettings { fast: 20, slow: 50, quantity: Qty(100) };

/// Why a configuration cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum BadWiring {
    /// A persona.
    #[error("bot {bot}: {reason}")]
    Persona {
        /// Whose.
        bot: String,
        /// Why.
        reason: String,
    },
    /// A secret.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// A key that is none.
    #[error("account {account}: {error}")]
    Key {
        /// Whose.
        account: String,
        /// Why.
        error: BadKey,
    },
    /// An address.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// A made market of something nobody can make.
    #[error("no market of {0} can be made: BTCUSDT and ETHUSDT can; or set market.feed = \"replay\"")]
    NotMade(String),
    /// A file that is needed and cannot be read.
    #[error("{path} cannot be read ({error})")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The bus.
    #[error(transparent)]
    Bus(#[from] bus::Failed),
    /// No shard has such a bot.
    #[error("no bot is called {0}: `omega config check` lists them")]
    NoBot(String),
    /// Half a shard cannot run.
    #[error(
        "{bots} of shard {shard} can only run together with the others of it: give each bot a shard of its own (`shard = …`, or farm.shards = \"by_account\"), or name all of them"
    )]
    HalfShard {
        /// Which.
        shard: String,
        /// Who was named.
        bots: String,
    },
    /// A feed that paper does not have here.
    #[error("{0}")]
    Feed(String),
}

/// What a market from a file is, for whoever can read files of bars.
pub type ReadBars<'a> = &'a dyn Fn(&Config) -> Result<Recorded, String>;

/// Makes shards of a configuration.
pub struct Wirer<'a, 'f> {
    /// The configuration.
    pub config: &'a Config,
    /// Fetches its secrets.
    pub fetcher: &'a mut Fetcher<'f>,
    /// Reads bars of files.
    pub read_bars: ReadBars<'a>,
    /// This life of this process, for views and groups.
    pub node: String,
    /// What is outside, for a farm that begins: one that rises has its own.
    pub sky: Sky,
}

impl Wirer<'_, '_> {
    /// The shards of these bots, or all of them. Each has its number by its place in the configuration, whoever runs it.
    pub fn shards(&mut self, bots: &[String]) -> Result<Vec<(ShardId, ShardPlan)>, BadWiring> {
        let plan = self.config.plan();
        for wanted in bots {
            if !plan.shards.iter().flat_map(|shard| &shard.bots).any(|bot| bot.name == *wanted) {
                return Err(BadWiring::NoBot(wanted.clone()));
            }
        }
        let mut plans = Vec::new();
        for (number, shard) in (0_u16..).zip(&plan.shards) {
            let named: Vec<&str> = shard
                .bots
                .iter()
                .map(|bot| bot.name.as_str())
                .filter(|name| bots.iter().any(|wanted| wanted == name))
                .collect();
            if !bots.is_empty() && named.is_empty() {
                continue;
            }
            if !bots.is_empty() && named.len() < shard.bots.len() {
                return Err(BadWiring::HalfShard { shard: shard.name.clone(), bots: named.join(", ") });
            }
            plans.push((ShardId(number), self.shard(shard)?));
        }
        Ok(plans)
    }

    fn shard(&mut self, shard: &Shard) -> Result<ShardPlan, BadWiring> {
        let recruits = shard.bots.iter().map(|bot| self.recruit(bot)).collect::<Result<Vec<_>, _>>()?;
        let clock = Clock::machine();
        let trading = match self.config.farm.mode {
            Mode::Paper => self.on_paper(shard, recruits, clock)?,
            Mode::Demo => self.at_exchange(shard, recruits, Environment::Demo, clock)?,
            Mode::Live => self.at_exchange(shard, recruits, Environment::Live, clock)?,
        };
        Ok(ShardPlan { names: self.names(shard), journal: self.journal(shard)?, trading, clock })
    }

    fn journal(&mut self, shard: &Shard) -> Result<Place, BadWiring> {
        let journal = &self.config.journal;
        let key = match &journal.encryption_key {
            Some(reference) => {
                let text = self.fetcher.fetch(reference)?;
                Some(JournalKey::new(&Key::parse("journal.encryption_key", &text)?))
            }
            None => None,
        };
        let directory = Path::new(&self.config.farm.data_dir);
        let place = Place::at(directory.join(format!("{}.omega", shard.name)));
        Ok(place.sealed(key).in_segments_of(u64::from(journal.segment_mib) << 20))
    }

    fn names(&self, shard: &Shard) -> Names {
        let bot = |bot: &PlannedBot| (bot.number, (bot.name.clone(), bot.persona.to_string()));
        Names {
            shard: shard.name.clone(),
            mode: mode_word(self.config.farm.mode).to_owned(),
            node: self.node.clone(),
            bots: shard.bots.iter().map(bot).collect(),
            accounts: shard.accounts.iter().map(|account| (account.number, account.name.clone())).collect(),
            capital: shard.bots.iter().map(|bot| (bot.number, bot.capital)).collect(),
        }
    }

    fn recruit(&self, bot: &PlannedBot) -> Result<Recruit, BadWiring> {
        let bad = |reason: String| BadWiring::Persona { bot: bot.name.clone(), reason };
        let profile = |profile: Profile| {
            let mut profile = profile;
            profile.risk.tolerance = self.config.farm.risk_tolerance.within(profile.risk.tolerance);
            Box::new(profile)
        };
        let feels = |own: Profile| {
            if bot.calm {
                Character::Twin(profile(own))
            } else {
                Character::Persona(profile(own), Gains { emotion: bot.emotion_gain, cosmic: bot.cosmic_gain })
            }
        };
        let character = match &bot.persona {
            PersonaName::BuiltIn(name) => {
                let read = catalogue::profile(name).expect("the configuration knows the catalogue");
                feels(read.map_err(|error| bad(error.to_string()))?)
            }
            PersonaName::Control(name) => {
                let known = CONTROLS.iter().find(|(control, _)| control == name);
                let (control, _) = known.expect("the configuration knows the controls");
                Character::Control(control, CONTROL)
            }
            PersonaName::File(path) => {
                let path = PathBuf::from(path);
                let text = std::fs::read_to_string(&path).map_err(|error| BadWiring::File { path, error })?;
                feels(Profile::parse(&text).map_err(|error| bad(error.to_string()))?)
            }
        };
        let alone = Recruit::alone(bot.number, character, bot.capital, self.config.farm.seed);
        Ok(Recruit { account: bot.account, ..alone })
    }

    fn on_paper(&self, shard: &Shard, recruits: Vec<Recruit>, clock: Clock) -> Result<Trading, BadWiring> {
        let balance = |account: &PlannedAccount| {
            let on_it = shard.bots.iter().filter(|bot| bot.account == account.number);
            Usd(on_it.map(|bot| bot.capital.0).sum())
        };
        let accounts = shard
            .accounts
            .iter()
            .map(|account| (account.number, (mode_of(account), balance(account))))
            .collect();
        let terms = PaperTerms {
            interval: self.config.market.interval,
            recruits,
            accounts,
            models: Models::NONE,
            ladder: Ladder::Afterwards,
            rules: self.config.risk.rules(),
            sky: self.sky.clone(),
        };
        let (market, instrument) = match self.config.market.feed {
            Feed::Bitget => {
                let (terms, public) = (Box::new(terms), Box::new(self.public(clock)?));
                return Ok(Trading::Public { terms, public });
            }
            Feed::Generator => self.made()?,
            Feed::Replay => self.recorded()?,
        };
        Ok(Trading::Paper { plan: Box::new(terms.on(instrument)), market })
    }

    /// The market of real money, as it is told to everybody.
    fn public(&self, clock: Clock) -> Result<Public, BadWiring> {
        let market = &self.config.market;
        Ok(Public {
            environment: Environment::Live,
            urls: urls(self.config, Environment::Live)?,
            symbol: market.symbol.clone(),
            warm_up: self.warm_up(),
            seed: self.config.farm.seed,
            clock,
            lock_step: market.bitget.lock_step,
        })
    }

    fn warm_up(&self) -> usize {
        usize::try_from(self.config.market.warm_up_bars).expect("a count of bars")
    }

    fn made(&self) -> Result<(Market, Instrument), BadWiring> {
        let market = &self.config.market;
        if !market.generator.scenarios.is_empty() {
            let mend = "nothing can be laid into the market of a farm that runs yet: leave market.generator.scenarios empty";
            return Err(BadWiring::Feed(mend.to_owned()));
        }
        let instrument = mock_bitget::instrument(&market.symbol)
            .ok_or_else(|| BadWiring::NotMade(market.symbol.clone()))?;
        let made = Made {
            instrument: instrument.clone(),
            interval: market.interval,
            seed: market.generator.seed,
            born: MADE_FROM,
            warm_up: self.warm_up(),
            speed: market.generator.speed,
        };
        Ok((Market::Made(made), instrument))
    }

    fn recorded(&self) -> Result<(Market, Instrument), BadWiring> {
        let recorded = (self.read_bars)(self.config).map_err(BadWiring::Feed)?;
        let instrument = recorded.instrument.clone();
        Ok((
            Market::Recorded(Box::new(recorded), self.warm_up(), self.config.market.replay.speed),
            instrument,
        ))
    }

    fn at_exchange(
        &mut self,
        shard: &Shard,
        recruits: Vec<Recruit>,
        environment: Environment,
        clock: Clock,
    ) -> Result<Trading, BadWiring> {
        let mut accounts = std::collections::BTreeMap::new();
        for account in &shard.accounts {
            let keys = account.keys.as_ref().expect("checks refuse an account without keys");
            let credentials = self.credentials(&account.name, keys)?;
            let wanted =
                Wanted { mode: mode_of(account), known_harmless: Vec::new(), bound_to_addresses: false };
            accounts.insert(account.number, (credentials, wanted));
        }
        let farm = &self.config.farm;
        let plan = Plan {
            environment,
            prefix: Prefix::new(&farm.prefix).expect("the configuration knows what a prefix is"),
            symbol: self.config.market.symbol.clone(),
            interval: self.config.market.interval,
            warm_up: usize::try_from(self.config.market.warm_up_bars).expect("a count of bars"),
            recruits,
            accounts,
            rules: self.config.risk.rules(),
            sky: self.sky.clone(),
            seed: farm.seed,
            lock_step: self.config.market.bitget.lock_step,
        };
        Ok(Trading::Exchange { plan: Box::new(plan), urls: urls(self.config, environment)?, clock })
    }

    fn credentials(&mut self, account: &str, keys: &Keys) -> Result<Credentials, BadWiring> {
        let key = self.fetcher.fetch(&keys.key)?;
        let secret = Secret::new(self.fetcher.fetch(&keys.secret)?.expose().to_owned());
        let passphrase = Secret::new(self.fetcher.fetch(&keys.passphrase)?.expose().to_owned());
        Credentials::hmac(key.expose().to_owned(), secret, passphrase)
            .map_err(|error| BadWiring::Key { account: account.to_owned(), error })
    }

    /// How the processes of the farm talk.
    pub fn wiring(&mut self) -> Result<Wiring, BadWiring> {
        let bus = &self.config.bus;
        if bus.kind() != BusKind::Redis {
            return Ok(Wiring::Local(Queues::default()));
        }
        let password = match &bus.password {
            Some(reference) => Some(Password(self.fetcher.fetch(reference)?.expose().to_owned())),
            None => None,
        };
        let login = Login { user: bus.user.clone(), password };
        let authority_pem = match &bus.tls_ca_file {
            Some(path) => Some(
                std::fs::read(path).map_err(|error| BadWiring::File { path: PathBuf::from(path), error })?,
            ),
            None => None,
        };
        let sentinel = (!bus.sentinel.hosts.is_empty()).then(|| Sentinel {
            nodes: bus.sentinel.hosts.iter().filter_map(|host| host_and_port(host)).collect(),
            master: bus.sentinel.master.clone(),
            login: Login::default(),
        });
        let named = Settings {
            host: bus.host.clone().unwrap_or_else(|| Settings::default().host),
            port: bus.port,
            ..Settings::default()
        };
        let base = match &bus.url {
            Some(url) => named.at_url(url)?,
            None => named,
        };
        let tls = base.tls.is_some().then_some(Tls { authority_pem });
        let waiting_max = usize::try_from(bus.stream_max).expect("a count of messages");
        Ok(Wiring::Redis(Box::new(Settings {
            login,
            tls,
            sentinel,
            prefix: bus.prefix.clone(),
            waiting_max,
            ..base
        })))
    }
}

fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    Some((host.to_owned(), port.parse().ok()?))
}

fn mode_of(account: &PlannedAccount) -> AccountMode {
    AccountMode { position: account.position_mode, margin: account.margin_mode, leverage: account.leverage }
}

const fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Paper => "paper",
        Mode::Demo => "demo",
        Mode::Live => "live",
    }
}

/// Where the exchange is: Bitget, or what is set.
fn urls(config: &Config, environment: Environment) -> Result<Urls, BadUrl> {
    let bitget = &config.market.bitget;
    Urls::set(environment, bitget.rest_url.as_deref(), bitget.ws_url.as_deref())
}

impl From<Stop> for Leaving {
    fn from(stop: Stop) -> Leaving {
        match stop {
            Stop::Keep => Leaving::Keep,
            Stop::CancelEntries => Leaving::CancelEntries,
            Stop::Close => Leaving::Close,
        }
    }
}
