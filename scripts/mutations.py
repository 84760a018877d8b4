#!/usr/bin/env python3
"""Takes one safeguard away at a time and asks the simulation whether it notices: the table of docs/simulation.md.

scripts/mutations.py [--seeds 200] works in a worktree of its own, under target/mutations.
"""

import os
import subprocess
import sys

ROOT = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True).stdout.strip()
PLACE = os.path.join(ROOT, "target", "mutations")
DESK, HEARING, RUN = "crates/farm/src/desk.rs", "crates/farm/src/bot/hearing.rs", "crates/sim/src/run.rs"

# What is taken away, where, the code, what stands there instead.
MUTATIONS = [
    ("reports in the venue's order (a stop may be heard before the fill it closes)", DESK,
     "        if line.early.len() < EARLY_MAX {\n            line.early.insert(number, (at, report));\n        }\n",
     "        line.early.insert(line.heard + 1, (at, report));\n"),
    ("each report once", DESK, "        if number <= line.heard {\n            return;\n        }\n",
     "        let number = number.max(line.heard + 1);\n"),
    ("telling an order that expired as rejected", DESK,
     "                    ready.extend(expired(wall, bot, &open.request));\n", ""),
    ("asking each account now and then", DESK, "        [unanswered, gap, check].into_iter()", "        let _ = check;\n        [unanswered, gap].into_iter()"),
    ("asking about what was not answered", DESK, "        [unanswered, gap, check].into_iter()", "        let _ = (check, unanswered);\n        [gap].into_iter()"),
    ("what may have been sent is remembered after a crash", DESK,
     "                self.line(*bot).expect(\"a bot that asks has a line\").open.push(Open {", "                let _: Vec<Open> = vec![(Open {"),
    ("funding on the held position", HEARING, "Report::Funding { amount, .. } => self.ledger.on_funding(amount),",
     "Report::Funding { .. } => {}"),
    ("journal before act", RUN, "        if self.doomed.is_some_and(|doom| doom.strikes(process)) {\n            return self.die();\n        }\n        let outbox = process.act();",
     "        let dies = self.doomed.is_some_and(|doom| doom.strikes(process));\n        let outbox = if dies { process.desk.take_outbox() } else { process.act() };"),
]
# The last one has to die after it has spoken.
AFTER = {RUN: ("            wire.send(now, &Message::Up(message), weather, rng, faults);\n        }\n    }\n",
               "            wire.send(now, &Message::Up(message), weather, rng, faults);\n        }\n        if dies {\n            self.die();\n        }\n    }\n")}
# An expression that has to be closed again.
CLOSE = {5: ("                    sent_at: at,\n                });", "                    sent_at: at,\n                })];")}


def sh(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, cwd=PLACE, **more)


def main():
    seeds = sys.argv[sys.argv.index("--seeds") + 1] if "--seeds" in sys.argv else "200"
    subprocess.run(["git", "worktree", "remove", "--force", PLACE], cwd=ROOT, capture_output=True)
    subprocess.run(["git", "worktree", "add", "--detach", PLACE, "HEAD"], cwd=ROOT, check=True, capture_output=True)
    environment = {**os.environ, "CARGO_TARGET_DIR": os.path.join(ROOT, "target", "mutants"), "RUST_BACKTRACE": "0"}
    missed = 0
    print("| taken away | noticed by | exit |\n|---|---|---|")
    try:
        for number, (name, file, old, new) in enumerate([("nothing", DESK, "", "")] + MUTATIONS, -1):
            sh("git", "checkout", "-q", "--", ".")
            path = os.path.join(PLACE, file)
            text = open(path).read()
            for was, becomes in [(old, new)] + ([AFTER[file]] if file in AFTER else []) + ([CLOSE[number]] if number in CLOSE else []):
                if was not in text:
                    sys.exit(f"{name}: the code has changed, {file} no longer holds\n{was}")
                text = text.replace(was, becomes, 1) if was else text
            open(path, "w").write(text)
            ran = sh("cargo", "run", "-q", "--profile", "quick", "-p", "sim", "--example", "seeds", "--", seeds, env=environment)
            code = ran.returncode
            code = 127 if code in (101, 134, -6) else code
            words = (ran.stdout.strip().splitlines() or [" ".join(ran.stderr.split())[:160]])[-1]
            print(f"| {name} | {words[:150]} | {code} |", flush=True)
            missed += (code == 0) != (name == "nothing")
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", PLACE], cwd=ROOT, capture_output=True)
    sys.exit(1 if missed else 0)


main()
