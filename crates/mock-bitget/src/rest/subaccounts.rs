//! Sub-accounts and their keys, made and taken away by the account they belong to, in the words of either generation.
//!
//! A sub-account has its own modes, money and ledgers, and its parent's generation and environment. Its keys and secrets
//! follow from its number: whoever can read this can make them, so they protect nothing. Refuses a sub-account's key,
//! more than so many of them, and a name that is taken.

use super::{Call, Endpoint, anyhow_read, moves_money, read};
use crate::exchange::Exchange;
use crate::refusal::Refusal;
use crate::rows::ms;
use crate::setup::Generation::V3;
use crate::setup::{AccountSetup, KeySetup, Permission};
use crate::text;
use crate::user::Standing;
use model::Usd;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    moves_money("/api/v2/user/create-virtual-subaccount", 5, create),
    moves_money("/api/v2/user/modify-virtual-subaccount", 5, modify),
    moves_money("/api/v2/user/create-virtual-subaccount-apikey", 5, create_key),
    moves_money("/api/v2/user/modify-virtual-subaccount-apikey", 5, modify_key),
    moves_money("/api/v2/user/batch-create-virtual-subaccount-and-apikey", 1, create_with_keys),
    anyhow_read("/api/v2/user/virtual-subaccount-list", 10, list),
    anyhow_read("/api/v2/user/virtual-subaccount-apikey-list", 10, list_keys),
    anyhow_read("/api/v2/mix/account/sub-account-assets", 1, assets),
    moves_money("/api/v3/user/create-sub", 5, create_v3),
    moves_money("/api/v3/user/freeze-sub", 5, freeze_v3),
    moves_money("/api/v3/user/create-sub-api", 5, create_key_v3),
    moves_money("/api/v3/user/update-sub-api", 5, modify_key_v3),
    moves_money("/api/v3/user/delete-sub-api", 5, delete_key_v3),
    read(V3, "/api/v3/user/sub-list", 5, list_v3),
    read(V3, "/api/v3/user/sub-api-list", 5, list_keys_v3),
    read(V3, "/api/v3/account/sub-unified-assets", 5, assets_v3),
];

/// Sub-accounts of an account, keys of an account, and letters of a name.
const SUBACCOUNTS_MAX: usize = 100;
const KEYS_MAX: usize = 10;
const NAME_MAX: usize = 20;

fn foreign() -> Refusal {
    Refusal::new("40014", "Incorrect permissions").with_status(403)
}

fn need_main(exchange: &Exchange, call: &Call) -> Result<(), Refusal> {
    if exchange.users[call.user].setup.parent.is_none() { Ok(()) } else { Err(foreign()) }
}

/// The sub-accounts of the caller.
fn subs(exchange: &Exchange, call: &Call) -> Vec<usize> {
    let own = Some(exchange.users[call.user].setup.uid.as_str());
    let users = exchange.users.iter().enumerate();
    users.filter(|(_, user)| user.setup.parent.as_deref() == own).map(|(index, _)| index).collect()
}

/// The sub-account of the caller's that a parameter names.
fn sub(exchange: &Exchange, call: &Call, key: &str) -> Result<usize, Refusal> {
    let uid = call.params.need(key)?;
    let found = subs(exchange, call).into_iter().find(|user| exchange.users[*user].setup.uid == uid);
    found.ok_or_else(foreign)
}

fn open(exchange: &mut Exchange, call: &Call, name: &str) -> Result<usize, Refusal> {
    need_main(exchange, call)?;
    let fits = (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !fits || exchange.users.iter().any(|user| user.name == name) {
        return Err(Refusal::parameter("subAccountName"));
    }
    if subs(exchange, call).len() >= SUBACCOUNTS_MAX {
        return Err(Refusal::new("40020", "an account has at most 100 sub-accounts"));
    }
    let parent = exchange.users[call.user].setup.clone();
    let number = exchange.users.len();
    let mut candidates = (2_000_000_001 + number as u64..).map(|number| number.to_string());
    let uid = candidates.find(|uid| exchange.user_of(uid).is_none()).expect("numbers do not end");
    exchange.open_account(AccountSetup {
        uid,
        parent: Some(parent.uid.clone()),
        balance: Usd::ZERO,
        keys: Vec::new(),
        ..parent
    });
    name.clone_into(&mut exchange.users[number].name);
    Ok(number)
}

fn permission(word: &str) -> Result<Option<Permission>, Refusal> {
    Ok(match word {
        "contract_trade" | "uta_trade" => Some(Permission::Trade),
        "read" | "uta_mgt" => Some(Permission::Read),
        "transfer" => Some(Permission::Transfer),
        // What is not traded here needs no leave.
        "spot_trade" | "margin_trade" => None,
        _ => return Err(Refusal::parameter("permList")),
    })
}

fn permissions(words: &[String]) -> Result<Vec<Permission>, Refusal> {
    let mut all = vec![Permission::Read];
    for word in words {
        all.extend(permission(word)?.filter(|one| !all.contains(one)));
    }
    Ok(all)
}

fn words(key: &KeySetup, generation: crate::setup::Generation) -> Vec<&'static str> {
    let word = |permission: &Permission| match (permission, generation) {
        (Permission::Read, V3) => "uta_mgt",
        (Permission::Trade, V3) => "uta_trade",
        (Permission::Read, _) => "read",
        (Permission::Trade, _) => "contract_trade",
        (Permission::Transfer, _) => "transfer",
        (Permission::Withdraw, _) => "withdraw",
    };
    key.permissions.iter().map(word).collect()
}

