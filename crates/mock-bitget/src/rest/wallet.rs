//! Money between accounts of one owner: futures and spot, main and sub, in the words of either generation.
//!
//! Only USDT, and only keys that may transfer. Refuses to take what is not there.

use super::pages::Page;
use super::{Call, Endpoint, anyhow_read, change, moves_money, read};
use crate::exchange::Exchange;
use crate::records::{Purse, Transfer};
use crate::refusal::Refusal;
use crate::rows::ms;
use crate::setup::Generation::V3;
use crate::text;
use model::{Decimal, Usd};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    moves_money("/api/v2/spot/wallet/transfer", 10, transfer),
    moves_money("/api/v2/spot/wallet/subaccount-transfer", 10, subaccount_transfer),
    moves_money("/api/v3/account/transfer", 10, transfer),
    moves_money("/api/v3/account/sub-transfer", 10, subaccount_transfer),
    moves_money("/api/v3/account/sub-master-transfer", 10, to_the_master),
    anyhow_read("/api/v2/account/all-account-balance", 1, all_account_balance),
    anyhow_read("/api/v2/spot/account/assets", 10, spot_assets),
    anyhow_read("/api/v2/spot/account/transferRecords", 20, transfer_records),
    anyhow_read("/api/v2/spot/wallet/transfer-coin-info", 10, coins),
    read(V3, "/api/v3/account/sub-transfer-record", 5, sub_transfer_record),
    read(V3, "/api/v3/account/transferable-coins", 10, coins),
    read(V3, "/api/v3/account/max-transferable", 10, max_transferable),
    change(V3, "/api/v3/account/switch-deduct", 5, switch_deduct),
    read(V3, "/api/v3/account/deduct-info", 5, deduct_info),
];

fn need_usdt(call: &Call) -> Result<(), Refusal> {
    if call.params.need("coin")? == "USDT" { Ok(()) } else { Err(Refusal::parameter("coin")) }
}

fn amount(call: &Call) -> Result<Usd, Refusal> {
    need_usdt(call)?;
    let micros = Decimal::parse(call.params.need("amount")?).and_then(|decimal| decimal.scaled(6));
    micros.ok().filter(|micros| *micros > 0).map(Usd).ok_or_else(|| Refusal::parameter("amount"))
}

fn purse(call: &Call, key: &str) -> Result<Purse, Refusal> {
    let word = call.params.need(key)?;
    let found = Purse::ALL.into_iter().find(|purse| purse.word() == word);
    found.ok_or_else(|| {
        Refusal::new("40020", format!("Parameter {key}: this exchange has spot, usdt_futures and uta"))
    })
}

/// Takes (or, negative, puts) money from a purse of an account.
fn take(exchange: &mut Exchange, user: usize, purse: Purse, amount: Usd) -> Result<(), Refusal> {
    match purse {
        Purse::Futures | Purse::Unified => exchange.fund(user, -amount),
        Purse::Spot if exchange.users[user].spot < amount => {
            Err(Refusal::new("43012", "Insufficient balance"))
        }
        Purse::Spot => {
            exchange.users[user].spot -= amount;
            Ok(())
        }
    }
}

/// Moves what the call names between two accounts, and writes it down with both.
fn moved(exchange: &mut Exchange, call: &Call, from: usize, to: usize) -> Result<Value, Refusal> {
    let amount = amount(call)?;
    let (from_purse, to_purse) = (purse(call, "fromType")?, purse(call, "toType")?);
    take(exchange, from, from_purse, amount)?;
    take(exchange, to, to_purse, -amount)?;
    let id = exchange.next_id(call.user);
    let uid = |user: usize| exchange.users[user].setup.uid.clone();
    let transfer = Transfer {
        id,
        client: call.params.text("clientOid").unwrap_or("").to_owned(),
        from: from_purse,
        to: to_purse,
        parties: [uid(from), uid(to)],
        amount,
        at: exchange.now,
    };
    let reply = json!({ "transferId": id.to_string(), "clientOid": transfer.client });
    if to != from {
        exchange.users[to].keep_transfer(transfer.clone());
    }
    exchange.users[from].keep_transfer(transfer);
    Ok(reply)
}

fn transfer(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    moved(exchange, call, call.user, call.user)
}

fn foreign() -> Refusal {
    Refusal::new("40014", "Incorrect permissions").with_status(403)
}

