//! Commands as bytes, and back.

use super::JournalError;
use super::input::{read_order_id, write_order_id};
use super::wire::{Reader, Writer};
use model::{AccountId, BotId, Command, CommandId, Instruction, Purse, RiskLevel, Role, Scope, Time, Usd};

pub(super) fn write(w: &mut Writer, command: &Command) {
    w.u64(command.id.0);
    w.byte(command.role as u8);
    w.i64(command.given_at.0);
    match command.instruction {
        Instruction::Pause(scope) => tagged(w, 0, scope),
        Instruction::Resume(scope) => tagged(w, 1, scope),
        Instruction::ReduceOnly(scope) => tagged(w, 2, scope),
        Instruction::Close(scope) => tagged(w, 3, scope),
        Instruction::Panic => w.byte(4),
        Instruction::Rearm => w.byte(5),
        Instruction::Approve(id) => {
            w.byte(6);
            write_order_id(w, id);
        }
        Instruction::Decline(id) => {
            w.byte(7);
            write_order_id(w, id);
        }
        Instruction::Transfer { from, to, amount } => {
            w.byte(8);
            write_purse(w, from);
            write_purse(w, to);
            w.i64(amount.0);
        }
        Instruction::Reconcile(account) => {
            w.byte(9);
            w.u16(account.0);
        }
        Instruction::Cancel(scope) => tagged(w, 10, scope),
        Instruction::SetRisk(bot, level) => {
            w.byte(11);
            w.u16(bot.0);
            w.byte(level as u8);
        }
    }
}

fn tagged(w: &mut Writer, tag: u8, scope: Scope) {
    w.byte(tag);
    match scope {
        Scope::Farm => w.byte(0),
        Scope::Bot(bot) => {
            w.byte(1);
            w.u16(bot.0);
        }
    }
}

fn write_purse(w: &mut Writer, purse: Purse) {
    let (tag, number) = match purse {
        Purse::Bot(bot) => (0, bot.0),
        Purse::Treasury(account) => (1, account.0),
    };
    w.byte(tag);
    w.u16(number);
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Command, JournalError> {
    let id = CommandId(r.u64()?);
    let role = Role::ALL.get(usize::from(r.byte()?)).copied();
    let role = role.ok_or(JournalError::Content("a role that is not known"))?;
    let given_at = Time(r.i64()?);
    let instruction = match r.byte()? {
        0 => Instruction::Pause(read_scope(r)?),
        1 => Instruction::Resume(read_scope(r)?),
        2 => Instruction::ReduceOnly(read_scope(r)?),
        3 => Instruction::Close(read_scope(r)?),
        4 => Instruction::Panic,
        5 => Instruction::Rearm,
        6 => Instruction::Approve(read_order_id(r)?),
        7 => Instruction::Decline(read_order_id(r)?),
        8 => Instruction::Transfer { from: read_purse(r)?, to: read_purse(r)?, amount: Usd(r.i64()?) },
        9 => Instruction::Reconcile(AccountId(r.u16()?)),
        10 => Instruction::Cancel(read_scope(r)?),
        11 => {
            let bot = BotId(r.u16()?);
            let level = RiskLevel::ALL.get(usize::from(r.byte()?)).copied();
            Instruction::SetRisk(
                bot,
                level.ok_or(JournalError::Content("a level of risk that is not known"))?,
            )
        }
        _ => return Err(JournalError::Content("a command of a kind that is not known")),
    };
    Ok(Command { id, role, given_at, instruction })
}

fn read_scope(r: &mut Reader<'_>) -> Result<Scope, JournalError> {
    match r.byte()? {
        0 => Ok(Scope::Farm),
        1 => Ok(Scope::Bot(BotId(r.u16()?))),
        _ => Err(JournalError::Content("a scope that is not known")),
    }
}

fn read_purse(r: &mut Reader<'_>) -> Result<Purse, JournalError> {
    match (r.byte()?, r.u16()?) {
        (0, number) => Ok(Purse::Bot(BotId(number))),
        (1, number) => Ok(Purse::Treasury(AccountId(number))),
        _ => Err(JournalError::Content("a purse that is not known")),
    }
}
