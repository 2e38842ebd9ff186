"""How far is a training? Which replies of held-out conversations the weights would give word for word, the right ones before them
given; needs no server, no libllama and no export. usage: probe.py FOLDER [conversations per skill] [skill ...]"""
import os
import random
import sys

import torch

from cases import GOALS, scene_for
from model import Shape, logits
from tokenizer import Tokenizer

LENGTH_MAX = 3000  # tokens of a conversation that is looked at
SHOWN_MAX, BEFORE = 5, 14  # slips printed for a skill, tokens printed before each


def scenes(skill, count):
    """The same scenes at every call, so that two looks can be compared."""
    r = random.Random("probe " + skill)
    while count:
        s = scene_for(skill, r)
        if any(turn["skill"] == skill for turn in s.turns):
            count -= 1
            yield s


def slips(s, tokenizer, p, shape):
    """(replies, [(what comes before, wanted, best)]): the first wrong token of every reply that has one."""
    ids, reply = [], []
    for number, (text, learn) in enumerate(s.pieces()):
        part = tokenizer.encode(text)
        ids += part
        reply += [number if learn else None] * len(part)
    if len(ids) > LENGTH_MAX:
        return 0, []
    best, found = logits(p, shape, ids[:-1]).argmax(1).tolist(), {}
    for i, guess in enumerate(best, 1):
        if reply[i] is not None and guess != ids[i] and reply[i] not in found:
            found[reply[i]] = (tokenizer.decode(ids[max(0, i - BEFORE) : i]), tokenizer.tokens[ids[i]], tokenizer.tokens[guess])
    return len(set(reply) - {None}), list(found.values())


def main():
    folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    tokenizer, saved, shape = (
        Tokenizer.load(os.path.join(folder, "tokenizer.json")),
        torch.load(os.path.join(folder, "average.pt")),
        Shape(),
    )
    shape.__dict__ = saved["shape"]
    p = saved["parameters"]
    print("tokens trained", saved["tokens"])
    for skill in sys.argv[3:] or GOALS:
        looks = [slips(s, tokenizer, p, shape) for s in scenes(skill, count)]
        replies, wrong = sum(n for n, _ in looks), sum(len(found) for _, found in looks)
        whole = sum(not found for n, found in looks if n)
        print(f"{skill:<18}{whole:>4} of {len(looks)} conversations, {replies - wrong} of {replies} replies", flush=True)
        for before, wanted, guess in [slip for _, found in looks for slip in found][:SHOWN_MAX]:
            print(f"    …{before[-60:]!r} {wanted!r}, not {guess!r}")


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
