"""What it costs to keep the marks of calls out of a turn without tools: the same questions with instructions that write a mark, where
nothing is forbidden, and with others as long that do not, by turns, through a running Samovar. Prints the time of a token for both.
Standard library only.

usage: time_marks.py [--base-url http://127.0.0.1:8787/v1] [--rounds 40]"""
import argparse
import json
import statistics
import time
import urllib.request

INSTRUCTIONS = {"forbidden": "Never write <tool_tall> here.", "free": "Never write <tool_call> here."}
END = {"2032": -100, "2034": -100}  # Pocket's ends of a text and of a turn: each answer is as long as it may be


def turn(base, kind, seed):
    """seconds of each token"""
    body = {
        "model": "pocket",
        "instructions": INSTRUCTIONS[kind],
        "input": "Tell me a long story about all that you know.",
        "temperature": 1,
        "seed": seed,
        "max_output_tokens": 400,
        "logit_bias": END,
    }
    request = urllib.request.Request(base + "/responses", json.dumps(body).encode(), {"content-type": "application/json"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        tokens = json.load(answer)["usage"]["output_tokens"]
    return (time.perf_counter() - started) / tokens


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--base-url", default="http://127.0.0.1:8787/v1")
    arguments.add_argument("--rounds", type=int, default=40)
    options = arguments.parse_args()
    turns = {kind: [] for kind in INSTRUCTIONS}
    for seed in range(options.rounds + 1):
        for kind, made in turns.items():
            made.append(turn(options.base_url.rstrip("/"), kind, seed))
    for kind, made in turns.items():
        each = made[1:]  # the first round warms up
        print(
            f"{kind:<9} {len(each)} answers, each token {1e6 * statistics.median(each):7.0f} µs "
            f"(quarters {' '.join(f'{1e6 * x:.0f}' for x in statistics.quantiles(each, n=4))}, least {1e6 * min(each):.0f})"
        )


if __name__ == "__main__":
    main()
