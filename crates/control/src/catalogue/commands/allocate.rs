//! Gives a bot money of its account's treasury. In the farm's books only: nothing leaves the exchange.

use crate::catalogue::effect::{Move, transfer};
use crate::catalogue::spec::{BOT, Kind, Rule, Spec, required};
use crate::catalogue::{Act, Arguments, Command, Complaint, Known};
use model::Role;

pub(super) static COMMAND: Command = Command {
    spec: Spec {
        name: "allocate",
        summary: "Give a bot money of its account's treasury; nothing leaves the exchange",
        arguments: &[BOT, required("amount", Kind::Amount, "How much, in USDT")],
        role: Role::Admin,
        rule: Rule::Code,
        example: "allocate strategic_btc 250",
    },
    call,
};

fn call(arguments: &Arguments, known: &Known<'_>) -> Result<Act, Complaint> {
    let amount = arguments.amount("amount").expect("it is required");
    transfer(&known.one(arguments, "bot")?, amount, Move::Give, known)
}
