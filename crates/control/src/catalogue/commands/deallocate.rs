//! Takes money of a bot back into its account's treasury. In the farm's books only: nothing leaves the exchange.

use crate::catalogue::effect::{Move, transfer};
use crate::catalogue::spec::{BOT, Kind, Rule, Spec, required};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "deallocate",
        summary: "Take money of a bot back into its account's treasury",
        arguments: &[BOT, required("amount", Kind::Amount, "How much, in USDT")],
        role: Role::Admin,
        rule: Rule::Code,
        example: "deallocate strategic_btc 250",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let amount = arguments.amount("amount").expect("it is required");
    transfer(&known.one(arguments, "bot")?, amount, Move::Take, known)
}
