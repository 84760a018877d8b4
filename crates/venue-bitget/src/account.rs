//! What is read of an account at start, and whether the farm may trade it.
//!
//! Everything unknown means no, and every no says what to change: the generation whose endpoints are used, the position
//! and margin mode, the leverage, what the key may do. A key that can withdraw is refused. Nothing is ever switched
//! from here: an account that is set up differently is its owner's decision.

use crate::errors::{Fatal, Meaning, classify};
use crate::number::{BadNumber, NoneIs};
use crate::wire::account::{Balance, KeyInfo, Settings, SymbolSetting};
use crate::wire::{Failure, Generation, Text};
use model::{AccountMode, MarginMode, PositionMode};
use std::fmt;

/// What an account is, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Which endpoints it answers to.
    pub generation: Option<Generation>,
    /// A word for what it is in the middle of, if it is (an upgrade, a switch back).
    pub in_between: Option<String>,
    /// Net or hedge.
    pub position: Option<PositionMode>,
    /// Cross or isolated, on the symbol.
    pub margin: Option<MarginMode>,
    /// Leverage of longs on the symbol.
    pub long_leverage: Option<u16>,
    /// Leverage of shorts on the symbol.
    pub short_leverage: Option<u16>,
    /// What the key may do; `None` if it did not say.
    pub permissions: Option<Vec<Permission>>,
    /// Whether the key may only be used from some addresses.
    pub bound_to_addresses: Option<bool>,
}

/// One thing a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Trade futures.
    TradeFutures,
    /// Take money out.
    Withdraw,
    /// Something harmless: reading, other markets, copying.
    Harmless(String),
    /// A word that is not known.
    Unknown(String),
}

impl Permission {
    /// The permission of a word: V3 writes them out, V2 abbreviates (market, then `r` or `w`).
    pub fn of(word: &str) -> Permission {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "uta_trade" | "contract_trade" | "coow" => Permission::TradeFutures,
            _ if lower.contains("withdraw") => Permission::Withdraw,
            "uta_mgt"
            | "read"
            | "readonly"
            | "coor"
            | "cpor"
            | "cpow"
            | "stor"
            | "stow"
            | "smor"
            | "smow"
            | "spot_trade"
            | "margin_trade"
            | "copy_futures_position"
            | "copy_futures_order"
            | "copy_spot_order" => Permission::Harmless(lower),
            _ => Permission::Unknown(word.to_owned()),
        }
    }
}

/// What the answer to `Read::Settings` says about the generation; the answer of a classic account is a refusal.
pub fn generation_of(settings: &Result<Settings<'_>, Failure>) -> Detected {
    match settings {
        Ok(settings) => match settings.account_mode.as_str() {
            "unified" | "hybrid" => Detected::Is(Generation::V3),
            other => Detected::InBetween(other.to_owned()),
        },
        Err(failure) => match classify(failure) {
            Meaning::Fatal(Fatal::Generation(generation)) => Detected::Is(generation),
            Meaning::Fatal(fatal) => Detected::LockedOut(fatal),
            _ => Detected::Unknown(failure.to_string()),
        },
    }
}

/// What is known of an account's generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// It is of this one.
    Is(Generation),
    /// It is being switched: wait, then ask again.
    InBetween(String),
    /// We are not let in.
    LockedOut(Fatal),
    /// The answer says nothing: ask again.
    Unknown(String),
}

impl Standing {
    /// A classic account, by its row for the symbol.
    pub fn of_classic(row: &Balance<'_>) -> Result<Standing, BadNumber> {
        let leverage =
            |text: &Text<'_>, name| text.field(name).unless(NoneIs::Zero).map(|f| f.small()).transpose();
        let margin = margin_mode(&row.margin_mode);
        let cross = leverage(&row.cross_leverage, "crossedMarginLeverage")?;
        let (long, short) = match margin {
            Some(MarginMode::Isolated) => (
                leverage(&row.long_leverage, "isolatedLongLever")?,
                leverage(&row.short_leverage, "isolatedShortLever")?,
            ),
            _ => (cross, cross),
        };
        Ok(Standing {
            generation: Some(Generation::V2),
            position: position_mode(&row.position_mode),
            margin,
            long_leverage: long,
            short_leverage: short,
            ..Standing::default()
        })
    }

