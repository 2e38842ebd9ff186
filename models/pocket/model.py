"""Pocket: a llama-shaped transformer with its forward and backward pass written out, matrix products in bfloat16 (two to four times as
fast as float on a CPU that has them), everything between them in kernels.c."""
import ctypes
import math
import os
import subprocess

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ROPE_BASE = 20000.0
SPAN = 128  # queries that meet their keys at once


class Shape:
    """Width, layers, query heads, key heads, inner width, vocabulary."""

    def __init__(self, width=384, layers=8, heads=6, keys=3, inner=1024, vocabulary=2048):
        self.width, self.layers, self.heads, self.keys, self.inner, self.vocabulary = width, layers, heads, keys, inner, vocabulary
        self.head = width // heads


def build_kernels(folder="/var/tmp/pocket"):
    """Compiles kernels.c when it is newer than its library."""
    os.makedirs(folder, exist_ok=True)
    source, library = os.path.join(HERE, "kernels.c"), os.path.join(folder, "kernels.so")
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(source):
        made = f"{library}.{os.getpid()}"  # several workers may come here at once
        flags = "-O3 -march=native -ffast-math -fopenmp -shared -fPIC".split()
        subprocess.run(["gcc", *flags, source, "-o", made, "-lm"], check=True)
        os.replace(made, library)
    return ctypes.CDLL(library)


class Kernels:
    """Calls into kernels.c: tensors go as pointers, ints as longs, floats as floats."""

    def __init__(self):
        self.library = build_kernels()

    def __getattr__(self, name):
        function = getattr(self.library, name)

        def call(*values):
            function(
                *[
                    ctypes.c_void_p(v.data_ptr())
                    if isinstance(v, torch.Tensor)
                    else ctypes.c_float(v)
                    if isinstance(v, float)
                    else ctypes.c_long(v)
                    for v in values
                ]
            )

        setattr(self, name, call)
        return call


C = None
B16 = torch.bfloat16


def empty(*shape, dtype=B16):
    return torch.empty(shape, dtype=dtype)


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


def angles(positions, head):
    """cos and sin for every token, [n, head / 2]."""
    rates = ROPE_BASE ** (-torch.arange(0, head, 2).double() / head)
    turns = positions.reshape(-1, 1).double() * rates
    return turns.cos().float().contiguous(), turns.sin().float().contiguous()


