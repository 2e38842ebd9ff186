"""Trains Pocket; resumes where it was stopped. usage: train.py FOLDER [--tokens MILLIONS] [--hours LIMIT]

FOLDER/tokenizer.json must exist. FOLDER/state.pt has everything to go on; FOLDER/average.pt the weights to use. FOLDER/control.json, when it
is there, may change {"total": tokens, "rate": factor} while the training runs."""
import argparse
import json
import os
import time

import torch

from batches import source
from model import Model, Shape, new_parameters
from optimizer import Optimizer

# from this many million tokens on: tasks in one document at most, share of copying drills, longest document, tokens in a batch
STAGES = ((0.0, {"tasks": 1, "drills": 0.5, "length": 320, "tokens": 8192, "jumps": 0.0, "context": 8192}),
          (0.8, {"tasks": 1, "drills": 0.15, "length": 640, "tokens": 8192, "jumps": 0.1, "context": 8192}),
          (3.0, {"tasks": 2, "drills": 0.03, "length": 1100, "tokens": 8192, "jumps": 0.3, "context": 8192}),
          (8.0, {"tasks": 3, "drills": 0.02, "length": 1600, "tokens": 8192, "jumps": 0.35, "context": 8192}),
          (16.0, {"tasks": 8, "drills": 0.02, "length": 6000, "tokens": 12288, "jumps": 0.35, "context": 8192}))


def stage_at(tokens):
    return max(i for i, (start, _) in enumerate(STAGES) if tokens >= start * 1e6)


def rate_at(steps, tokens, total):
    """Warm-up, level, and a straight way down over the last third."""
    return min(1, (steps + 1) / 100) * max(0.02, min(1, (total - tokens) / (total / 3)))


class Average:
    """Running average of the weights: what an end of training would give, at any time."""

    def __init__(self, parameters):
        self.p = {k: v.clone() for k, v in parameters.items()}

    def add(self, parameters, keep):
        for k, v in parameters.items():
            self.p[k].mul_(keep).add_(v, alpha=1 - keep)


def save(path, value):
    torch.save(value, path + ".new")
    os.replace(path + ".new", path)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--tokens", type=float, default=20.0, help="millions of tokens in all")
    arguments.add_argument("--hours", type=float, default=24.0, help="stop after this time, to be resumed")
    options = arguments.parse_args()
    torch.set_num_threads(2)
    torch.set_grad_enabled(False)
    state_path, start = os.path.join(options.folder, "state.pt"), time.time()
    shape = Shape()
    parameters, tokens, seconds = new_parameters(shape), 0, 0.0
    optimizer, average = Optimizer(parameters, shape), None
    if os.path.exists(state_path):
        state = torch.load(state_path)
        for k, v in state["parameters"].items():
            parameters[k].copy_(v)
        optimizer.load(state["optimizer"])
        average, tokens, seconds = Average(state["average"]), state["tokens"], state["seconds"]
    average = average or Average(parameters)
    model = Model(shape, parameters)
    total, factor, before = options.tokens * 1e6, 1.0, seconds
    stage = queue = process = None
    means, saved, shown, base = {}, time.time(), time.time(), tokens

    def keep():
        save(state_path, {"parameters": parameters, "optimizer": optimizer.state(), "average": average.p, "tokens": tokens, "seconds": seconds,
                          "shape": vars(shape)})
        save(os.path.join(options.folder, "average.pt"), {"parameters": average.p, "tokens": tokens, "seconds": seconds, "shape": vars(shape)})

    while tokens < total and time.time() - start < options.hours * 3600:
        if stage != stage_at(tokens):
            stage = stage_at(tokens)
            if process:
                process.terminate()
            queue, process = source(os.path.join(options.folder, "tokenizer.json"), tokens + 17, STAGES[stage][1])
        ids, positions, targets, weights = map(torch.from_numpy, queue.get())
        loss, right, chosen, grads = model.step(ids, positions, targets, weights / weights.sum())
        learnt = weights.reshape(-1)[chosen] == 1
        steps = optimizer.step_count
        optimizer.step(grads, factor * rate_at(steps, tokens, total))
        model.refresh()
        tokens += int(ids.numel())
        seconds = before + time.time() - start
        if steps % 4 == 0:
            average.add(parameters, min(0.98, 1 - 10 / (steps + 11)))
        for name, value in (("loss", loss[learnt].mean().item()), ("right", right[learnt].mean().item()), ("rest", loss[~learnt].mean().item())):
            if value == value:
                means[name] = means.get(name, value) * 0.97 + 0.03 * value
        if steps % 20 == 0:
            control = os.path.join(options.folder, "control.json")
            if os.path.exists(control):
                with open(control) as file:
                    changes = json.load(file)
                total, factor = changes.get("total", total), changes.get("rate", factor)
            print(f"{time.strftime('%H:%M:%S')} step {steps} {tokens / 1e6:.2f}M stage {stage} loss {means['loss']:.4f} right {means['right']:.4f} "
                  f"rest {means['rest']:.3f} rate {factor * rate_at(steps, tokens, total):.3f} "
                  f"{(tokens - base) / (time.time() - shown):.0f} tokens/s", flush=True)
            shown, base = time.time(), tokens
        if time.time() - saved > 240:
            saved = time.time()
            keep()
    keep()
    process.terminate()


if __name__ == "__main__":
    main()