/// Text that follows from what it is for.
fn token(uid: &str, number: u32, what: &str) -> String {
    let digest = Sha256::digest(format!("{uid}/{number}/{what}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn add_key(
    exchange: &mut Exchange,
    call: &Call,
    user: usize,
    permissions: Vec<Permission>,
    ips: &[String],
) -> Result<KeySetup, Refusal> {
    let passphrase = call.params.need("passphrase")?.to_owned();
    let owner = &mut exchange.users[user];
    if owner.setup.keys.len() >= KEYS_MAX {
        return Err(Refusal::new("40020", "an account has at most 10 keys"));
    }
    owner.keys_made += 1;
    let (uid, number) = (&owner.setup.uid, owner.keys_made);
    let key = KeySetup {
        key: format!("bg_{}", token(uid, number, "key")),
        secret: token(uid, number, "secret"),
        passphrase,
        permissions,
        ips: ips.join(","),
        public_key: None,
    };
    owner.setup.keys.push(key.clone());
    Ok(key)
}

// The second generation.

fn row_v2(exchange: &Exchange, user: usize) -> Value {
    let user = &exchange.users[user];
    json!({
        "subAccountUid": user.setup.uid,
        "subAccountName": user.name,
        "subaAccountUid": user.setup.uid,
        "subaAccountName": user.name,
        "status": if user.standing == Standing::Frozen { "freeze" } else { "normal" },
        "accountType": "mix",
        "permList": ["contract_trade", "transfer", "read"],
        "label": user.name,
        "cTime": ms(user.opened),
        "uTime": ms(user.opened),
    })
}

fn create(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    need_main(exchange, call)?;
    let names = call.params.texts("subAccountList")?;
    if names.is_empty() {
        return Err(Refusal::parameter("subAccountList"));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for name in &names {
        match open(exchange, call, name) {
            Ok(user) => done.push(row_v2(exchange, user)),
            Err(_) => failed.push(json!({ "subaAccountName": name })),
        }
    }
    Ok(json!({ "failureList": failed, "successList": done }))
}

fn modify(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subAccountUid")?;
    permissions(&call.params.texts("permList")?)?;
    exchange.users[user].standing = match call.params.need("status")? {
        "normal" => Standing::Normal,
        "freeze" => Standing::Frozen,
        _ => return Err(Refusal::parameter("status")),
    };
    Ok(json!({ "result": "success" }))
}

fn key_row_v2(exchange: &Exchange, user: usize, key: &KeySetup) -> Value {
    let generation = crate::setup::Generation::V2;
    json!({
        "subAccountUid": exchange.users[user].setup.uid,
        "subAccountName": exchange.users[user].name,
        "label": exchange.users[user].name,
        "subAccountApiKey": key.key,
        "permList": words(key, generation),
        "ipList": key.ips.split(',').filter(|ip| !ip.is_empty()).collect::<Vec<&str>>(),
    })
}

/// The secret is told once.
fn new_key_row_v2(exchange: &Exchange, user: usize, key: &KeySetup) -> Value {
    let mut row = key_row_v2(exchange, user, key);
    row["secretKey"] = key.secret.clone().into();
    row
}

fn create_key(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subAccountUid")?;
    let permissions = permissions(&call.params.texts("permList")?)?;
    let key = add_key(exchange, call, user, permissions, &call.params.texts("ipList")?)?;
    Ok(new_key_row_v2(exchange, user, &key))
}

/// The key of the caller's sub-accounts that a parameter names.
fn key_of(exchange: &Exchange, call: &Call, name: &str) -> Result<(usize, usize), Refusal> {
    let wanted = call.params.need(name)?;
    let found = subs(exchange, call).into_iter().find_map(|user| {
        let keys = &exchange.users[user].setup.keys;
        Some((user, keys.iter().position(|key| key.key == wanted)?))
    });
    found.ok_or_else(foreign)
}

fn modify_key(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let (user, at) = key_of(exchange, call, "subAccountApiKey")?;
    change_key(exchange, call, user, at, "permList", "ipList")?;
    Ok(key_row_v2(exchange, user, &exchange.users[user].setup.keys[at]))
}

fn change_key(
    exchange: &mut Exchange,
    call: &Call,
    user: usize,
    at: usize,
    permissions_key: &str,
    ips_key: &str,
) -> Result<(), Refusal> {
    let (wanted, ips) = (call.params.texts(permissions_key)?, call.params.texts(ips_key)?);
    let permissions = permissions(&wanted)?;
    let key = &mut exchange.users[user].setup.keys[at];
    if let Some(passphrase) = call.params.text("passphrase") {
        passphrase.clone_into(&mut key.passphrase);
    }
    if !wanted.is_empty() {
        key.permissions = permissions;
    }
    if !ips.is_empty() {
        key.ips = ips.join(",");
    }
    Ok(())
}

fn create_with_keys(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    need_main(exchange, call)?;
    let mut made = Vec::new();
    for row in call.params.rows() {
        let call = Call { user: call.user, key: call.key, params: row.clone() };
        let permissions = permissions(&call.params.texts("permList")?)?;
        call.params.need("passphrase")?;
        let user = open(exchange, &call, call.params.need("subAccountName")?)?;
        let key = add_key(exchange, &call, user, permissions, &call.params.texts("ipList")?)?;
        made.push(new_key_row_v2(exchange, user, &key));
    }
    if made.is_empty() {
        Err(Refusal::new("40020", "the body is a list of sub-accounts"))
    } else {
        Ok(made.into())
    }
}

fn list(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let wanted = call.params.text("status");
    let rows = subs(exchange, call).into_iter().map(|user| row_v2(exchange, user));
    let rows: Vec<Value> = rows.filter(|row| wanted.is_none_or(|status| row["status"] == status)).collect();
    Ok(json!({ "hasNextPage": false, "subAccountList": rows, "endId": Value::Null }))
}

fn list_keys(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subAccountUid")?;
    let keys = exchange.users[user].setup.keys.iter();
    Ok(keys.map(|key| key_row_v2(exchange, user, key)).collect())
}

fn assets(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    if !call.is_traded_product("productType")? {
        return Ok(json!([]));
    }
    let rows = subs(exchange, call).into_iter().map(|user| {
        let uid = &exchange.users[user].setup.uid;
        json!({ "userId": uid, "assetList": [exchange.account_v2(user)] })
    });
    Ok(rows.collect())
}

// The third.

fn row_v3(exchange: &Exchange, user: usize) -> Value {
    let user = &exchange.users[user];
    json!({
        "subUid": user.setup.uid,
        "username": user.name,
        "status": if user.standing == Standing::Frozen { "freeze" } else { "normal" },
        "accountMode": "unified",
        "type": "virtual_sub",
        "note": "",
        "createdTime": ms(user.opened),
        "updatedTime": ms(user.opened),
    })
}

fn create_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = open(exchange, call, call.params.need("username")?)?;
    Ok(row_v3(exchange, user))
}

fn freeze_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subUid")?;
    exchange.users[user].standing = match call.params.need("operation")? {
        "freeze" => Standing::Frozen,
        "unfreeze" => Standing::Normal,
        _ => return Err(Refusal::parameter("operation")),
    };
    Ok("success".into())
}

fn list_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let rows: Vec<Value> = subs(exchange, call).into_iter().map(|user| row_v3(exchange, user)).collect();
    Ok(json!({ "list": rows, "hasNext": false, "cursor": Value::Null }))
}