fn subaccount_transfer(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let own = exchange.users[call.user].setup.uid.clone();
    let family = |exchange: &Exchange, key| -> Result<usize, Refusal> {
        let uid = call.params.need(key)?;
        let found = exchange.user_of(uid).filter(|user| {
            let setup = &exchange.users[*user].setup;
            setup.uid == own || setup.parent.as_deref() == Some(own.as_str())
        });
        found.ok_or_else(foreign)
    };
    let (from, to) = (family(exchange, "fromUserId")?, family(exchange, "toUserId")?);
    moved(exchange, call, from, to)
}

/// A sub-account's own key may give back, and nothing else.
fn to_the_master(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let parent = exchange.users[call.user].setup.parent.clone();
    let master = parent.and_then(|uid| exchange.user_of(&uid)).ok_or_else(foreign)?;
    moved(exchange, call, call.user, master)
}

fn all_account_balance(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let spot = text::usd(exchange.users[call.user].spot);
    let futures = text::usd(exchange.equity(call.user));
    Ok(json!([
        { "accountType": "spot", "usdtBalance": spot },
        { "accountType": "futures", "usdtBalance": futures },
    ]))
}

fn spot_assets(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let available = text::usd(exchange.users[call.user].spot);
    if call.params.text("coin").is_some_and(|coin| coin != "USDT") {
        return Ok(json!([]));
    }
    Ok(json!([{
        "coin": "USDT", "available": available, "limitAvailable": "0", "frozen": "0", "locked": "0",
        "uTime": ms(exchange.now),
    }]))
}

fn transfer_records(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    need_usdt(call)?;
    let page = Page::of(&call.params, "idLessThan")?;
    let from = call.params.text("fromType");
    let client = call.params.text("clientOid");
    let rows = exchange.users[call.user].transfers.iter().rev().filter(|transfer| {
        from.is_none_or(|from| transfer.from.word() == from)
            && client.is_none_or(|client| transfer.client == client)
    });
    let (rows, _) = page.cut(rows, |transfer| (transfer.id, transfer.at));
    let rows = rows.into_iter().map(|transfer| {
        json!({
            "coin": "USDT",
            "status": "Successful",
            "toType": transfer.to.word(),
            "toSymbol": "",
            "fromType": transfer.from.word(),
            "fromSymbol": "",
            "size": text::usd(transfer.amount),
            "ts": ms(transfer.at),
            "clientOid": transfer.client,
            "transferId": transfer.id.to_string(),
        })
    });
    Ok(rows.collect())
}

fn sub_transfer_record(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let page = Page::of(&call.params, "cursor")?;
    let between = exchange.users[call.user].transfers.iter().rev();
    let between = between.filter(|transfer| transfer.parties[0] != transfer.parties[1]);
    let (rows, last) = page.cut(between, |transfer| (transfer.id, transfer.at));
    let items = rows.into_iter().map(|transfer| {
        let [from, to] = &transfer.parties;
        json!({
            "transferId": transfer.id.to_string(),
            "fromType": transfer.from.word(),
            "toType": transfer.to.word(),
            "amount": text::usd(transfer.amount),
            "coin": "USDT",
            "fromUserId": from,
            "toUserId": to,
            "status": "success",
            "clientOid": transfer.client,
            "createdTime": ms(transfer.at),
            "updatedTime": ms(transfer.at),
        })
    });
    Ok(json!({ "items": items.collect::<Vec<Value>>(), "cursor": super::pages::end_id(last) }))
}

fn coins(_: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    purse(call, "fromType")?;
    purse(call, "toType")?;
    Ok(json!(["USDT"]))
}

fn max_transferable(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    need_usdt(call)?;
    let free = text::usd(exchange.free(call.user).max(Usd::ZERO));
    Ok(json!({ "coin": "USDT", "maxTransfer": free, "borrowMaxTransfer": free }))
}

/// Fees are paid in USDT here, whatever is asked for.
fn switch_deduct(_: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    match call.params.need("deduct")? {
        "off" => Ok(true.into()),
        _ => Err(Refusal::new("40020", "this exchange takes its fees in USDT: deduct is off")),
    }
}

fn deduct_info(_: &mut Exchange, _: &Call) -> Result<Value, Refusal> {
    Ok(json!({ "deduct": "off" }))
}
