"""Trains Pocket, on a CUDA GPU (minutes) or without one (days); resumes where it was stopped. usage: train.py FOLDER [--tokens MILLIONS]

FOLDER/tokenizer.json must exist. FOLDER/state.pt has everything to go on, FOLDER/average.pt the weights to use. With more --tokens than it
had, a finished training goes on where it would be in the longer one."""
import argparse
import json
import os
import random
import signal
import time

import torch

from model import Shape, grouped, judge, new_parameters
from optimizer import Optimizer
from rows import start_makers

# from this share of the training on: tasks in one document at most, share of raw copying and of copying in talk, longest document, share of
# documents whose positions jump and of long ones, what a token counts that is only read (most of these cannot be guessed: later just noise)
STAGES = (
    (0.0, {"tasks": 1, "raw": 0.5, "talks": 0.1, "length": 320, "jumps": 0.0, "long": 0.0, "rest": 0.1}),
    (0.02, {"tasks": 1, "raw": 0.3, "talks": 0.15, "length": 480, "jumps": 0.2, "long": 0.0, "rest": 0.1}),
    (0.05, {"tasks": 3, "raw": 0.01, "talks": 0.15, "length": 1100, "jumps": 0.3, "long": 0.005, "rest": 0.1}),
    (0.08, {"tasks": 3, "raw": 0.003, "talks": 0.06, "length": 1400, "jumps": 0.35, "long": 0.01, "rest": 0.1}),
    (0.28, {"tasks": 3, "raw": 0.0, "talks": 0.04, "length": 1500, "jumps": 0.4, "long": 0.025, "rest": 0.1}),
    (0.47, {"tasks": 3, "raw": 0.0, "talks": 0.03, "length": 1500, "jumps": 0.4, "long": 0.025, "rest": 0.01}),
)
GPU = torch.cuda.is_available()
ROW = 65536 if GPU else 4096  # tokens in a step
CONTEXT, LONGEST = 32768, 20000 if GPU else 2000  # how far apart positions may be, tokens of a document at most
LEARNT = 0.3  # share of tokens that are to be learnt, about: what the gradients are divided by
WAIT_MAX = 600  # seconds for one row
KEPT = 1024  # newest rows, which are read again when the makers of rows are slower than the GPU
SHOWN_EVERY, SAVED_EVERY = 100 if GPU else 20, 180  # steps, seconds


def rate_at(steps, done):
    """Warm-up, level, and a straight way down over the last two thirds."""
    return min(1, (steps + 1) / 100) * max(0.02, min(1, (1 - done) * 1.5))


def stage_at(done):
    return max(i for i, (at, _) in enumerate(STAGES) if done >= at)


def save(path, value):
    torch.save(value, path + ".new")
    os.replace(path + ".new", path)


class Rows:
    """Rows of tokens on the device: new ones as they come, else one of the newest again."""

    def __init__(self, queue, makers, device):
        self.queue, self.makers, self.device, self.kept, self.again, self.r = queue, makers, device, [], 0, random.Random(3)

    def take(self):
        if any(maker.exitcode is not None for maker in self.makers):
            raise RuntimeError("a process that makes rows has ended")
        if GPU and self.queue.empty() and len(self.kept) >= KEPT // 8:
            self.again += 1
            return self.r.choice(self.kept)
        ids, positions, weights, starts = self.queue.get(timeout=WAIT_MAX)
        row = {"ids": self._put(ids, torch.int64), "positions": self._put(positions, torch.int32)}
        row |= {"weights": self._put(weights, torch.float32), "targets": row["ids"].roll(-1)}
        row["groups"] = [(a, b, self._put(inside, torch.int32), longest) for a, b, inside, longest in grouped(starts)]
        self.kept = self.kept[-KEPT + 1 :] + [row]
        return row

    def _put(self, x, kind):
        x = torch.from_numpy(x)
        return (x.pin_memory().to(self.device, non_blocking=True) if GPU else x).to(kind)


class Figures:
    """Sums over some steps, on the device; reading them waits for it."""

    def __init__(self, device):
        self.device = device
        self.clear()

    def clear(self):
        self.sums, self.since, self.steps = torch.zeros(3, device=self.device, dtype=torch.float64), time.time(), 0

    def add(self, losses, right, weights):
        learnt = weights == 1
        self.sums += torch.stack((learnt.sum().double(), (losses.double() * learnt).sum(), (right & learnt).sum().double()))
        self.steps += 1

    def line(self):
        learnt, loss, right = self.sums.tolist()
        text = f"loss {loss / learnt:.4f} right {right / learnt:.5f} {self.steps * ROW / (time.time() - self.since):.0f} tokens/s"
        self.clear()
        return text


