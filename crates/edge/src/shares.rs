//! How the money of an account is shared out among its bots when a farm begins.
//!
//! A bot that names no capital has an equal part of what is left. It refuses to hand out what is not there.

use farm::Recruit;
use model::{AccountId, Usd};

/// Bots want more than their account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "account {account} has {has} USDT and its bots are to begin with {wanted}: lower their capital, or pay more in"
)]
pub struct TooLittle {
    /// Which.
    pub account: AccountId,
    /// What it has.
    pub has: Usd,
    /// What they want.
    pub wanted: Usd,
}

/// Gives each bot of an account its capital; what is left belongs to nobody yet.
pub(crate) fn share_out(recruits: &mut [Recruit], account: AccountId, has: Usd) -> Result<Usd, TooLittle> {
    let on_it = || recruits.iter().filter(|recruit| recruit.account == account);
    let wanted = Usd(on_it().map(|recruit| recruit.capital.0).sum());
    if wanted > has {
        return Err(TooLittle { account, has, wanted });
    }
    let open = i64::try_from(on_it().filter(|recruit| recruit.capital.0 == 0).count()).expect("few bots");
    let left = has - wanted;
    if open == 0 {
        return Ok(left);
    }
    for recruit in recruits.iter_mut().filter(|recruit| recruit.account == account && recruit.capital.0 == 0)
    {
        recruit.capital = Usd(left.0 / open);
    }
    Ok(Usd(left.0 % open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use farm::Character;
    use model::{BotId, Qty};
    use persona::ControlSettings;

    #[test]
    fn what_is_there_is_shared_out_to_the_last_unit() {
        let account = AccountId(3);
        let place = |bot, capital| {
            let control = ControlSettings { fast: 1, slow: 2, quantity: Qty(1) };
            let one = Recruit::alone(BotId(bot), Character::Control("ema_cross", control), Usd(capital), 1);
            Recruit { account, ..one }
        };
        /// What the bots want, what there is, and what each and nobody gets.
        type Case<'a> = (&'a [i64], i64, Option<(&'a [i64], i64)>);
        let cases: [Case<'_>; 4] = [
            (&[0, 0, 0], 100, Some((&[33, 33, 33], 1))),
            (&[40, 0], 100, Some((&[40, 60], 0))),
            (&[40, 20], 100, Some((&[40, 20], 40))),
            (&[80, 30], 100, None),
        ];
        for (wanted, has, shared) in cases {
            let mut recruits: Vec<Recruit> =
                (0..).zip(wanted).map(|(bot, capital)| place(bot, *capital)).collect();
            let left = share_out(&mut recruits, account, Usd(has));
            match shared {
                None => assert!(left.is_err_and(|short| short.wanted == Usd(110))),
                Some((capitals, rest)) => {
                    assert_eq!(left, Ok(Usd(rest)));
                    assert_eq!(recruits.iter().map(|one| one.capital.0).collect::<Vec<_>>(), capitals);
                }
            }
        }
    }
}
