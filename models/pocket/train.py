"""Trains Pocket; resumes where it was stopped. usage: train.py FOLDER [--tokens MILLIONS] [--hours LIMIT] [--workers N]

FOLDER/tokenizer.json must exist. FOLDER/state.pt has everything to go on; FOLDER/average.pt the weights to use. FOLDER/control.json,
when it is there, may change {"total": tokens, "rate": factor} while the training runs.

Every worker is a process with one thread: threads that wait for each other at every product lose more on a busy machine than workers that
meet once a step. A step is a few small batches that the workers take as they can; then each updates its own part of the weights."""
import argparse
import json
import multiprocessing
import os
import signal
import time

import torch

from batches import fill, source
from model import Model, Shape, new_parameters
from optimizer import Optimizer

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
BATCH, SHARES = 1024, 4  # tokens in a small batch, small batches in a step
CONTEXT, LONGEST = 32768, 5000  # how far apart positions may be, tokens of a document at most
WAIT_MAX = 900  # seconds that workers wait for each other
FIGURES = ("learnt", "loss", "right", "read", "rest", "tokens")


def rate_at(steps, done):
    """Warm-up, level, and a straight way down over the last two thirds."""
    return min(1, (steps + 1) / 100) * max(0.02, min(1, (1 - done) * 1.5))


def stage_at(done):
    return max(i for i, (at, _) in enumerate(STAGES) if done >= at)


def save(path, value):
    torch.save(value, path + ".new")
    os.replace(path + ".new", path)


class Team:
    """What the workers share."""

    def __init__(self, parameters, optimizer, workers, queue):
        self.p, self.optimizer, self.workers, self.queue = parameters, optimizer, workers, queue
        self.grads = [{n: torch.zeros_like(v).share_memory_() for n, v in parameters.items()} for _ in range(workers)]
        self.barrier = multiprocessing.Barrier(workers, timeout=WAIT_MAX)
        self.tickets, self.rate, self.stop = (
            multiprocessing.Value("l", 0),
            multiprocessing.Value("d", 0.0),
            multiprocessing.Value("b", 0),
        )
        self.figures = multiprocessing.Array("d", len(FIGURES))

    def own(self, rank):
        """The parameters that this worker updates: whole layers, and the rest by turns."""
        names = [n for n in self.p if int(n.split(".")[0] if "." in n else 0) % self.workers == rank]
        return [n for n in names if n != "embedding"] + (["embedding"] if rank == self.workers - 1 else [])

    def take(self):
        with self.tickets.get_lock():
            self.tickets.value -= 1
            return self.tickets.value >= 0

    def step(self, rank, model):
        """One worker's part of one step."""
        for g in self.grads[rank].values():
            g.zero_()
        while self.take():
            ids, positions, targets, weights = map(torch.from_numpy, self.queue.get())
            loss, right, chosen, grads = model.step(ids, positions, targets, weights / (BATCH * SHARES * 0.3))
            for n, g in grads.items():
                self.grads[rank][n].add_(g)
            learnt = weights.reshape(-1)[chosen] == 1
            with self.figures.get_lock():
                for i, x in enumerate(
                    (learnt.sum(), loss[learnt].sum(), right[learnt].sum(), (~learnt).sum(), loss[~learnt].sum(), ids.numel())
                ):
                    self.figures[i] += float(x)
        self.barrier.wait()
        self.optimizer.step({n: sum(g[n] for g in self.grads) for n in self.own(rank)}, self.rate.value)
        self.barrier.wait()
        model.refresh()


def work(rank, team, shape):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    model = Model(shape, team.p)
    while True:
        team.barrier.wait()
        if team.stop.value:
            return
        team.step(rank, model)


