"""Muon for the matrices inside the layers (an orthogonalised momentum), Adam for the embedding and the norms."""
import torch


def orthogonal(x):
    """The nearest (semi-)orthogonal matrix, roughly, of each matrix of a stack: five Newton-Schulz steps."""
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).to(torch.bfloat16).contiguous()
    for _ in range(5):
        a = torch.bmm(x, x.transpose(1, 2))
        b = torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, b, x, beta=3.4445)
    x = x.float()
    return x.transpose(1, 2) if tall else x


class Optimizer:
    def __init__(self, parameters, shape):
        self.p, self.step_count = parameters, 0
        q, k = shape.width, shape.keys * shape.head
        self.cuts = {"qkv": (q, k, k), "out": (shape.width,), "gate_up": (shape.inner, shape.inner), "down": (shape.width,)}
        self.momentum = {n: torch.zeros_like(v) for n, v in parameters.items() if "." in n and v.dim() == 2}
        self.first = {n: torch.zeros_like(v) for n, v in parameters.items() if n not in self.momentum}
        self.second = {n: torch.zeros_like(v) for n, v in parameters.items() if n not in self.momentum}

    def state(self):
        return {"momentum": self.momentum, "first": self.first, "second": self.second, "steps": self.step_count}

    def load(self, state):
        self.momentum, self.first, self.second, self.step_count = state["momentum"], state["first"], state["second"], state["steps"]

    def step(self, grads, rate):
        """One update; rate is the share of the peak learning rates."""
        self.step_count += 1
        self._adam({n: g for n, g in grads.items() if n in self.first}, 0.004 * rate)
        stacks = {}
        for name, m in self.momentum.items():
            g = grads[name].float()
            m.mul_(0.95).add_(g)
            look = g.add_(m, alpha=0.95)
            for part, piece, target in zip(range(3), look.split(self.cuts[name.split(".")[1]]), self.p[name].split(self.cuts[name.split(".")[1]])):
                turned = piece.shape[0] > piece.shape[1]
                stacks.setdefault(tuple(sorted(piece.shape)), []).append((piece.t() if turned else piece, target.t() if turned else target))
        for pairs in stacks.values():
            updates = orthogonal(torch.stack([piece for piece, _ in pairs]))
            for (_, target), update in zip(pairs, updates):
                target.mul_(1 - 0.02 * rate * 0.05).add_(update, alpha=-0.02 * rate)

    def _adam(self, grads, rate):
        t = self.step_count
        for n, g in grads.items():
            self.first[n].mul_(0.9).add_(g, alpha=0.1)
            self.second[n].mul_(0.97).addcmul_(g, g, value=0.03)
            self.p[n].addcdiv_(self.first[n] / (1 - 0.9 ** t), (self.second[n] / (1 - 0.97 ** t)).sqrt_().add_(1e-10), value=-rate)
