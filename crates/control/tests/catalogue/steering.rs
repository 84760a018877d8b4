//! What acts: each preview names the exact effect, and each errand is what the preview says.

use crate::scene::{NOW, complaint, errands, give, held, usdt, views};
use control::catalogue::{Colour, Reach, UNKNOWN_SIZE};
use control::view::UnexplainedView;
use model::{AccountId, BotId, Instruction, Purse, RiskLevel, Scope, Usd};

fn only(bot: &str) -> Reach {
    Reach::Bots(vec![bot.to_owned()])
}

#[test]
fn one_bot_is_steered_in_its_shard_and_all_in_every_shard() {
    let (views, one) = (views(), Scope::Bot(BotId(2)));
    type Steers = fn(Scope) -> Instruction;
    let verbs: [(&str, Steers); 7] = [
        ("start", Instruction::Resume),
        ("stop", Instruction::Pause),
        ("pause", Instruction::Pause),
        ("resume", Instruction::Resume),
        ("reduce_only", Instruction::ReduceOnly),
        ("cancel", Instruction::Cancel),
        ("close", Instruction::Close),
    ];
    for (verb, instruction) in verbs {
        let act = errands(&format!("{verb} newbie_btc"), &views);
        assert_eq!(act.errands, [("main".to_owned(), instruction(one))], "{verb}");
        assert_eq!(act.reach, only("newbie_btc"), "{verb}");
        let told = act.preview.plain();
        assert!(told.contains("sell 0.010 at 41000.0 (b2-0-4)"), "{verb}: {told}");
        assert!(!told.contains("strategic_btc"), "{verb} concerns nobody else: {told}");
        let act = errands(&format!("{verb} all"), &views);
        let farm = instruction(Scope::Farm);
        assert_eq!(act.errands, [("main".to_owned(), farm), ("second".to_owned(), farm)], "{verb}");
        assert_eq!(act.reach, Reach::Farm, "{verb}");
    }
    assert!(errands("stop newbie_btc", &views).preview.plain().contains("is not closed: it keeps its stop"));
}

