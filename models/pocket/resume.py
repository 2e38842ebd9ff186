"""Turns a GGUF that export.py wrote back into weights to train on, when nothing else is left.
usage: resume.py MODEL.gguf FOLDER --tokens 400

Writes FOLDER/tokenizer.json, FOLDER/average.pt and FOLDER/state.pt, without the optimizer's memory and with the token count given by
--tokens (millions)."""
import argparse
import json
import os
import struct

import numpy
import torch

from model import Shape, new_parameters
from optimizer import Optimizer

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}


class Reader:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.at = 0

    def take(self, form):
        (x,) = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return x

    def text(self):
        n = self.take("<Q")
        self.at += n
        return self.data[self.at - n : self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            inner, count = self.take("<I"), self.take("<Q")
            return [self.value(inner) for _ in range(count)]
        return self.take(SCALARS[kind])

    def weights(self, kind, shape, start):
        count = int(numpy.prod(shape))
        if kind == 8:
            blocks = numpy.frombuffer(self.data, [("d", "<f2"), ("q", "i1", 32)], count // 32, start)
            x = blocks["d"].astype("f4")[:, None] * blocks["q"]
        else:
            x = numpy.frombuffer(self.data, "<f2" if kind == 1 else "<f4", count, start).astype("f4")
        return torch.from_numpy(x.reshape(shape).copy())


def load(path):
    """(metadata, tensors by name)"""
    r = Reader(path)
    r.at = 8
    tensors, pairs = r.take("<Q"), r.take("<Q")
    facts = {}
    for _ in range(pairs):
        key = r.text()
        facts[key] = r.value(r.take("<I"))
    entries = []
    for _ in range(tensors):
        name, sizes = r.text(), [r.take("<Q") for _ in range(r.take("<I"))]
        entries.append((name, list(reversed(sizes)), r.take("<I"), r.take("<Q")))
    base = (r.at + 31) // 32 * 32
    return facts, {name: r.weights(kind, shape, base + offset) for name, shape, kind, offset in entries}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("model")
    arguments.add_argument("folder")
    arguments.add_argument("--tokens", type=float, required=True, help="millions that it was trained on")
    options = arguments.parse_args()
    facts, t = load(options.model)
    shape = Shape(
        *(facts["llama." + n] for n in ("embedding_length", "block_count", "attention.head_count", "attention.head_count_kv")),
        *(facts["llama." + n] for n in ("feed_forward_length", "vocab_size")))
    p = new_parameters(shape)
    p["embedding"], p["norm"] = t["token_embd.weight"], t["output_norm.weight"]
    for i in range(shape.layers):
        part = lambda *names: torch.cat([t[f"blk.{i}.{n}.weight"] for n in names])
        p[f"{i}.qkv"], p[f"{i}.out"] = part("attn_q", "attn_k", "attn_v"), part("attn_output")
        p[f"{i}.gate_up"], p[f"{i}.down"] = part("ffn_gate", "ffn_up"), part("ffn_down")
        p[f"{i}.norm1"], p[f"{i}.norm2"] = part("attn_norm"), part("ffn_norm")
    os.makedirs(options.folder, exist_ok=True)
    with open(os.path.join(options.folder, "tokenizer.json"), "w") as file:
        json.dump({"merges": facts["tokenizer.ggml.merges"], "tokens": facts["tokenizer.ggml.tokens"]}, file, ensure_ascii=False)
    told = {"tokens": int(options.tokens * 1e6), "seconds": 0.0, "shape": vars(shape)}
    torch.save({"parameters": p, "optimizer": Optimizer(p, shape).state(), "average": p, **told}, os.path.join(options.folder, "state.pt"))
    torch.save({"parameters": p, **told}, os.path.join(options.folder, "average.pt"))
    print(f"{options.folder}: {sum(v.numel() for v in p.values())} parameters, {len(facts['tokenizer.ggml.tokens'])} tokens")


if __name__ == "__main__":
    main()
