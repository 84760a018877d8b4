//! Takes what an account has more or less than its books explain into, or out of, its treasury.

use crate::catalogue::spec::{Kind, Rule, Spec, required};
use crate::catalogue::{
    Act, Answer, Arguments, Command, Complaint, Errands, Known, Reach, UNKNOWN_SIZE, figures,
};
use model::{AccountId, Instruction, Role, Usd};

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "reconcile",
        summary: "Book what nobody can explain into the treasury of an account, or out of it",
        arguments: &[required("account", Kind::Account, "Which account")],
        role: Role::Admin,
        rule: Rule::Code,
        example: "reconcile main",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let named = arguments.name("account").expect("it is required");
    let (shard, account) = known.account(&named.name)?;
    let fresh = !known.is_stale(shard);
    let found = account.unexplained.as_ref();
    if found.is_none() && fresh {
        return Err(Complaint::not_now(
            format!("everything on account {} is explained", account.account),
            "there is nothing to book",
        ));
    }
    let mut preview = Answer::new(format!("reconcile account {}", account.account));
    preview.field("treasury now", figures::usdt(account.treasury.0.0));
    if let Some(more) = found {
        preview.field("nobody can explain", figures::signed(more.money.0.0));
        preview.field("positions nobody knows", more.positions.join(" and "));
        preview.field("orders nobody knows", more.orders.to_string());
        preview.field(
            "treasury then",
            figures::usdt(i128::from(account.treasury.0.0) + i128::from(more.money.0.0)),
        );
    }
    preview.note("The difference is booked as the treasury's. Find out where it came from first: it may be a deposit, a fee, or somebody else's hand.");
    preview.note("Bots that stopped because of it open again only once somebody resumes them.");
    known.date(&mut preview, [shard]);
    let size = found.filter(|_| fresh).map_or(UNKNOWN_SIZE, |more| Usd(more.money.0.0.saturating_abs()));
    let errand = (shard.shard.clone(), Instruction::Reconcile(AccountId(account.number)));
    let on_it = shard.bots.iter().filter(|bot| bot.account == account.account);
    let reach = Reach::Bots(on_it.map(|bot| bot.bot.clone()).collect());
    Ok(Act::Errands(Errands { preview, errands: vec![errand], reach, size: Some(size) }))
}
