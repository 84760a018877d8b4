#!/usr/bin/env python3
"""Fuzzes the gateway's API by its own document, as a stranger and as each role.

Why: whatever a client sends, the answer is never 5xx and never shows a secret, and who may not changes nothing. Refuses to reach
beyond 127.0.0.1.
Usage: fuzz.py DOOR (the built example `door` of crates/gateway) [SECONDS]
"""
import json
import subprocess
import sys
import urllib.request


def fuzz(door, token, seconds, place):
    headers = ["-H", f"Authorization: Bearer {token}"] if token else []
    # 503 of /ready is the truth: the farm of this door is silent. A history it has not.
    command = [
        f"{place}/schemathesis", "run", f"{door['url']}/openapi.json", *headers,
        "--checks", "not_a_server_error", "--exclude-path", "/ready", "--exclude-path", "/api/v1/events",
        "--phases", "fuzzing", "--max-time", str(int(max(seconds - 5, 3))),
        "--continue-on-failure", "--no-color",
    ]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        output, code = ran.stdout + ran.stderr, ran.returncode
    except subprocess.TimeoutExpired as ended:
        output, code = (ended.stdout or b"").decode(errors="replace"), None
    return output, code


def metrics(door):
    request = urllib.request.Request(f"{door['url']}/metrics", headers={"Authorization": f"Bearer {door['viewer']}"})
    return urllib.request.urlopen(request, timeout=10).read().decode()


def main():
    binary, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    place = sys.prefix + "/bin"
    process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    door = json.loads(process.stdout.readline())
    wrong = []
    for who in ["stranger", "viewer", "operator", "admin"]:
        output, code = fuzz(door, door.get(who), seconds / 4, place)
        # 0: nothing found; 1: something; nothing: its time was over.
        if code not in (0, None):
            wrong.append(f"as {who}: schemathesis ended with {code}\n{output[-4000:]}")
    page = metrics(door)
    counted = [line for line in page.splitlines() if line.startswith("omega_http_requests_total")]
    requests = sum(float(line.rsplit(" ", 1)[1]) for line in counted)
    errors = [line for line in counted if 'status="5' in line and "/ready" not in line]
    if errors:
        wrong.append("5xx: " + "; ".join(errors))
    if requests < 500:
        wrong.append(f"only {requests:.0f} requests: that is no fuzzing")
    process.stdin.close()
    acted = json.loads(process.stdout.read())
    process.wait(timeout=20)
    if "viewer" in acted:
        wrong.append(f"a viewer has acted: {acted}")
    print(f"{requests:.0f} requests, errands by role: {acted}")
    for one in wrong:
        print("error:", one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
