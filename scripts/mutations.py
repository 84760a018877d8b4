#!/usr/bin/env python3
"""Takes one safeguard away at a time and asks the simulation whether it notices: the tables of docs/simulation.md.

scripts/mutations.py [--wired | --layered] [--seeds 200] [--minutes 600] [--only WORDS] works in a worktree of its own, under
target/mutations. --wired takes the safeguards of Bitget's adapter away, and asks seeds with its bytes between farm and venue;
--layered does so with those that the seeds need not notice, because others stand behind them.
"""

import os
import subprocess
import sys

ROOT = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True).stdout.strip()
PLACE = os.path.join(ROOT, "target", "mutations")
FARM = "crates/farm/src/"
DESK, SEAT, HEARING, AUDITING = FARM + "desk.rs", FARM + "seat/mod.rs", FARM + "bot/hearing.rs", FARM + "auditing.rs"
OBEDIENCE, MEMORY = FARM + "obedience.rs", FARM + "desk/memory.rs"
ADAPTER = "crates/venue-bitget/src/adapter/"
RECORD, FILLS, SEEN = ADAPTER + "record/mod.rs", ADAPTER + "record/fills.rs", ADAPTER + "record/seen.rs"
SURVEY, KEPT, FLIGHTS = ADAPTER + "survey.rs", ADAPTER + "survey/kept.rs", ADAPTER + "flights.rs"

# What is taken away, where, and what stands there: pairs of the code and what it becomes.
MUTATIONS = [
    ("reports in the venue's order (a stop may be heard before the fill it closes)", DESK, [
        ("        if line.early.len() < EARLY_MAX {\n            line.early.insert(number, (at, report));\n        }\n",
         "        line.early.insert(line.heard + 1, (at, report));\n")]),
    ("each report once", DESK, [
        ("        if number <= line.heard {\n            return;\n        }\n", "        let number = number.max(line.heard + 1);\n")]),
    ("telling an order that expired as rejected", DESK, [
        ("                    ready.extend(expired(wall, account, &open.request));\n", "")]),
    ("asking each account now and then", DESK, [
        ("        [unanswered, gap, check].into_iter()", "        let _ = check;\n        [unanswered, gap].into_iter()")]),
    ("asking about what was not answered", DESK, [
        ("        [unanswered, gap, check].into_iter()", "        let _ = (check, unanswered);\n        [gap].into_iter()")]),
    ("waiting until an order has expired before it is given up", DESK, [
        ("Some(until) if at > until + DONE_WITHIN => {", "Some(_) => {")]),
    ("what may have been sent is remembered after a crash", MEMORY, [
        ("                self.line(*account).expect(\"an account that is asked has a line\").open.push(Open {", "                let _: Vec<Open> = vec![(Open {"),
        ("                    sent_at: at,\n                });", "                    sent_at: at,\n                })];")]),
    ("funding on the held position", HEARING, [
        ("Report::Funding { amount, .. } => self.ledger.on_funding(amount),", "Report::Funding { .. } => {}")]),
    ("journal before act", SEAT, [
        ("        self.pen.keeper_mut().sync();\n        self.replies", "        self.replies")]),
    ("the lease is looked at before anything is begun", SEAT, [
        ("lease.epoch(now) == Some(*epoch)", "lease.epoch(now).is_none_or(|now| now == *epoch)")]),
    ("an order carries the epoch of its lease", FARM + "bot/obeying.rs", [("        self.epoch = epoch;\n", "        let _ = epoch;\n")]),
    ("the orphan sweep", AUDITING, [("        self.sweep(at, out);\n", "")]),
    ("query before resend: an unanswered order is asked about before it is taken for lost", DESK, [
        ("            if self.lines[i].due().is_some_and(|due| due <= self.wall) {\n",
         """            let (wall, account) = (self.wall, self.lines[i].account);
            let Desk { lines, ready, .. } = &mut *self;
            lines[i].open.retain(|open| {
                let lost = open.valid_until.is_some() && open.sent_at + ANSWER_MAX <= wall;
                if lost {
                    ready.extend(expired(wall, account, &open.request));
                }
                !lost
            });
            if self.lines[i].due().is_some_and(|due| due <= self.wall) {
""")]),
    ("the duplicate-command guard", OBEDIENCE, [
        ("find(|(known, _)| *known == id)", "find(|(known, _)| known.0 == u64::MAX && *known == id)")]),
    ("who may give a command", OBEDIENCE, [
        ("        if *role < instruction.role() {\n            return Err(Objection::NotAllowed);\n        }\n", "        let _ = role;\n")]),
    ("the kill switch survives a restart", FARM + "flock.rs", [
        ("            Event::Tenure(epoch) => roster.bots_mut().iter_mut().for_each(|bot| bot.set_epoch(epoch)),",
         """            Event::Tenure(epoch) => {
                roster.bots_mut().iter_mut().for_each(|bot| {
                    bot.set_epoch(epoch);
                    bot.impose(now, risk::TradingState::Active, &mut Actions::default());
                });
                (self.halted_at, self.flat_at) = (None, None);
            }""")]),
    ("an approval expires", FARM + "bot/deciding.rs", [("now + expiry, out", "now + Interval(100 * expiry.0), out")]),
    ("what vanished is found", AUDITING, [("        self.find_vanished(now, at, out);\n", "")]),
    ("what somebody placed by hand is not flat", AUDITING, [(" || answer.foreign > 0", "")]),
]

