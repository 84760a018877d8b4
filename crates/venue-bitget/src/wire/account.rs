//! Private payloads about the account itself: balances, settings, the key, bills.
//!
//! Refuses to interpret: whether the farm may trade such an account is decided in `crate::account`.

use crate::wire::row::row;
use crate::wire::scalar::{Rows, Text};

row! {
    /// The balance of one coin: a V2 account row, a coin of a V3 account, or a row of either's socket.
    Balance {
        coin: Text<'a> = "marginCoin" | "coin",
        available: Text<'a> = "available",
        locked: Text<'a> = "locked" | "frozen",
        balance: Text<'a> = "balance",
        equity: Text<'a> = "accountEquity" | "equity",
        usdt_equity: Text<'a> = "usdtEquity" | "usdValue",
        cross_free: Text<'a> = "crossedMaxAvailable" | "maxOpenPosAvailable",
        isolated_free: Text<'a> = "isolatedMaxAvailable",
        unrealised: Text<'a> = "unrealizedPL",
        debt: Text<'a> = "debt" | "debts",
        asset_mode: Text<'a> = "assetMode" | "assetsMode",
        margin_mode: Text<'a> = "marginMode",
        position_mode: Text<'a> = "posMode",
        cross_leverage: Text<'a> = "crossedMarginLeverage",
        long_leverage: Text<'a> = "isolatedLongLever",
        short_leverage: Text<'a> = "isolatedShortLever",
    }
}

row! {
    /// All of a V3 account.
    Assets {
        equity: Text<'a> = "accountEquity" | "totalEquity",
        usdt_equity: Text<'a> = "usdtEquity" | "effEquity",
        unrealised: Text<'a> = "unrealisedPnl" | "unrealisedPnL",
        maintenance: Text<'a> = "mmr",
        initial: Text<'a> = "imr",
        margin_ratio: Text<'a> = "mgnRatio",
        coins: Rows<Balance<'a>> = "assets" | "coin",
    }
}

row! {
    /// Equity as the V2 socket pushes it.
    Equity {
        btc_equity: Text<'a> = "btcEquity",
        usdt_equity: Text<'a> = "usdtEquity",
        unrealised: Text<'a> = "unrealizedPL",
    }
}

row! {
    /// The settings of a V3 account.
    Settings {
        user: Text<'a> = "uid",
        account_mode: Text<'a> = "accountMode",
        asset_mode: Text<'a> = "assetMode",
        position_mode: Text<'a> = "holdMode",
        symbols: Rows<SymbolSetting<'a>> = "symbolConfigList",
    }
}

row! {
    /// Margin mode and leverage of one symbol of a V3 account.
    SymbolSetting {
        category: Text<'a> = "category",
        symbol: Text<'a> = "symbol",
        margin_mode: Text<'a> = "marginMode",
        leverage: Text<'a> = "leverage",
        long_leverage: Text<'a> = "longLeverage",
        short_leverage: Text<'a> = "shortLeverage",
    }
}

row! {
    /// Whose key it is and what it may do.
    KeyInfo {
        user: Text<'a> = "userId",
        parent: Text<'a> = "parentId",
        addresses: Text<'a> = "ips",
        kind: Text<'a> = "permType",
        permissions: Rows<Text<'a>> = "permissions" | "authorities",
    }
}

row! {
    /// What `set-leverage`, `set-margin-mode` and `set-position-mode` of V2 answer.
    SettingChanged {
        symbol: Text<'a> = "symbol",
        position_mode: Text<'a> = "posMode",
        margin_mode: Text<'a> = "marginMode",
        long_leverage: Text<'a> = "longLeverage",
        short_leverage: Text<'a> = "shortLeverage",
        cross_leverage: Text<'a> = "crossMarginLeverage",
    }
}

row! {
    /// A change of money.
    Bill {
        id: Text<'a> = "billId" | "id",
        symbol: Text<'a> = "symbol",
        kind: Text<'a> = "businessType" | "type",
        coin: Text<'a> = "coin",
        amount: Text<'a> = "amount",
        fee: Text<'a> = "fee",
        balance: Text<'a> = "balance",
        at: Text<'a> = "cTime" | "ts",
    }
}

impl Bill<'_> {
    /// Whether it is the settlement of a funding instant.
    pub fn is_funding(&self) -> bool {
        let kind = self.kind.as_str();
        kind == "contract_settle_fee" || kind.starts_with("CONTRACT_MAIN_SETTLE_FEE_USER_")
    }

    /// Whether it settles a takeover: what was left of the margin, or what the insurance fund paid.
    pub fn is_seizure(&self) -> bool {
        self.kind.as_str().eq_ignore_ascii_case("burst_settle")
    }
}
