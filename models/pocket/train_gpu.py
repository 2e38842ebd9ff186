"""Trains Pocket on one CUDA GPU in minutes; the same model, mix and order as train.py. usage: train_gpu.py FOLDER [--minutes 9] [--rate 1] [--more]

FOLDER/tokenizer.json must exist. The schedule follows the clock: when the time is over the training is at its end. Writes FOLDER/average.pt
for export.py. Documents lie one behind another in one row of tokens; each attends to itself alone."""
import argparse
import json
import os
import random
import time

import torch
import torch.nn.functional as F

from batches import fill_rows, source
from model import ROPE_BASE, Shape, new_parameters
from optimizer import Optimizer
from train import CONTEXT, STAGES, rate_at, save, stage_at

ROW = 65536  # tokens in a step
LEARNT = 0.3  # share of tokens that are to be learned, about: what the gradients are divided by
LONGEST, SHORT = 20000, 2048  # tokens of a document at most, and of one that attends beside short ones
KEPT = 1024  # newest rows that are read again when the makers of rows are slower than the GPU
B16 = torch.bfloat16


def compiled(function):
    return torch.compile(function) if hasattr(torch, "compile") and torch.cuda.is_available() else function


def norm(x, weight):
    return (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * weight).to(B16)


def turned(x, cos, sin):
    """Pairs side by side, as GGUF's llama has them."""
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(B16)


@compiled
def before(x, weight, qkv, cos, sin, heads, keys):
    """Queries, keys and values of a layer, [tokens, heads, e]."""
    y = (norm(x, weight) @ qkv.to(B16).t()).unflatten(-1, (heads + 2 * keys, -1))
    q, k, v = y.split((heads, keys, keys), 1)
    return turned(q, cos, sin), turned(k, cos, sin), v.contiguous()


@compiled
def after(x, o, out, weight, gate_up, down):
    """What a layer adds once its tokens have attended."""
    x = x + (o @ out.to(B16).t()).float()
    gate, up = (norm(x, weight) @ gate_up.to(B16).t()).chunk(2, -1)
    return x + ((F.silu(gate.float()) * up.float()).to(B16) @ down.to(B16).t()).float()


@compiled
def judged(x, weight, embedding, targets):
    """(loss of every token, whether its best guess is right)"""
    logits = (norm(x, weight) @ embedding.to(B16).t()).float()
    return F.cross_entropy(logits, targets, reduction="none"), logits.argmax(-1) == targets


def attend(q, k, v, starts, longest):
    """Causal attention inside each document; starts has where each begins, and the end."""
    if q.is_cuda:
        return torch.ops.aten._flash_attention_forward(q, k, v, starts, starts, longest, longest, 0.0, True, False)[0]
    repeat, parts = q.shape[1] // k.shape[1], []
    for a, b in zip(starts.tolist(), starts.tolist()[1:]):
        one, two, three = (x[a:b].float().transpose(0, 1) for x in (q, k, v))
        scores = one @ two.repeat_interleave(repeat, 0).transpose(1, 2) / q.shape[-1] ** 0.5
        mask = torch.ones(b - a, b - a, dtype=torch.bool, device=q.device).triu(1)
        parts.append((scores.masked_fill(mask, float("-inf")).softmax(-1) @ three.repeat_interleave(repeat, 0)).transpose(0, 1))
    return torch.cat(parts).to(B16)


def grouped(starts):
    """[(first token, end, where its documents begin, the longest)]: the short ones and the long ones, since the work is laid out for the longest."""
    lengths = starts[1:] - starts[:-1]
    cut = int((lengths <= SHORT).sum())
    groups = []
    for a, b in ((0, cut), (cut, len(lengths))):
        if a < b:
            groups.append((int(starts[a]), int(starts[b]), starts[a : b + 1] - starts[a], int(lengths[a:b].max())))
    return groups


def forward(p, shape, row):
    """(loss of every token, right or not)"""
    rates = ROPE_BASE ** (-torch.arange(0, shape.head, 2, device=row["ids"].device).double() / shape.head)
    turns = row["positions"].double()[:, None, None] * rates
    cos, sin = turns.cos().float(), turns.sin().float()
    x = F.embedding(row["ids"], p["embedding"])
    for i in range(shape.layers):
        q, k, v = before(x, p[f"{i}.norm1"], p[f"{i}.qkv"], cos, sin, shape.heads, shape.keys)
        o = torch.cat([attend(q[a:b], k[a:b], v[a:b], starts, longest) for a, b, starts, longest in row["groups"]]).flatten(1)
        x = after(x, o, p[f"{i}.out"], p[f"{i}.norm2"], p[f"{i}.gate_up"], p[f"{i}.down"])
    return judged(x, p["norm"], p["embedding"], row["targets"])