# The same of the adapter.
WIRED = [
    ("each fill once, by its trade id", FILLS, [
        ("self.trades.knows(&execution.trade_id) || self.is_nobodys(execution)", "self.is_nobodys(execution)"),
        ("            if !self.trades.is_new(&execution.trade_id) {\n                continue;\n            }\n",
         "            let _ = self.trades.is_new(&execution.trade_id);\n")]),
    ("what was heard before a restart is recognised", SURVEY, [
        ("recognise(&survey.executions, &survey.ended.0)", "recognise(&[], &[])")]),
    ("ended orders are read along with fills", SURVEY, [
        ("lists.extend([List::EndedOrders, List::Fills, List::Bills]);", "lists.extend([List::Fills, List::Bills]);")]),
    ("a fill of an order that was given up is told all the same", FILLS, [
        ("return self.tell(at, Report::Filled(fill));", "let _ = (at, fill);\n            return;")]),
    ("a takeover waits for its bill", SURVEY, [
        ("if self.surveys.bills_since.is_some() {", "if self.surveys.number > 0 {"),
        ("self.record.seized(survey.began,", "self.record.seized(Time(i64::MAX / 2),")]),
    ("the order that a trigger became is recognised", SEEN, [
        ("if let Some(id) = self.parent_of(state) {",
         "if let Some(id) = self.parent_of(state).filter(|_| self.children.len() > CHILDREN_MAX) {")]),
]

# Safeguards of the adapter behind which others stand: `--layered` takes these away, and says what the seeds say.
LAYERED = [
    ("a rung of the ladder is placed when its entry is complete", RECORD, [
        ("Leg::Own => self.due.extend(rungs(&life.request, life.filled)),", "Leg::Own => {}")]),
    ("the ladder is taken back when the stop has filled", RECORD, [
        ("                self.stale.extend(self.lives.keys().filter(same).copied());\n", "                let _ = same;\n")]),
    ("an end is told only behind all its fills", RECORD, [
        ("let complete = life.filled >= life.seen;", "let complete = life.filled >= life.seen || life.ending.is_some();")]),
    ("what an account holds is told only when two looks agree", SURVEY, [
        ("let is_still = before == after &&", "let is_still = before == after || self.record.last() > 0 ||")]),
    ("an unknown outcome is asked about by the order's client id", FLIGHTS, [
        ("Outcome::Ask => self.doubt(shared, flight),", "Outcome::Ask => self.forget_flight(&flight),")]),
    ("no answer while what was sent before it is in doubt", SURVEY, [
        ("flight.is_new_order() && flight.said_at <= came_at", "flight.is_new_order() && flight.said_at < Time(0).min(came_at)")]),
    ("triggers at rest are listed when an account is read", SURVEY, [
        ("                lists.extend(families.iter().map(|family| List::OpenPlans(*family)));\n", "")]),
    ("fills are told in the order they happened in", FILLS, [
        ("position(|waiting| key(waiting)", "position(|waiting| self.waiting.len() > WAITING_MAX && key(waiting)")]),
    ("a reading reaches back behind the one before it", SURVEY, [
        ("let overlap = if survey.reach == Reach::Far { FIRST_OVERLAP } else { OVERLAP };",
         "let _ = (FIRST_OVERLAP, OVERLAP);\n        let overlap = Interval(0);")]),
    ("an answer comes from a reading that began after the question", SURVEY, [
        ("question.came_at > survey.began_at", "question.came_at > survey.began_at.max(shared.now)")]),
    ("an order that was given up and rests is told of", SEEN, [
        ("if !rests || state.from_trigger", "if id.epoch < u16::MAX || !rests || state.from_trigger")]),
    ("what is pushed waits until what was missed is read", KEPT, [
        ("self.ears == Ears::Caught", "self.ears != Ears::Deaf")]),
    ("a post-only order is called accepted only after half a second", SEEN, [
        ("const HESITATES: Interval = Interval(500);", "const HESITATES: Interval = Interval(0);")]),
]


def sh(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, cwd=PLACE, **more)


def main():
    def told(name, usual):
        return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else usual

    layered, only = "--layered" in sys.argv, told("--only", "")
    wired = layered or "--wired" in sys.argv
    mutations = LAYERED if layered else WIRED if wired else MUTATIONS
    words = [told("--seeds", "16" if wired else "200")]
    words += ["0", "wired", "minutes=" + told("--minutes", "600")] if wired else []
    subprocess.run(["git", "worktree", "remove", "--force", PLACE], cwd=ROOT, capture_output=True)
    subprocess.run(["git", "worktree", "add", "--detach", PLACE, "HEAD"], cwd=ROOT, check=True, capture_output=True)
    environment = {**os.environ, "CARGO_TARGET_DIR": os.path.join(ROOT, "target", "mutants"), "RUST_BACKTRACE": "0"}
    missed = 0
    print("| taken away | noticed by | exit |\n|---|---|---|")
    try:
        for name, file, changes in [one for one in [("nothing", DESK, [])] + mutations if only in one[0]]:
            sh("git", "checkout", "-q", "--", ".")
            path = os.path.join(PLACE, file)
            text = open(path).read()
            for was, becomes in changes:
                if was not in text:
                    sys.exit(f"{name}: the code has changed, {file} no longer holds\n{was}")
                text = text.replace(was, becomes, 1)
            open(path, "w").write(text)
            ran = sh("cargo", "run", "-q", "--profile", "quick", "-p", "sim", "--example", "seeds", "--", *words, env=environment)
            code = ran.returncode
            code = 127 if code in (101, 134, -6) else code
            last = (ran.stdout.strip().splitlines() or [" ".join(ran.stderr.split())[:160]])[-1]
            print(f"| {name} | {last[:150]} | {code} |", flush=True)
            missed += (code == 0) != (name == "nothing") and not layered
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", PLACE], cwd=ROOT, capture_output=True)
    sys.exit(1 if missed else 0)


main()