class Run:
    """The state of a training, from its folder and back to it."""

    def __init__(self, folder):
        self.folder, self.shape, self.tokens, self.seconds = folder, Shape(), 0, 0.0
        self.p = {n: v.share_memory_() for n, v in new_parameters(self.shape).items()}
        self.optimizer = Optimizer(self.p, self.shape)
        path = os.path.join(folder, "state.pt")
        average = self.p
        if os.path.exists(path):
            state = torch.load(path)
            for n, v in state["parameters"].items():
                self.p[n].copy_(v)
            self.optimizer.load(state["optimizer"])
            average, self.tokens, self.seconds = state["average"], state["tokens"], state["seconds"]
        self.average = {n: v.clone() for n, v in average.items()}  # what an end of training would give, at any time

    def keep(self):
        common = {"tokens": self.tokens, "seconds": self.seconds, "shape": vars(self.shape)}
        save(
            os.path.join(self.folder, "state.pt"),
            {"parameters": self.p, "optimizer": self.optimizer.state(), "average": self.average, **common},
        )
        save(os.path.join(self.folder, "average.pt"), {"parameters": self.average, **common})

    def follow(self):
        """Moves the average towards the weights."""
        share = min(0.96, 1 - 10 / (self.optimizer.step_count + 11))
        for n, v in self.p.items():
            self.average[n].mul_(share).add_(v, alpha=1 - share)

    def control(self, total, factor):
        path = os.path.join(self.folder, "control.json")
        if not os.path.exists(path):
            return total, factor
        with open(path) as file:
            changes = json.load(file)
        return changes.get("total", total), changes.get("rate", factor)


def lead(run, team, options, stage):
    """The first worker: sets the pace, keeps the books."""
    model, (total, factor) = Model(run.shape, run.p), run.control(options.tokens * 1e6, 1.0)
    start, before, saved, stopping = time.time(), run.seconds, time.time(), []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, frame: stopping.append(n))
    sums, shown = [0.0] * len(FIGURES), time.time()
    while run.tokens < total and not stopping and time.time() - start < options.hours * 3600:
        steps = run.optimizer.step_count
        stage.value = stage_at(run.tokens / total)
        team.rate.value, team.tickets.value = factor * rate_at(steps, run.tokens / total), SHARES
        team.barrier.wait()
        team.step(0, model)
        sums = [a + b for a, b in zip(sums, team.figures)]
        run.tokens += int(team.figures[5])
        run.seconds = before + time.time() - start
        team.figures[:] = [0.0] * len(FIGURES)
        if steps % 4 == 0:
            run.follow()
        if steps % 40 == 0:
            total, factor = run.control(total, factor)
            learnt, loss, right, read, rest, count = (max(x, 1e-9) for x in sums)
            print(
                f"{time.strftime('%H:%M:%S')} step {steps} {run.tokens / 1e6:.2f}M stage {stage.value} loss {loss / learnt:.4f} "
                f"right {right / learnt:.4f} rest {rest / read:.3f} rate {team.rate.value:.3f} "
                f"{count / (time.time() - shown):.0f} tokens/s",
                flush=True,
            )
            sums, shown = [0.0] * len(FIGURES), time.time()
        if time.time() - saved > 180:
            saved = time.time()
            run.keep()
    team.stop.value = 1
    team.barrier.wait()
    run.keep()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--tokens", type=float, default=96.0, help="millions of tokens in all")
    arguments.add_argument("--hours", type=float, default=24.0, help="stop after this time, to be resumed")
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
    options = arguments.parse_args()
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    run = Run(options.folder)
    queue, stage, makers = source(
        fill,
        os.path.join(options.folder, "tokenizer.json"),
        run.tokens + 17,
        [{**s, "longest": LONGEST, "context": CONTEXT} for _, s in STAGES],
        BATCH,
    )
    team = Team(run.p, run.optimizer, options.workers, queue)
    others = [multiprocessing.Process(target=work, args=(rank, team, run.shape), daemon=True) for rank in range(1, options.workers)]
    for process in others:
        process.start()
    lead(run, team, options, stage)
    makers[0].kill()
    for process in others:
        process.join(20)


if __name__ == "__main__":
    main()
