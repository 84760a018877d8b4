//! A bot's double entry: every change of money moves it between its wallet and a counter-account, and the sum is
//! always zero. The venue keeps books of its own, with pools of margin that a bot has no need to know.

use model::{StateHash, Usd};

/// What a posting is for; also its counter-account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Posting {
    /// Realised profit and loss of price.
    Trade,
    /// Fees paid to the venue.
    Fee,
    /// Funding exchanged with the other side.
    Funding,
    /// Deposits, withdrawals and moves between bots.
    Transfer,
    /// Margin seized, or a deficit covered, when the venue takes a position over.
    Liquidation,
}

const POSTINGS: usize = 5;

/// A wallet and its counter-accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    wallet: Usd,
    counter: [Usd; POSTINGS],
}

model::state!(Books { wallet, counter } if Books::is_balanced);

impl Books {
    /// Posts a cash effect: received +, paid -.
    pub fn post(&mut self, posting: Posting, cash: Usd) {
        self.wallet += cash;
        self.counter[posting as usize] -= cash;
        assert!(self.is_balanced(), "every posting has two sides");
    }

    /// Money held.
    #[inline]
    pub fn wallet(&self) -> Usd {
        self.wallet
    }

    /// Cash effect so far of one kind of posting: received +, paid -.
    pub fn total(&self, posting: Posting) -> Usd {
        -self.counter[posting as usize]
    }

    /// Whether wallet and counter-accounts sum to zero; wide, so that no overflow can hide a difference.
    pub fn is_balanced(&self) -> bool {
        i128::from(self.wallet.0) + self.counter.iter().map(|usd| i128::from(usd.0)).sum::<i128>() == 0
    }

    /// Adds the books to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.int(self.wallet.0);
        for counter in self.counter {
            hash.int(counter.0);
        }
    }
}