class Rows:
    """Rows of tokens on the device: new ones as they come, else one of the newest again."""

    def __init__(self, queue, device):
        self.queue, self.device, self.kept, self.again, self.r = queue, device, [], 0, random.Random(3)

    def take(self):
        if self.queue.empty() and len(self.kept) >= KEPT // 8:
            self.again += 1
            return self.r.choice(self.kept)
        ids, positions, weights, starts = self.queue.get()
        put = lambda x, kind: torch.from_numpy(x).pin_memory().to(self.device, non_blocking=True).to(kind)
        row = {"ids": put(ids, torch.int64), "positions": put(positions, torch.int32), "weights": put(weights, torch.float32)}
        row["groups"] = [(a, b, put(inside, torch.int32), longest) for a, b, inside, longest in grouped(starts)]
        row["targets"] = row["ids"].roll(-1)
        self.kept = self.kept[-KEPT + 1 :] + [row]
        return row


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


def follow(average, p, share):
    torch._foreach_mul_(list(average.values()), share)
    torch._foreach_add_(list(average.values()), [v.detach() for v in p.values()], alpha=1 - share)


def train(p, shape, taken, options, now):
    """(the running average of the weights, tokens)"""
    optimizer, average = Optimizer(p, shape), {n: v.detach().clone() for n, v in p.items()}
    figures, start, steps = Figures(taken.device), time.time(), 0
    while (done := (time.time() - start) / (60 * options.minutes)) < 1:
        now.value, row = stage_at(1 if options.more else done), taken.take()
        losses, right = forward(p, shape, row)
        ((losses * row["weights"]).sum() / (ROW * LEARNT)).backward()
        with torch.no_grad():
            rate = options.rate * rate_at(steps, done)
            optimizer.step({n: v.grad for n, v in p.items()}, rate)
            follow(average, p, min(0.99, 1 - 10 / (steps + 11)))
            figures.add(losses.detach(), right, row["weights"])
        for v in p.values():
            v.grad = None
        if steps < 5 or steps % 100 == 0:
            print(
                f"{time.time() - start:.0f}s step {steps} {(steps + 1) * ROW / 1e6:.1f}M again {taken.again} stage {now.value} "
                f"rate {rate:.3f} {figures.line()}",
                flush=True,
            )
        steps += 1
    return average, steps * ROW


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("--minutes", type=float, default=9.0)
    arguments.add_argument("--rate", type=float, default=1.0, help="share of the usual rates")
    arguments.add_argument("--makers", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processes that make rows")
    arguments.add_argument("--more", action="store_true", help="go on from FOLDER/average.pt, with the last mix")
    options = arguments.parse_args()
    torch.manual_seed(1)
    shape, device, path = Shape(), "cuda", os.path.join(options.folder, "average.pt")
    saved = (
        torch.load(path)
        if options.more
        else {"parameters": new_parameters(shape), "tokens": 0, "seconds": 0.0, "shape": vars(shape)}
    )
    shape.__dict__ = saved["shape"]
    stages = [{**s, "longest": LONGEST, "context": CONTEXT} for _, s in STAGES]
    queue, now, makers = source(
        fill_rows, os.path.join(options.folder, "tokenizer.json"), 17 + saved["tokens"], stages, ROW, options.makers
    )
    p = {n: v.to(device).requires_grad_() for n, v in saved["parameters"].items()}
    print(sum(v.numel() for v in p.values()), "parameters", json.dumps(vars(shape)), flush=True)
    start = time.time()
    average, tokens = train(p, shape, Rows(queue, device), options, now)
    for maker in makers:
        maker.kill()
    seconds = saved["seconds"] + time.time() - start
    weights = {n: v.cpu() for n, v in average.items()}
    save(path, {"parameters": weights, "tokens": saved["tokens"] + tokens, "seconds": seconds, "shape": vars(shape)})


if __name__ == "__main__":
    main()