fn key_row_v3(exchange: &Exchange, user: usize, key: &KeySetup) -> Value {
    let writes = key.permissions.contains(&Permission::Trade);
    json!({
        "subUid": exchange.users[user].setup.uid,
        "note": "",
        "apiKey": key.key,
        "type": if writes { "read_write" } else { "read_only" },
        "permissions": words(key, V3),
        "ips": key.ips.split(',').filter(|ip| !ip.is_empty()).collect::<Vec<&str>>(),
    })
}

fn create_key_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subUid")?;
    let permissions = permissions(&call.params.texts("permissions")?)?;
    let key = add_key(exchange, call, user, permissions, &call.params.texts("ips")?)?;
    let mut row = key_row_v3(exchange, user, &key);
    row["secret"] = key.secret.into();
    Ok(row)
}

fn modify_key_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let (user, at) = key_of(exchange, call, "apiKey")?;
    change_key(exchange, call, user, at, "permissions", "ips")?;
    Ok(key_row_v3(exchange, user, &exchange.users[user].setup.keys[at]))
}

fn delete_key_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let (user, at) = key_of(exchange, call, "apiKey")?;
    exchange.users[user].setup.keys.remove(at);
    Ok("success".into())
}

fn list_keys_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let user = sub(exchange, call, "subUid")?;
    let keys = exchange.users[user].setup.keys.iter();
    let rows: Vec<Value> = keys.map(|key| key_row_v3(exchange, user, key)).collect();
    Ok(json!({ "items": rows, "hasNext": false, "cursor": Value::Null }))
}

fn assets_v3(exchange: &mut Exchange, call: &Call) -> Result<Value, Refusal> {
    let wanted = call.params.text("subUid");
    let rows = subs(exchange, call)
        .into_iter()
        .filter(|user| wanted.is_none_or(|uid| exchange.users[*user].setup.uid == uid));
    let rows = rows.map(|user| {
        let amount = text::usd(exchange.equity(user));
        let coin = json!({
            "coin": "USDT", "equity": amount, "usdValue": amount, "balance": text::usd(exchange.wallet(user)),
            "available": text::usd(exchange.free(user)), "debt": "0", "locked": text::usd(exchange.frozen(user)),
        });
        json!({ "subUid": exchange.users[user].setup.uid, "assets": [coin] })
    });
    Ok(rows.collect())
}