    /// A unified account, by its settings. A symbol nobody has touched yet is in no list; its modes are then unknown.
    pub fn of_unified(settings: &Settings<'_>, symbol: &str) -> Result<Standing, BadNumber> {
        let of_symbol =
            |setting: &&SymbolSetting<'_>| setting.symbol.is(symbol) && setting.category.is("USDT-FUTURES");
        let setting = settings.symbols.iter().find(of_symbol);
        let leverage = |pick: fn(&SymbolSetting<'_>) -> (Text<'static>, Text<'static>)| {
            let Some((own, both)) = setting.map(pick) else { return Ok(None) };
            let text = if own.is_empty() { both } else { own };
            text.field("leverage").unless(NoneIs::Zero).map(|f| f.small()).transpose()
        };
        let in_between = match generation_of(&Ok(settings.clone())) {
            Detected::InBetween(word) => Some(word),
            _ => None,
        };
        Ok(Standing {
            generation: Some(Generation::V3),
            in_between,
            position: position_mode(&settings.position_mode),
            margin: setting.and_then(|setting| margin_mode(&setting.margin_mode)),
            long_leverage: leverage(|s| {
                (s.long_leverage.clone().into_owned(), s.leverage.clone().into_owned())
            })?,
            short_leverage: leverage(|s| {
                (s.short_leverage.clone().into_owned(), s.leverage.clone().into_owned())
            })?,
            ..Standing::default()
        })
    }

    /// With what the key says of itself.
    pub fn with_key(mut self, key: &KeyInfo<'_>) -> Standing {
        let words = key.permissions.iter().map(|word| Permission::of(word.as_str()));
        self.permissions = (!key.permissions.is_empty()).then(|| words.collect());
        // A key that only reads says so apart from its list.
        if !key.kind.is_empty() && !key.kind.as_str().contains("write") {
            let can_trade = |permission: &Permission| *permission == Permission::TradeFutures;
            self.permissions.iter_mut().for_each(|list| list.retain(|one| !can_trade(one)));
        }
        self.bound_to_addresses = Some(!key.addresses.is_empty());
        self
    }

    /// Whether the farm may trade this account in the way it is set up for; otherwise everything that must change.
    pub fn clearance(&self, wanted: &Wanted) -> Result<Cleared, Vec<Obstacle>> {
        let mut obstacles = Vec::new();
        let Some(generation) = self.generation else { return Err(vec![Obstacle::UnknownGeneration]) };
        if let Some(word) = &self.in_between {
            obstacles.push(Obstacle::InBetween(word.clone()));
        }
        let mode = wanted.mode;
        if self.position != Some(mode.position) {
            obstacles.push(Obstacle::Position { is: self.position, wanted: mode.position });
        }
        if self.margin != Some(mode.margin) {
            obstacles.push(Obstacle::Margin { is: self.margin, wanted: mode.margin });
        }
        for (side, is) in [("long", self.long_leverage), ("short", self.short_leverage)] {
            if is != Some(mode.leverage) {
                obstacles.push(Obstacle::Leverage { side, is, wanted: mode.leverage });
            }
        }
        self.check_key(wanted, &mut obstacles);
        if obstacles.is_empty() { Ok(Cleared { generation, mode }) } else { Err(obstacles) }
    }

