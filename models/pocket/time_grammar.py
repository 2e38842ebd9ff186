"""What a grammar costs: the same call made freely and under tool_choice "required", by turns, through a running Samovar. Prints for both
the time to the first token and the time of each token after it. Standard library only.

usage: time_grammar.py [--base-url http://127.0.0.1:8787/v1] [--model pocket] [--rounds 30]"""
import argparse
import json
import statistics
import time
import urllib.request

TEXT = "lamp river stone bridge apple tiger ocean violin pepper rocket basket kettle magnet ribbon saddle tunnel garden castle window"
WISH = f"Write {TEXT} to notes.txt"
TOOL = {
    "type": "function",
    "name": "write",
    "description": "Write a file.",
    "parameters": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["path", "content"],
    },
}


def turn(base, model, choice):
    """(seconds to the first delta, seconds of each further token, tokens, what was called)"""
    body = {
        "model": model,
        "input": WISH,
        "tools": [TOOL],
        "tool_choice": choice,
        "temperature": 0,
        "max_output_tokens": 250,
        "stream": True,
    }
    request = urllib.request.Request(base + "/responses", json.dumps(body).encode(), {"content-type": "application/json"})
    started, first = time.perf_counter(), None
    with urllib.request.urlopen(request, timeout=120) as answer:
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            if event["type"].endswith(".delta"):
                first = first or time.perf_counter()
            if event["type"] in ("response.completed", "response.incomplete"):
                last, response = time.perf_counter(), event["response"]
    tokens = response["usage"]["output_tokens"]
    called = [item["arguments"] for item in response["output"] if item["type"] == "function_call"]
    return first - started, (last - first) / max(1, tokens - 1), tokens, called


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base-url", default="http://127.0.0.1:8787/v1")
    arguments.add_argument("--model", default="pocket")
    arguments.add_argument("--rounds", type=int, default=30)
    options = arguments.parse_args()
    turns = {"auto": [], "required": []}
    for _ in range(options.rounds + 1):
        for choice, made in turns.items():
            made.append(turn(options.base_url.rstrip("/"), options.model, choice))
    for choice, made in turns.items():
        first, each, tokens, _ = zip(*made[1:])  # the first round warms up
        print(
            f"{choice:<9} first token {1e3 * statistics.median(first):7.1f} ms, each token {1e6 * statistics.median(each):7.0f} µs "
            f"(quarters {' '.join(f'{1e6 * x:.0f}' for x in statistics.quantiles(each, n=4))}), {statistics.median(tokens)} tokens"
        )


if __name__ == "__main__":
    main()
