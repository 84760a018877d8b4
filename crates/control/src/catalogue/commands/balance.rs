//! The money of every account: what bots have, what is the treasury's, what nobody can explain.

use crate::catalogue::spec::{Kind, Rule, Spec, optional};
use crate::catalogue::{Act, Answer, Arguments, Colour, Command, Complaint, Known, Table, figures};
use crate::view::{AccountView, ShardView};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "balance",
        summary: "Money of the accounts: bots, treasury, and what nobody can explain",
        arguments: &[optional("account", Kind::Account, "Which account; all without it")],
        role: Role::Viewer,
        rule: Rule::Look,
        example: "balance",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let accounts: Vec<(&ShardView, &AccountView)> = match arguments.name("account") {
        Some(named) => vec![known.account(&named.name)?],
        None => {
            let shards = known.shards()?;
            shards.iter().flat_map(|view| view.accounts.iter().map(move |one| (view, one))).collect()
        }
    };
    let mut answer = Answer::new("Balance");
    let mut table = Table::new("Money", &["account", "mode", "whose", "wallet", "equity"]);
    let (mut wallets, mut equity) = (0_i128, Some(0_i128));
    for (shard, account) in &accounts {
        let name = || account.account.clone();
        table.row([
            name(),
            shard.mode.clone(),
            "treasury".to_owned(),
            figures::usdt(account.treasury.0.0),
            figures::usdt(account.treasury.0.0),
        ]);
        wallets += i128::from(account.treasury.0.0);
        equity = equity.map(|sum| sum + i128::from(account.treasury.0.0));
        for bot in shard.bots.iter().filter(|bot| bot.account == account.account) {
            wallets += i128::from(bot.wallet.0.0);
            equity = equity.zip(bot.equity).map(|(sum, one)| sum + i128::from(one.0.0));
            table.row([
                name(),
                shard.mode.clone(),
                bot.bot.clone(),
                figures::usdt(bot.wallet.0.0),
                figures::known(bot.equity),
            ]);
        }
        unexplained(account, &mut answer);
    }
    answer.field("wallets and treasuries", figures::usdt(wallets));
    answer.field(
        "with what is held at the last price",
        equity.map_or_else(|| figures::UNKNOWN.to_owned(), figures::usdt),
    );
    let modes = accounts.iter().map(|(shard, _)| &shard.mode).collect::<std::collections::BTreeSet<_>>();
    if modes.len() > 1 {
        answer.note("the sums mix modes: money on paper is no money");
    }
    answer.table(table);
    known.date(&mut answer, accounts.iter().map(|(shard, _)| *shard));
    Ok(Act::Answer(answer))
}

fn unexplained(account: &AccountView, answer: &mut Answer) {
    let Some(more) = &account.unexplained else { return };
    answer.note(format!(
        "account {} holds what its books do not explain: {}, positions {} and {}, {} orders; `reconcile` takes money into the treasury once positions and orders are gone",
        account.account,
        figures::signed(more.money.0.0),
        more.positions[0],
        more.positions[1],
        more.orders
    ));
    answer.look(Colour::Bad);
}
