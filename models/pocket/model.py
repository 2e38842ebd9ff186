"""Pocket: a llama-shaped transformer. Documents lie one behind another in one row of tokens, and each attends to itself alone; master
weights in float, products in bfloat16."""
import math

import numpy
import torch
import torch.nn.functional as F

ROPE_BASE = 20000.0
SHORT = 2048  # tokens of a document that attends beside short ones
B16 = torch.bfloat16


class Shape:
    """Width, layers, query heads, key heads, inner width, vocabulary."""

    def __init__(self, width=384, layers=8, heads=6, keys=3, inner=1024, vocabulary=2048):
        self.width, self.layers, self.heads, self.keys, self.inner, self.vocabulary = width, layers, heads, keys, inner, vocabulary
        self.head = width // heads


def new_parameters(shape: Shape, seed=1):
    """Master weights in float, by name."""
    generator = torch.Generator().manual_seed(seed)
    normal = lambda rows, columns, std: torch.randn(rows, columns, generator=generator) * std
    d, f, e = shape.width, shape.inner, shape.head
    p = {"embedding": normal(shape.vocabulary, d, 0.04), "norm": torch.ones(d)}
    for i in range(shape.layers):
        p[f"{i}.qkv"] = normal((shape.heads + 2 * shape.keys) * e, d, 1 / math.sqrt(d))
        p[f"{i}.out"] = normal(d, d, 0.3 / math.sqrt(d * 2 * shape.layers))
        p[f"{i}.gate_up"] = normal(2 * f, d, 1 / math.sqrt(d))
        p[f"{i}.down"] = normal(d, f, 0.3 / math.sqrt(f * 2 * shape.layers))
        p[f"{i}.norm1"], p[f"{i}.norm2"] = torch.ones(d), torch.ones(d)
    return p


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
    """A layer's output, once its tokens have attended."""
    x = x + (o @ out.to(B16).t()).float()
    gate, up = (norm(x, weight) @ gate_up.to(B16).t()).chunk(2, -1)
    return x + ((F.silu(gate.float()) * up.float()).to(B16) @ down.to(B16).t()).float()


@compiled
def judged(x, weight, embedding, targets):
    """(loss of every token, whether its best guess is right)"""
    scores = (norm(x, weight) @ embedding.to(B16).t()).float()
    return F.cross_entropy(scores, targets, reduction="none"), scores.argmax(-1) == targets


def attend(q, k, v, starts, longest):
    """Causal attention inside each document; starts has where each begins, and the end."""
    if q.is_cuda:
        return torch.ops.aten._flash_attention_forward(q, k, v, starts, starts, longest, longest, 0.0, True, False)[0]
    repeat, parts = q.shape[1] // k.shape[1], []
    for a, b in zip(starts.tolist(), starts.tolist()[1:]):
        one, two, three = (x[a:b].float().transpose(0, 1) for x in (q, k, v))
        scores = one @ two.repeat_interleave(repeat, 0).transpose(1, 2) / q.shape[-1] ** 0.5
        mask = torch.ones(b - a, b - a, dtype=torch.bool).triu(1)
        parts.append((scores.masked_fill(mask, float("-inf")).softmax(-1) @ three.repeat_interleave(repeat, 0)).transpose(0, 1))
    return torch.cat(parts).to(B16)


def grouped(starts):
    """[(first token, end, where its documents begin, the longest)] of the short documents, which come first, and of the long ones: the work
    is laid out for the longest."""
    lengths = starts[1:] - starts[:-1]
    cut = int((lengths <= SHORT).sum())
    groups = []
    for a, b in ((0, cut), (cut, len(lengths))):
        if a < b:
            groups.append((int(starts[a]), int(starts[b]), starts[a : b + 1] - starts[a], int(lengths[a:b].max())))
    return groups


def hidden(p, shape, row):
    """What the layers make of a row: {"ids", "positions", "groups" as grouped() gives them, on the device}."""
    rates = ROPE_BASE ** (-torch.arange(0, shape.head, 2, device=row["ids"].device).double() / shape.head)
    turns = row["positions"].double()[:, None, None] * rates
    cos, sin = turns.cos().float(), turns.sin().float()
    x = F.embedding(row["ids"], p["embedding"])
    for i in range(shape.layers):
        q, k, v = before(x, p[f"{i}.norm1"], p[f"{i}.qkv"], cos, sin, shape.heads, shape.keys)
        o = torch.cat([attend(q[a:b], k[a:b], v[a:b], starts, longest) for a, b, starts, longest in row["groups"]]).flatten(1)
        x = after(x, o, p[f"{i}.out"], p[f"{i}.norm2"], p[f"{i}.gate_up"], p[f"{i}.down"])
    return x


def judge(p, shape, row):
    """(loss of every token of a row that has "targets", too, right or not)"""
    return judged(hidden(p, shape, row), p["norm"], p["embedding"], row["targets"])


def logits(p, shape, ids):
    """Float logits at every place of one document."""
    ids = torch.tensor(ids)
    groups = [(a, b, torch.from_numpy(starts), longest) for a, b, starts, longest in grouped(numpy.array([0, len(ids)]))]
    x = hidden(p, shape, {"ids": ids, "positions": torch.arange(len(ids)), "groups": groups})
    return (norm(x, p["norm"]) @ p["embedding"].to(B16).t()).float()
