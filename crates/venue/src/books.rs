//! An account's double-entry books: money only ever moves from one named account to another.
//!
//! The sum of all accounts is zero after every posting, asserted in release. Nothing here decides an amount.

use model::Usd;

/// The accounts of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The free money of the account.
    Wallet,
    /// Margin set aside for one isolated position: 0 is the net or long one, 1 the short one.
    Pool(usize),
    /// Where realised profit comes from.
    Trade,
    /// Where fees go.
    Fee,
    /// Where funding comes from and goes to.
    Funding,
    /// Where deposits come from.
    Transfer,
    /// Margin seized in forced closes, less deficits the insurance fund covered.
    Liquidation,
}

/// The balances. Counter-accounts carry the opposite sign of what the owner received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Books {
    wallet: Usd,
    pools: [Usd; 2],
    trade: Usd,
    fee: Usd,
    funding: Usd,
    transfer: Usd,
    liquidation: Usd,
}

impl Books {
    /// Balance of one account.
    pub const fn balance(&self, entry: Entry) -> Usd {
        match entry {
            Entry::Wallet => self.wallet,
            Entry::Pool(line) => self.pools[line],
            Entry::Trade => self.trade,
            Entry::Fee => self.fee,
            Entry::Funding => self.funding,
            Entry::Transfer => self.transfer,
            Entry::Liquidation => self.liquidation,
        }
    }

    /// All money of the owner: wallet and isolated pools.
    pub const fn owned(&self) -> Usd {
        Usd(self.wallet.0 + self.pools[0].0 + self.pools[1].0)
    }

    /// Whether the sum of all accounts is zero.
    pub fn balanced(&self) -> bool {
        let accounts = [self.owned(), self.trade, self.fee, self.funding, self.transfer, self.liquidation];
        accounts.iter().map(|amount| i128::from(amount.0)).sum::<i128>() == 0
    }

    /// Moves an amount (a negative one the other way).
    pub(crate) fn post(&mut self, from: Entry, to: Entry, amount: Usd) {
        if amount.0 == 0 {
            return;
        }
        *self.account(from) -= amount;
        *self.account(to) += amount;
        assert!(self.balanced(), "every posting is balanced");
    }

    fn account(&mut self, entry: Entry) -> &mut Usd {
        match entry {
            Entry::Wallet => &mut self.wallet,
            Entry::Pool(line) => &mut self.pools[line],
            Entry::Trade => &mut self.trade,
            Entry::Fee => &mut self.fee,
            Entry::Funding => &mut self.funding,
            Entry::Transfer => &mut self.transfer,
            Entry::Liquidation => &mut self.liquidation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_account_gains_another_loses() {
        let mut books = Books::default();
        books.post(Entry::Transfer, Entry::Wallet, Usd(100));
        books.post(Entry::Wallet, Entry::Fee, Usd(3));
        books.post(Entry::Wallet, Entry::Pool(1), Usd(40));
        books.post(Entry::Trade, Entry::Pool(1), Usd(-7));
        assert_eq!((books.balance(Entry::Wallet), books.balance(Entry::Pool(1))), (Usd(57), Usd(33)));
        assert_eq!((books.owned(), books.balance(Entry::Trade)), (Usd(90), Usd(7)));
        assert!(books.balanced());
        books.wallet += Usd(1);
        assert!(!books.balanced());
    }
}