class Model:
    def __init__(self, shape, parameters):
        global C
        C = C or Kernels()
        self.shape, self.p = shape, parameters
        self.refresh()

    def refresh(self):
        """Takes the master weights into bfloat16."""
        self.b = {k: v.to(B16) for k, v in self.p.items() if v.dim() == 2}

    def norm(self, x, name):
        n, d = x.shape
        y, inverse = empty(n, d), empty(n, dtype=torch.float32)
        C.rms_forward(x, self.p[name], y, inverse, n, d)
        return y, inverse

    def norm_back(self, x, name, inverse, dy, dx, grads):
        parts = 16
        partial = torch.zeros(parts, x.shape[1])
        C.rms_backward(x, self.p[name], inverse, dy.contiguous(), dx, partial, x.shape[0], x.shape[1], parts)
        grads[name] = grads[name] + partial.sum(0) if name in grads else partial.sum(0)

    @staticmethod
    def spans(q, t):
        """The queries of each span of positions, [groups, heads of a group * span, e], and where the span begins and ends."""
        heads = q.view(q.shape[0], -1, t, q.shape[-1])
        for start in range(0, t, SPAN):
            end = min(t, start + SPAN)
            yield heads[:, :, start:end].reshape(q.shape[0], -1, q.shape[-1]), start, end

    def attend(self, q, k, v, t):
        """(output as q is laid out, probabilities of each span): a span of queries meets only the keys that are not after it."""
        o, kept = empty(*q.shape), []
        heads = o.view(q.shape[0], -1, t, q.shape[-1])
        for part, start, end in self.spans(q, t):
            p = torch.bmm(part, k[:, :end].transpose(1, 2))
            C.softmax_forward(p, p.shape[0] * p.shape[1], end - start, end)
            heads[:, :, start:end] = torch.bmm(p, v[:, :end]).view(q.shape[0], -1, end - start, q.shape[-1])
            kept.append(p)
        return o, kept

    def attend_back(self, do, q, k, v, kept, t):
        """The gradients of q, k and v."""
        dq, dk, dv = empty(*q.shape), torch.zeros(k.shape), torch.zeros(v.shape)
        heads = dq.view(q.shape[0], -1, t, q.shape[-1])
        for (part, start, end), (given, _, _), p in zip(self.spans(q, t), self.spans(do, t), kept):
            dv[:, :end] += torch.bmm(p.transpose(1, 2), given)
            dp = torch.bmm(given, v[:, :end].transpose(1, 2))
            C.softmax_backward(p, dp, p.shape[0] * p.shape[1], end - start, end)
            heads[:, :, start:end] = torch.bmm(dp, k[:, :end]).view(q.shape[0], -1, end - start, q.shape[-1])
            dk[:, :end] += torch.bmm(dp.transpose(1, 2), part)
        return dq, dk.to(B16), dv.to(B16)

    def block(self, i, x, turn, b, t, keep):
        """One layer; x is changed into the layer's output. What the way back needs goes into keep."""
        s = self.shape
        h, k, e, n = s.heads, s.keys, s.head, b * t
        y1, inverse1 = self.norm(x, f"{i}.norm1")
        qkv = y1 @ self.b[f"{i}.qkv"].t()
        q, ke, v = empty(b * k, h // k * t, e), empty(b * k, t, e), empty(b * k, t, e)
        C.split_forward(qkv, *turn, q, ke, v, b, t, h, k, e, 1 / math.sqrt(e))
        o, p = self.attend(q, ke, v, t)
        rows = empty(n, h * e)
        C.heads_to_rows(o, rows, b, t, h, e)
        x2 = x + rows @ self.b[f"{i}.out"].t()
        y2, inverse2 = self.norm(x2, f"{i}.norm2")
        gu = y2 @ self.b[f"{i}.gate_up"].t()
        a = empty(n, s.inner)
        C.gate_forward(gu, a, n, s.inner)
        if keep is not None:
            keep.append((x, y1, inverse1, q, ke, v, p, rows, x2, y2, inverse2, gu, a))
        return x2 + a @ self.b[f"{i}.down"].t()

    def block_back(self, i, dx, turn, b, t, kept, grads):
        s = self.shape
        h, k, e, n = s.heads, s.keys, s.head, b * t
        x, y1, inverse1, q, ke, v, p, rows, x2, y2, inverse2, gu, a = kept
        d = dx.to(B16)
        grads[f"{i}.down"] = d.t() @ a
        da = d @ self.b[f"{i}.down"]
        dgu = empty(n, 2 * s.inner)
        C.gate_backward(gu, da, dgu, n, s.inner)
        grads[f"{i}.gate_up"] = dgu.t() @ y2
        self.norm_back(x2, f"{i}.norm2", inverse2, dgu @ self.b[f"{i}.gate_up"], dx, grads)
        d = dx.to(B16)
        grads[f"{i}.out"] = d.t() @ rows
        drows = d @ self.b[f"{i}.out"]
        do = empty(b * k, h // k * t, e)
        C.rows_to_heads(drows, do, b, t, h, e)
        dq, dk, dv = self.attend_back(do, q, ke, v, p, t)
        dqkv = empty(n, (h + 2 * k) * e)
        C.split_backward(dq, dk, dv, *turn, dqkv, b, t, h, k, e, 1 / math.sqrt(e))
        grads[f"{i}.qkv"] = dqkv.t() @ y1
        self.norm_back(x, f"{i}.norm1", inverse1, dqkv @ self.b[f"{i}.qkv"], dx, grads)

    def hidden(self, ids, positions, keep=None):
        b, t = ids.shape
        turn = angles(positions, self.shape.head)
        x = self.p["embedding"][ids.reshape(-1)]
        for i in range(self.shape.layers):
            x = self.block(i, x, turn, b, t, keep)
        return x, turn

    def logits(self, ids, positions=None):
        """Float logits of every position, [b, t, vocabulary]."""
        b, t = ids.shape
        positions = torch.arange(t).repeat(b, 1) if positions is None else positions
        x, _ = self.hidden(ids, positions)
        y, _ = self.norm(x, "norm")
        return (y @ self.b["embedding"].t()).float().view(b, t, -1)

    def step(self, ids, positions, targets, weights):
        """(loss by row, right by row, rows, gradients) where weights are above zero; gradients are of the weighted sum."""
        keep = []
        b, t = ids.shape
        x, turn = self.hidden(ids, positions, keep)
        chosen = weights.reshape(-1).nonzero().squeeze(1)
        picked = x[chosen]
        y, inverse = self.norm(picked, "norm")
        logits = y @ self.b["embedding"].t()
        loss, right = empty(len(chosen), dtype=torch.float32), empty(len(chosen), dtype=torch.float32)
        C.cross_entropy(
            logits, targets.reshape(-1)[chosen], weights.reshape(-1)[chosen].contiguous(), loss, right, len(chosen), logits.shape[1]
        )
        grads = {}
        table = (logits.t() @ y).float()
        dpicked = torch.zeros_like(picked)
        self.norm_back(picked, "norm", inverse, logits @ self.b["embedding"], dpicked, grads)
        dx = torch.zeros_like(x)
        dx[chosen] = dpicked
        for i in reversed(range(self.shape.layers)):
            self.block_back(i, dx, turn, b, t, keep.pop(), grads)
        table.index_add_(0, ids.reshape(-1), dx)
        grads["embedding"] = table
        return loss, right, chosen, grads
