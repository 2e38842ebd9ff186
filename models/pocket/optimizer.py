"""Muon for the matrices inside the layers (an orthogonalised momentum), Adam for the embedding and the norms."""
import torch

MUON_RATE, ADAM_RATE, DECAY = 0.012, 0.0024, 0.05


def orthogonal(x):
    """The nearest (semi-)orthogonal matrix, roughly, of each matrix of a stack: five Newton-Schulz steps."""
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).to(torch.bfloat16).contiguous()
    for _ in range(5):
        a = torch.bmm(x, x.transpose(1, 2))
        b = torch.baddbmm(a, a, a, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, b, x, beta=3.4445)
    return x.float()


class Optimizer:
    def __init__(self, parameters, shape):
        self.p, self.step_count = parameters, 0
        q, k = shape.width, shape.keys * shape.head
        self.cuts = {"qkv": (q, k, k), "out": (shape.width,), "gate_up": (shape.inner, shape.inner), "down": (shape.width,)}
        zeros = lambda names: {n: torch.zeros_like(parameters[n]) for n in names}
        matrices = [n for n, v in parameters.items() if "." in n and v.dim() == 2]
        rest = [n for n in parameters if n not in matrices]
        self.momentum, self.first, self.second = zeros(matrices), zeros(rest), zeros(rest)

    def state(self):
        return {"momentum": self.momentum, "first": self.first, "second": self.second, "steps": self.step_count}

    def load(self, state):
        for name in ("momentum", "first", "second"):
            for n, value in state[name].items():
                getattr(self, name)[n].copy_(value)
        self.step_count = state["steps"]

    def step(self, grads, rate):
        """One update; rate is the share of the peak learning rates."""
        self.step_count += 1
        self._muon({n: g for n, g in grads.items() if n in self.momentum}, MUON_RATE * rate)
        self._adam({n: g for n, g in grads.items() if n in self.first}, ADAM_RATE * rate)

    def _muon(self, grads, rate):
        """Pieces of one shape are made orthogonal together: few large operations."""
        momentum, stacks = [self.momentum[n] for n in grads], {}
        torch._foreach_mul_(momentum, 0.95)
        torch._foreach_add_(momentum, list(grads.values()))
        for name, look in zip(grads, torch._foreach_add(list(grads.values()), momentum, alpha=0.95)):
            cuts = self.cuts[name.split(".")[1]]
            for piece, target in zip(look.split(cuts), self.p[name].split(cuts)):
                tall = piece.shape[0] > piece.shape[1]
                stacks.setdefault(tuple(sorted(piece.shape)), []).append(
                    (piece.t() if tall else piece, target.t() if tall else target)
                )
        for pairs in stacks.values():
            targets = [target for _, target in pairs]
            torch._foreach_mul_(targets, 1 - rate * DECAY)
            torch._foreach_add_(targets, list(orthogonal(torch.stack([piece for piece, _ in pairs]))), alpha=-rate)

    def _adam(self, grads, rate):
        t, g = self.step_count, list(grads.values())
        first, second = [self.first[n] for n in grads], [self.second[n] for n in grads]
        torch._foreach_mul_(first, 0.9)
        torch._foreach_add_(first, g, alpha=0.1)
        torch._foreach_mul_(second, 0.97)
        torch._foreach_addcmul_(second, g, g, value=0.03)
        below = torch._foreach_sqrt(torch._foreach_div(second, 1 - 0.97**t))
        torch._foreach_add_(below, 1e-10)
        torch._foreach_addcdiv_([self.p[n] for n in grads], first, below, value=-rate / (1 - 0.9**t))