#[test]
fn leaving_says_what_it_would_come_to() {
    let mut views = views();
    let act = errands("close strategic_btc", &views);
    let told = act.preview.plain();
    for part in [
        "close strategic_btc",
        "held at the last price: 1000.00 USDT",
        "result at the last price: +150.00 USDT",
        "fees of leaving: 0.60 USDT",
        "strategic_btc | trading | long 0.025 from 40000.0 | 1000.00 USDT | +150.00 USDT | none",
        "`pause` keeps it from opening again",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(act.size, Some(usdt(1_000).0));
    assert_eq!(errands("close_all", &views).size, Some(usdt(1_000).0));
    assert!(errands("close newbie_btc", &views).preview.plain().contains("nothing is held"));
    // Of what is silent nobody knows how large it is: that is more than any limit, and said.
    views[0].at = NOW.0 - 5_001;
    let act = errands("close strategic_btc", &views);
    assert_eq!((act.size, act.preview.colour), (Some(UNKNOWN_SIZE), Colour::Warning));
    assert!(act.preview.plain().contains("shard main is silent: this is how it was 5 s ago"), "{act:?}");
    views[0].at = NOW.0;
    views[0].bots[0].position.as_mut().expect("it holds").notional = None;
    assert_eq!(errands("close all", &views).size, Some(UNKNOWN_SIZE));
}

#[test]
fn the_kill_switch_is_for_everybody_has_no_size_and_is_lifted_only_when_flat() {
    let mut views = views();
    let act = errands("panic", &views);
    let panic = Instruction::Panic;
    assert_eq!(act.errands, [("main".to_owned(), panic), ("second".to_owned(), panic)]);
    assert_eq!((act.reach, act.size), (Reach::Farm, None));
    assert!(complaint("rearm", &views).starts_with("the kill switch is not thrown"));
    views[1].halted_at = Some(NOW.0);
    assert!(complaint("rearm", &views).starts_with("shard second is not known to be flat yet; wait"));
    assert!(complaint("start ema_btc", &views).contains("`rearm` lifts it"));
    assert!(give("start newbie_btc", &views).is_ok(), "another shard is not halted");
    views[1].flat_at = Some(NOW.0);
    let act = errands("rearm", &views);
    assert_eq!(act.errands, [("second".to_owned(), Instruction::Rearm)]);
    // Who is silent is told: it knows itself.
    views[0].at = 0;
    assert_eq!(errands("rearm", &views).errands.len(), 2);
    assert_eq!(errands("rearm main", &views).errands, [("main".to_owned(), Instruction::Rearm)]);
}

#[test]
fn what_locks_a_bot_is_shown_before_it_is_lifted() {
    let views = views();
    let told = errands("unlock newbie_btc", &views).preview.plain();
    assert!(told.contains("newbie_btc | cool down | it was stopped out too often lately"), "{told}");
    let told = complaint("unlock strategic_btc", &views);
    assert_eq!(told, "nothing of its own locks strategic_btc; `locks` shows what keeps whom");
}

#[test]
fn a_level_is_shown_as_what_it_risks_and_changes_something() {
    let mut views = views();
    let act = errands("set_risk newbie_btc low", &views);
    let instruction = Instruction::SetRisk(BotId(2), RiskLevel::Low);
    assert_eq!((act.errands, act.reach), (vec![("main".to_owned(), instruction)], only("newbie_btc")));
    let [now, then, most] = &act.preview.fields[..] else { panic!("{:?}", act.preview) };
    assert_eq!(now.1, "medium: 0.40 % of equity at a stop when calm, 0.70 % when keen");
    assert_eq!(then.1, "low: 0.40 % of equity at a stop when calm, 0.55 % when keen");
    assert_eq!(most.1, "1 % of equity at a stop");
    assert!(
        complaint("set_risk newbie_btc medium", &views).contains("uses the medium part of its band already")
    );
    assert!(complaint("set_risk ema_btc low", &views).contains("is a control and has no band"));
    views[0].at = 0;
    assert!(give("set_risk newbie_btc medium", &views).is_ok(), "nobody knows what it uses now");
}

#[test]
fn money_moves_between_a_bot_and_its_own_treasury() {
    let mut views = views();
    let (bot, treasury) = (Purse::Bot(BotId(1)), Purse::Treasury(AccountId(4)));
    let amount = Usd(250 * Usd::ONE.0);
    let act = errands("allocate strategic_btc 250", &views);
    let transfer = Instruction::Transfer { from: treasury, to: bot, amount };
    assert_eq!((act.errands, act.size), (vec![("main".to_owned(), transfer)], Some(amount)));
    let told = act.preview.plain();
    assert!(told.contains("wallet of strategic_btc: 9900.00 USDT then 10150.00 USDT"), "{told}");
    assert!(told.contains("treasury of main: 500.00 USDT then 250.00 USDT"), "{told}");
    let act = errands("deallocate strategic_btc 250", &views);
    let transfer = Instruction::Transfer { from: bot, to: treasury, amount };
    assert_eq!(act.errands, [("main".to_owned(), transfer)]);
    let told = act.preview.plain();
    assert!(told.contains("9900.00 USDT then 9650.00 USDT") && told.contains("needs some of it"), "{told}");
    let told = complaint("allocate strategic_btc 500.000001", &views);
    assert!(told.starts_with("the treasury of main has 500.00 USDT and not 500.00 USDT;"), "{told}");
    assert!(complaint("deallocate strategic_btc 9901", &views).starts_with("strategic_btc has 9900.00 USDT"));
    views[0].at = 0;
    assert!(give("allocate strategic_btc 501", &views).is_ok(), "the farm knows what there is");
}

#[test]
fn what_nobody_can_explain_is_booked_as_it_is() {
    let mut views = views();
    assert!(complaint("reconcile main", &views).starts_with("everything on account main is explained"));
    let positions = ["0.000".to_owned(), "0.000".to_owned()];
    views[0].accounts[0].unexplained = Some(UnexplainedView { money: usdt(-7), positions, orders: 1 });
    let act = errands("reconcile main", &views);
    assert_eq!(act.errands, [("main".to_owned(), Instruction::Reconcile(AccountId(4)))]);
    assert_eq!(act.size, Some(usdt(7).0));
    assert_eq!(act.reach, Reach::Bots(vec!["strategic_btc".to_owned(), "newbie_btc".to_owned()]));
    let told = act.preview.plain();
    assert!(
        told.contains("nobody can explain: -7.00 USDT") && told.contains("treasury then: 493.00 USDT"),
        "{told}"
    );
}

#[test]
fn a_trade_that_waits_is_shown_before_it_is_made() {
    let mut views = views();
    let order = "b2-0-7".parse().expect("an order");
    let act = errands("approve b2-0-7", &views);
    assert_eq!(act.errands, [("main".to_owned(), Instruction::Approve(order))]);
    // 10 050 of equity, a margin of 5 % at 4x.
    assert_eq!(act.size, Some(usdt(2_010).0));
    let told = act.preview.plain();
    for part in
        ["wants to be: short", "why: chased a move", "at most 1 % of equity", "worth: at most 2010.00 USDT"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(errands("decline b2-0-7", &views).errands, [("main".to_owned(), Instruction::Decline(order))]);
    views[0].at = 0;
    assert_eq!(errands("approve b2-0-7", &views).size, Some(UNKNOWN_SIZE));
    views[1].bots[0].waits = views[0].bots[1].waits.clone();
    assert!(complaint("approve b2-0-7", &views).ends_with("say main/b2-0-7 or second/b2-0-7"));
    assert_eq!(errands("approve second/b2-0-7", &views).errands[0].0, "second");
}

#[test]
fn a_bot_without_a_stop_is_told_loudly() {
    let mut views = views();
    let mut naked = held();
    (naked.stop, naked.at_stop) = (None, None);
    views[0].bots[0].position = Some(naked);
    for line in ["positions", "risk strategic_btc"] {
        let told = crate::scene::answer(line, &views);
        assert_eq!(told.colour, Colour::Bad, "{told:?}");
    }
}