    fn check_key(&self, wanted: &Wanted, obstacles: &mut Vec<Obstacle>) {
        let Some(permissions) = &self.permissions else {
            return obstacles.push(Obstacle::UnknownPermissions);
        };
        if permissions.contains(&Permission::Withdraw) {
            obstacles.push(Obstacle::CanWithdraw);
        }
        if !permissions.contains(&Permission::TradeFutures) {
            obstacles.push(Obstacle::CannotTrade);
        }
        for permission in permissions {
            if let Permission::Unknown(word) = permission
                && !wanted.known_harmless.contains(word)
            {
                obstacles.push(Obstacle::UnknownPermission(word.clone()));
            }
        }
        if wanted.bound_to_addresses && self.bound_to_addresses != Some(true) {
            obstacles.push(Obstacle::NotBound);
        }
    }
}

fn position_mode(word: &Text<'_>) -> Option<PositionMode> {
    match word.as_str() {
        "one_way_mode" => Some(PositionMode::OneWay),
        "hedge_mode" => Some(PositionMode::Hedge),
        _ => None,
    }
}

fn margin_mode(word: &Text<'_>) -> Option<MarginMode> {
    match word.as_str() {
        "crossed" | "cross" => Some(MarginMode::Cross),
        "isolated" => Some(MarginMode::Isolated),
        _ => None,
    }
}

/// What the farm is configured for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The settings orders are shaped for.
    pub mode: AccountMode,
    /// Permissions the operator has looked at and calls harmless, though we do not know them.
    pub known_harmless: Vec<String>,
    /// Whether the key must be bound to addresses.
    pub bound_to_addresses: bool,
}

/// An account that may be traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// Which endpoints.
    pub generation: Generation,
    /// Its settings, which are the wanted ones.
    pub mode: AccountMode,
}

/// Something that must change before the account may be traded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nobody knows yet which endpoints it answers to.
    UnknownGeneration,
    /// Bitget is switching it from one generation to the other.
    InBetween(String),
    /// Orders would be shaped for the other position mode.
    Position {
        /// What it is.
        is: Option<PositionMode>,
        /// What the farm is set up for.
        wanted: PositionMode,
    },
    /// Orders would name the other margin mode.
    Margin {
        /// What it is.
        is: Option<MarginMode>,
        /// What the farm is set up for.
        wanted: MarginMode,
    },
    /// Margin and liquidation would be others than the farm reckons with.
    Leverage {
        /// Of longs or of shorts.
        side: &'static str,
        /// What it is.
        is: Option<u16>,
        /// What the farm is set up for.
        wanted: u16,
    },
    /// The key does not say what it may do.
    UnknownPermissions,
    /// The key may do something we have no word for.
    UnknownPermission(String),
    /// The key could lose all the money to whoever steals it.
    CanWithdraw,
    /// The key cannot do what it is for.
    CannotTrade,
    /// The key works from anywhere.
    NotBound,
}

fn position_words(mode: PositionMode) -> &'static str {
    match mode {
        PositionMode::OneWay => "one-way",
        PositionMode::Hedge => "hedge",
    }
}

