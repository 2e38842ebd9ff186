"""Measures Pocket (or any model) through a running Samovar: agent loops over HTTP that send only what is new, with real tools on a
temporary folder and words, names and values that training never saw. Standard library only.

usage: evaluate.py [--base-url http://127.0.0.1:8787/v1] [--model pocket] [--cases 100] [--seed 1]
                   [--skills read,edit] [--out scores.json]"""
import argparse
import json
import os
import time
import urllib.error
import urllib.request

from cases import GOALS, cases, play, table

SHOWN_MAX = 3  # failures printed for a skill
WAIT_MAX = 300  # seconds for one response


class Server:
    """A conversation over POST /responses with previous_response_id."""

    def __init__(self, base, model, key):
        self.base, self.model, self.key = base.rstrip("/"), model, key
        self.requests = self.read = self.cached = self.written = 0
        self.seconds = 0.0

    def start(self, case):
        self.case, self.previous = case, None
        self.tools = [{"type": "function", **json.loads(tool)["function"]} for tool in case.offered]

    def user(self, text):
        return self._send([{"type": "message", "role": "user", "content": text}])

    def results(self, replies):
        return self._send([{"type": "function_call_output", "call_id": call_id, "output": text} for call_id, text in replies])

    def _send(self, items):
        body = {"model": self.model, "input": items, "temperature": 0, "max_output_tokens": 600, "store": True}
        if self.tools:
            body["tools"] = self.tools
        if self.case.system:
            body["instructions"] = self.case.system
        if self.previous:
            body["previous_response_id"] = self.previous
        headers = {"content-type": "application/json", **({"authorization": "Bearer " + self.key} if self.key else {})}
        started = time.perf_counter()
        request = urllib.request.Request(self.base + "/responses", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_MAX) as answer:
                response = json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{error.code} from {self.base}: {error.read().decode(errors='replace')[:500]}") from error
        self.seconds += time.perf_counter() - started
        self._count(response.get("usage") or {})
        self.previous = response["id"]
        text, calls = "", []
        for item in response["output"]:
            if item["type"] == "message":
                text += "".join(part.get("text", "") for part in item["content"])
            elif item["type"] == "function_call":
                calls.append((item["call_id"], item["name"], self._arguments(item["arguments"])))
        return text, calls

    @staticmethod
    def _arguments(text):
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _count(self, usage):
        self.requests += 1
        self.read += usage.get("input_tokens", 0)
        self.written += usage.get("output_tokens", 0)
        self.cached += (usage.get("input_tokens_details") or {}).get("cached_tokens", 0)


def measure(skill, count, seed, server):
    """(right, cases, failures) of one skill."""
    right, failures = 0, []
    for case in cases(skill, count, seed):
        wrong = next((o for o in play(case, server) if o[1]), None)
        right += wrong is None
        if wrong:
            _, why, answer, made, turn = wrong
            failures.append({"user": turn["user"], "why": why, "answer": answer, "calls": made})
            if len(failures) <= SHOWN_MAX:
                print(f"  [{skill}] {turn['user']!r}: {why[:200]}", flush=True)
    return right, count, failures


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base-url", default="http://127.0.0.1:8787/v1")
    arguments.add_argument("--model", default="pocket")
    arguments.add_argument("--cases", type=int, default=100, help="cases for each skill")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--skills", default=",".join(GOALS))
    arguments.add_argument("--out", help="write the scores and the failures as JSON")
    options = arguments.parse_args()
    server, rows, report, started = Server(options.base_url, options.model, os.environ.get("SAMOVAR_API_KEY")), [], {}, time.time()
    for skill in options.skills.split(","):
        right, count, failures = measure(skill, options.cases, options.seed, server)
        rows.append((skill, right, count))
        report[skill] = {"right": right, "cases": count, "goal_percent": GOALS[skill], "failures": failures}
    print(table(rows))
    totals = {
        "requests": server.requests,
        "input_tokens": server.read,
        "cached_tokens": server.cached,
        "output_tokens": server.written,
        "request_seconds": round(server.seconds, 1),
        "seconds": round(time.time() - started, 1),
    }
    print(", ".join(f"{name} {value}" for name, value in totals.items()))
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"base_url": options.base_url, "seed": options.seed, "scores": report, "totals": totals}, file, indent=1)


if __name__ == "__main__":
    main()