class Run:
    """The state of a training, from its folder and back to it."""

    def __init__(self, folder):
        self.folder, self.shape, self.tokens, self.seconds = folder, Shape(), 0, 0.0
        path = os.path.join(folder, "state.pt")
        self.state = torch.load(path, map_location="cpu") if os.path.exists(path) else None
        if self.state:
            self.shape.__dict__ = self.state["shape"]
            self.tokens, self.seconds = self.state["tokens"], self.state["seconds"]

    def begin(self, device):
        p = self.state["parameters"] if self.state else new_parameters(self.shape)
        self.p = {n: v.to(device).requires_grad_() for n, v in p.items()}
        self.optimizer = Optimizer(self.p, self.shape)
        if self.state:
            self.optimizer.load(self.state["optimizer"])
            p = self.state["average"]
        self.average, self.state = {n: v.to(device).detach().clone() for n, v in p.items()}, None

    def keep(self):
        common = {"tokens": self.tokens, "seconds": self.seconds, "shape": vars(self.shape)}
        parameters = {n: v.detach() for n, v in self.p.items()}
        state = {"parameters": parameters, "optimizer": self.optimizer.state(), "average": self.average, **common}
        save(os.path.join(self.folder, "state.pt"), state)
        save(os.path.join(self.folder, "average.pt"), {"parameters": {n: v.cpu() for n, v in self.average.items()}, **common})

    def step(self, row, rate):
        """One update; (loss of every token, right or not)."""
        losses, right = judge(self.p, self.shape, row)
        ((losses * row["weights"]).sum() / (ROW * LEARNT)).backward()
        with torch.no_grad():
            self.optimizer.step({n: v.grad for n, v in self.p.items()}, rate)
            self._follow(min(0.99, 1 - 10 / (self.optimizer.step_count + 10)))
        for v in self.p.values():
            v.grad = None
        self.tokens += ROW
        return losses.detach(), right

    def _follow(self, share):
        """Moves the average towards the weights."""
        average = list(self.average.values())
        torch._foreach_mul_(average, share)
        torch._foreach_add_(average, [v.detach() for v in self.p.values()], alpha=1 - share)


def train(run, taken, total, now):
    """Until so many tokens are read, or somebody wants it to stop; whether it came to its end."""
    figures, start, saved, before, stopping = Figures(taken.device), time.time(), time.time(), run.seconds, []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, frame: stopping.append(n))
    while run.tokens < total and not stopping:
        done, steps = run.tokens / total, run.optimizer.step_count
        now.value, row, rate = stage_at(done), taken.take(), rate_at(steps, done)
        figures.add(*run.step(row, rate), row["weights"])
        run.seconds = before + time.time() - start
        if steps % SHOWN_EVERY == 0:
            print(
                f"{run.seconds:.0f}s step {steps} {run.tokens / 1e6:.2f}M again {taken.again} stage {now.value} "
                f"rate {rate:.3f} {figures.line()}",
                flush=True,
            )
        if time.time() - saved > SAVED_EVERY:
            saved = time.time()
            run.keep()
    run.keep()
    return not stopping


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--tokens", type=float, default=400.0, help="millions of tokens in all")
    arguments.add_argument(
        "--makers", type=int, default=max(1, (os.cpu_count() or 2) - 1) if GPU else 1, help="processes that make rows"
    )
    options = arguments.parse_args()
    run, device = Run(options.folder), "cuda" if GPU else "cpu"
    stages = [{**s, "longest": LONGEST, "context": CONTEXT} for _, s in STAGES]
    # the makers are forks of this process, and so come before anything is on the device
    queue, now, makers = start_makers(options.folder, run.tokens, stages, ROW, options.makers)
    run.begin(device)
    print(sum(v.numel() for v in run.p.values()), "parameters", json.dumps(vars(run.shape)), "on", device, flush=True)
    ended = train(run, Rows(queue, makers, device), options.tokens * 1e6, now)
    for maker in makers:
        maker.kill()
    if not ended:
        raise SystemExit(f"stopped at {run.tokens / 1e6:.2f}M tokens; the same command goes on")


if __name__ == "__main__":
    main()
