//! A farm on paper whose market cannot be seen: its prices grow old and risk refuses to enter on them, and nothing that it says
//! is carried out until prices are heard again.
#![allow(clippy::unwrap_used)]

use cosmos::Sky;
use edge::paper::{Paper, PaperTerms, Stretch};
use farm::{Character, Notice, Objection, Recruit, Right, Word};
use mock_bitget::MadeMarket;
use model::{
    AccountMode, BotId, Command, CommandId, Instruction, Interval, MarginMode, OrderId, PositionMode, Role,
    Time, Usd,
};
use persona::Gains;
use risk::rules::ApprovalRule;
use risk::{Refusal, Rules};
use std::path::PathBuf;
use venue::{Ladder, Models};

const START: Time = Time(1_760_000_040_000);

/// A farm whose trades wait for somebody, until one does.
struct Waiting {
    paper: Paper,
    market: Vec<mock_bitget::Stretch>,
    next: usize,
    path: PathBuf,
    proposal: (BotId, OrderId),
}

impl Waiting {
    fn begin(name: &str) -> Waiting {
        let path = std::env::temp_dir().join(format!("omega-unseen-{}-{name}.omega", std::process::id()));
        let _gone = std::fs::remove_file(&path);
        let mode = AccountMode { position: PositionMode::OneWay, margin: MarginMode::Cross, leverage: 10 };
        let persona = |name| {
            Character::Persona(
                Box::new(persona::catalogue::profile(name).unwrap().unwrap()),
                Gains::default(),
            )
        };
        let bots = ["aggressive", "newbie", "scalper"];
        let recruits: Vec<Recruit> = (0_u16..)
            .zip(bots)
            .map(|(number, name)| Recruit::alone(BotId(number), persona(name), Usd(0), 7))
            .collect();
        let expiry = Interval(10 * Interval::MINUTE.0);
        let terms = PaperTerms {
            interval: Interval::MINUTE,
            accounts: recruits.iter().map(|one| (one.account, (mode, Usd(20_000_000_000)))).collect(),
            recruits,
            models: Models::NONE,
            ladder: Ladder::Afterwards,
            rules: Rules { approval: Some(ApprovalRule { risk_bps: 1, expiry }), ..Rules::NONE },
            sky: Sky::default(),
        };
        let market = MadeMarket::begin(&mock_bitget::btcusdt(), 11, START).past().to_vec();
        let begins = market[0].bar.open_time;
        let plan = terms.on(mock_bitget::btcusdt());
        let mut paper = Paper::rise(&path, &plan, begins, Right::Sole).unwrap();
        paper.open(begins, market[0].bar.open);
        let proposal = (BotId(0), OrderId { bot: BotId(0), epoch: 0, decision: 0, leg: model::Leg::Own });
        let mut waiting = Waiting { paper, market, next: 0, path, proposal };
        let proposed = |(_, word): &(Time, Word)| match word {
            Word::Of(bot, Notice::AwaitsApproval(id, _)) => Some((*bot, *id)),
            _ => None,
        };
        waiting.proposal = loop {
            let words = waiting.minute();
            if let Some(found) = words.iter().find_map(proposed) {
                break found;
            }
        };
        waiting
    }

    fn minute(&mut self) -> Vec<(Time, Word)> {
        let mock_bitget::Stretch { bar, interval, mark, funding } = self.market[self.next];
        self.next += 1;
        self.paper.trade(&Stretch { bar, interval, mark, funding });
        self.paper.see(bar);
        self.paper.turn()
    }

    /// Somebody approves: what is said, and what he is answered.
    fn approve(&mut self) -> (Vec<(Time, Word)>, Result<(), Objection>) {
        let (given_at, instruction) = (self.paper.now(), Instruction::Approve(self.proposal.1));
        let id = CommandId(9);
        self.paper.command(Command { id, role: Role::Admin, given_at, instruction });
        let words = self.paper.turn();
        let replies = self.paper.take_replies();
        (words, replies.into_iter().find(|(of, _)| *of == id).unwrap().1)
    }

    /// Whether the bot's entry came to something at the venue: it rests there, or has filled.
    fn is_made(&self) -> bool {
        let farm = self.paper.seat().farm();
        let bot = farm.bots().iter().find(|bot| bot.id() == self.proposal.0).unwrap();
        let rests = self.paper.counter().venue().account(bot.account()).open_orders().count() > 0;
        rests || bot.ledger().fills() > 0
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.path);
    }
}

#[test]
fn a_fresh_price_is_traded_at() {
    let mut farm = Waiting::begin("fresh");
    assert_eq!(farm.approve().1, Ok(()));
    farm.minute();
    assert!(farm.is_made());
}

#[test]
fn nobody_enters_on_a_price_that_has_grown_old() {
    let mut farm = Waiting::begin("old");
    farm.paper.lose_sight();
    farm.paper.pass(farm.paper.now() + Interval(3 * Interval::MINUTE.0));
    let (words, reply) = farm.approve();
    let stale = Word::Of(farm.proposal.0, Notice::Refused(Refusal::StalePrice));
    assert!(words.iter().any(|(_, word)| *word == stale), "{words:?}");
    assert!(reply.is_err(), "{reply:?}");
}

#[test]
fn what_is_said_unseen_is_never_carried_out_late() {
    let mut farm = Waiting::begin("unseen");
    farm.paper.lose_sight();
    assert_eq!(farm.approve().1, Ok(()), "the price is fresh yet");
    assert_eq!(farm.paper.seat().desk().open_requests(), 1);
    farm.minute();
    farm.minute();
    assert!(!farm.is_made(), "nobody heard it");
    farm.paper.regain_sight();
    for _ in 0..3 {
        farm.minute();
    }
    let unsettled = farm.paper.seat().desk().open_requests();
    assert_eq!((farm.is_made(), unsettled), (false, 0), "an entry is too late then, and its bot knows");
}
