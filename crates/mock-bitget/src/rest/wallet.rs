//! Money between accounts of one owner: futures and spot, main and sub.
//!
//! Only USDT, and only keys that may transfer. Refuses to take what is not there.

use super::{Call, Endpoint, anyhow_read, moves_money};
use crate::exchange::Exchange;
use crate::refusal::Refusal;
use crate::text;
use model::{Decimal, Usd};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    moves_money("/api/v2/spot/wallet/transfer", 10, transfer),
    moves_money("/api/v2/spot/wallet/subaccount-transfer", 10, subaccount_transfer),
    anyhow_read("/api/v2/account/all-account-balance", 1, all_account_balance),
    anyhow_read("/api/v2/user/virtual-subaccount-list", 10, virtual_subaccount_list),
];

fn amount(call: &Call) -> Result<Usd, Refusal> {
    if call.params.need("coin")? != "USDT" {
        return Err(Refusal::parameter("coin"));
    }
    let micros = Decimal::parse(call.params.need("amount")?).and_then(|decimal| decimal.scaled(6));
    micros.ok().filter(|micros| *micros > 0).map(Usd).ok_or_else(|| Refusal::parameter("amount"))
}

/// Takes (or, negative, puts) money from a purse of an account.
fn take(exchange: &mut Exchange, user: usize, purse: &str, amount: Usd) -> Result<(), Refusal> {
    match purse {
        "usdt_futures" | "uta" => exchange.fund(user, -amount),
        "spot" if exchange.users[user].spot < amount => Err(Refusal::new("43012", "Insufficient balance")),
        "spot" => {
            exchange.users[user].spot -= amount;
            Ok(())
        }
        _ => Err(Refusal::new("40020", "this exchange has spot, usdt_futures and uta")),
    }
}

fn is_purse(purse: &str) -> Result<(), Refusal> {
    let known = matches!(purse, "usdt_futures" | "uta" | "spot");
    if known { Ok(()) } else { Err(Refusal::parameter("toType")) }
}

fn moved(exchange: &mut Exchange, call: &Call) -> Value {
    let id = exchange.next_id(call.user).to_string();
    json!({ "transferId": id, "clientOid": call.params.text("clientOid").unwrap_or("") })
}

fn transfer(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let amount = amount(call)?;
    let to = call.params.need("toType")?;
    is_purse(to)?;
    take(exchange, call.user, call.params.need("fromType")?, amount)?;
    take(exchange, call.user, to, -amount)?;
    Ok(moved(exchange, call))
}

fn subaccount_transfer(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let amount = amount(call)?;
    let own = exchange.users[call.user].setup.uid.clone();
    let family = |exchange: &Exchange, key| -> Result<usize, Refusal> {
        let uid = call.params.need(key)?;
        let found = exchange.user_of(uid).filter(|user| {
            let setup = &exchange.users[*user].setup;
            setup.uid == own || setup.parent.as_deref() == Some(own.as_str())
        });
        found.ok_or_else(|| Refusal::new("40014", "Incorrect permissions").with_status(403))
    };
    let (from, to) = (family(exchange, "fromUserId")?, family(exchange, "toUserId")?);
    let purse = call.params.need("toType")?;
    is_purse(purse)?;
    take(exchange, from, call.params.need("fromType")?, amount)?;
    take(exchange, to, purse, -amount)?;
    Ok(moved(exchange, call))
}

fn all_account_balance(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let spot = text::usd(exchange.users[call.user].spot);
    let futures = text::usd(exchange.equity(call.user));
    Ok(json!([
        { "accountType": "spot", "usdtBalance": spot },
        { "accountType": "futures", "usdtBalance": futures },
    ]))
}

fn virtual_subaccount_list(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let own = &exchange.users[call.user].setup.uid;
    let subs = exchange.setups().filter(|setup| setup.parent.as_ref() == Some(own));
    let rows: Vec<Value> = subs
        .map(|setup| json!({ "subAccountUid": setup.uid, "subAccountName": setup.uid, "status": "normal" }))
        .collect();
    Ok(json!({ "hasNextPage": false, "subAccountList": rows, "endId": Value::Null }))
}