fn margin_words(mode: MarginMode) -> &'static str {
    match mode {
        MarginMode::Cross => "cross",
        MarginMode::Isolated => "isolated",
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::UnknownGeneration => f.write_str(
                "whether the account is classic or unified is not known: ask for its settings again",
            ),
            Obstacle::InBetween(word) => {
                write!(f, "the account is {word}: wait until Bitget has finished, then start again")
            }
            Obstacle::Position { is, wanted } => {
                let (is, wanted) = (is.map_or("unknown", position_words), position_words(*wanted));
                write!(
                    f,
                    "the position mode is {is}, the farm is set up for {wanted}: close all positions and orders and \
                     switch it at Bitget, or change the farm's configuration"
                )
            }
            Obstacle::Margin { is, wanted } => {
                let (is, wanted) = (is.map_or("unknown", margin_words), margin_words(*wanted));
                write!(
                    f,
                    "the margin mode of the symbol is {is}, the farm is set up for {wanted}: switch it at Bitget while \
                     nothing is open on the symbol, or change the farm's configuration"
                )
            }
            Obstacle::Leverage { side, is, wanted } => {
                let is = is.map_or_else(|| "unknown".to_owned(), |leverage| format!("{leverage}x"));
                write!(
                    f,
                    "the leverage of {side}s on the symbol is {is}, the farm is set up for {wanted}x: set it at Bitget, \
                     or change the farm's configuration"
                )
            }
            Obstacle::UnknownPermissions => f.write_str(
                "what the key may do is not known: give it the permission to read, and start again",
            ),
            Obstacle::UnknownPermission(word) => write!(
                f,
                "the key has the permission `{word}`, which is not known: take it away, or list it as harmless"
            ),
            Obstacle::CanWithdraw => f.write_str(
                "the key can withdraw money: make a key without that permission, and delete this one",
            ),
            Obstacle::CannotTrade => f.write_str("the key cannot trade futures: give it that permission"),
            Obstacle::NotBound => {
                f.write_str("the key may be used from anywhere: bind it to the addresses of this machine")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: &str = r#"{"marginCoin":"USDT","available":"1","accountEquity":"1","crossedMarginLeverage":5,
        "isolatedLongLever":10,"isolatedShortLever":20,"marginMode":"crossed","posMode":"one_way_mode"}"#;
    const UNIFIED: &str = r#"{"uid":"1","accountMode":"unified","assetMode":"multi_assets","holdMode":"hedge_mode",
        "symbolConfigList":[{"category":"USDT-FUTURES","symbol":"BTCUSDT","marginMode":"isolated","leverage":"5",
        "shortLeverage":"7"},{"category":"MARGIN","symbol":"ETHUSDT","marginMode":"crossed","leverage":"3"}]}"#;

    fn wanted(position: PositionMode, margin: MarginMode) -> Wanted {
        let mode = AccountMode { position, margin, leverage: 5 };
        Wanted { mode, known_harmless: Vec::new(), bound_to_addresses: true }
    }

    fn key(json: &str) -> KeyInfo<'_> {
        serde_json::from_str(json).unwrap()
    }

    fn good_key() -> KeyInfo<'static> {
        key(
            r#"{"userId":"1","ips":"10.0.0.1","permType":"read-and-write","permissions":["uta_mgt","uta_trade"]}"#,
        )
    }

    #[test]
    fn a_fitting_account_is_cleared() {
        let classic = Standing::of_classic(&serde_json::from_str(CLASSIC).unwrap()).unwrap();
        let authorities = key(r#"{"userId":"1","ips":"10.0.0.1","authorities":["coor","coow","stor"]}"#);
        let fits = wanted(PositionMode::OneWay, MarginMode::Cross);
        let cleared = Cleared { generation: Generation::V2, mode: fits.mode };
        assert_eq!(classic.with_key(&authorities).clearance(&fits), Ok(cleared));
        let unified =
            UNIFIED.replace(r#","shortLeverage":"7""#, "").replace(",\n        \"shortLeverage\":\"7\"", "");
        let settings: Settings<'_> = serde_json::from_str(&unified).unwrap();
        let standing = Standing::of_unified(&settings, "BTCUSDT").unwrap().with_key(&good_key());
        let fits = wanted(PositionMode::Hedge, MarginMode::Isolated);
        assert_eq!(standing.clearance(&fits), Ok(Cleared { generation: Generation::V3, mode: fits.mode }));
    }

    #[test]
    fn every_mismatch_says_what_to_change() {
        let isolated = CLASSIC.replace("crossed\"", "isolated\"").replace("one_way_mode", "hedge_mode");
        let standing = Standing::of_classic(&serde_json::from_str(&isolated).unwrap()).unwrap();
        let obstacles = standing.clearance(&wanted(PositionMode::OneWay, MarginMode::Cross)).unwrap_err();
        assert_eq!(
            obstacles,
            [
                Obstacle::Position { is: Some(PositionMode::Hedge), wanted: PositionMode::OneWay },
                Obstacle::Margin { is: Some(MarginMode::Isolated), wanted: MarginMode::Cross },
                Obstacle::Leverage { side: "long", is: Some(10), wanted: 5 },
                Obstacle::Leverage { side: "short", is: Some(20), wanted: 5 },
                Obstacle::UnknownPermissions,
            ]
        );
        let said = obstacles[2].to_string();
        assert!(
            said.starts_with("the leverage of longs on the symbol is 10x, the farm is set up for 5x: set"),
            "{said}"
        );
        let settings: Settings<'_> = serde_json::from_str(UNIFIED).unwrap();
        let fits = wanted(PositionMode::Hedge, MarginMode::Isolated);
        let uneven = Standing::of_unified(&settings, "BTCUSDT").unwrap().with_key(&good_key());
        let short = Obstacle::Leverage { side: "short", is: Some(7), wanted: 5 };
        assert_eq!(uneven.clearance(&fits), Err(vec![short]));
        // Of a symbol that stands in another product's list, or in none, nothing is known.
        let untouched = Standing::of_unified(&settings, "ETHUSDT").unwrap().with_key(&good_key());
        let unknown = |side| Obstacle::Leverage { side, is: None, wanted: 5 };
        let margin = Obstacle::Margin { is: None, wanted: MarginMode::Isolated };
        assert_eq!(untouched.clearance(&fits), Err(vec![margin, unknown("long"), unknown("short")]));
        assert_eq!(Standing::default().clearance(&fits), Err(vec![Obstacle::UnknownGeneration]));
    }

    #[test]
    fn a_key_that_can_withdraw_is_refused() {
        let classic = Standing::of_classic(&serde_json::from_str(CLASSIC).unwrap()).unwrap();
        let mut fits = wanted(PositionMode::OneWay, MarginMode::Cross);
        let obstacles = |json: &str, fits: &Wanted| {
            classic.clone().with_key(&key(json)).clearance(fits).err().unwrap_or_default()
        };
        let can = r#"{"ips":"1","permType":"read-and-write","permissions":["uta_trade","withdraw"]}"#;
        assert_eq!(obstacles(can, &fits), [Obstacle::CanWithdraw]);
        let anywhere = r#"{"ips":"","permissions":["Withdrawal","coow"]}"#;
        assert_eq!(obstacles(anywhere, &fits), [Obstacle::CanWithdraw, Obstacle::NotBound]);
        let reads = r#"{"ips":"1","permType":"read_only","permissions":["uta_mgt","uta_trade"]}"#;
        assert_eq!(obstacles(reads, &fits), [Obstacle::CannotTrade]);
        let strange = r#"{"ips":"1","permissions":["coow","wtow"]}"#;
        assert_eq!(obstacles(strange, &fits), [Obstacle::UnknownPermission("wtow".to_owned())]);
        fits.known_harmless.push("wtow".to_owned());
        assert_eq!(obstacles(strange, &fits), []);
        assert_eq!(obstacles(r#"{"ips":"1","permissions":[]}"#, &fits), [Obstacle::UnknownPermissions]);
    }

    #[test]
    fn generations_tell_themselves_apart() {
        let refused =
            |status, code: &str| Err(Failure::Code { status, code: code.to_owned(), message: String::new() });
        let mode =
            |word: &str| Ok(Settings { account_mode: Text::from(word).into_owned(), ..Settings::default() });
        assert_eq!(generation_of(&mode("unified")), Detected::Is(Generation::V3));
        assert_eq!(generation_of(&mode("hybrid")), Detected::Is(Generation::V3));
        assert_eq!(generation_of(&mode("upgrading")), Detected::InBetween("upgrading".to_owned()));
        assert_eq!(generation_of(&refused(400, "25245")), Detected::Is(Generation::V2));
        assert_eq!(generation_of(&refused(400, "40085")), Detected::Is(Generation::V3));
        assert_eq!(generation_of(&refused(400, "40012")), Detected::LockedOut(Fatal::Credentials));
        assert_eq!(generation_of(&refused(400, "40099")), Detected::LockedOut(Fatal::Environment));
        assert!(matches!(generation_of(&refused(500, "25245")), Detected::Unknown(_)));
    }
}
