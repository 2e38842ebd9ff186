"""Writes the weights as GGUF. usage: export.py FOLDER OUT.gguf [--type q8_0|f16|f32] [--state]

--state: the weights as they are, not their running average."""
import argparse
import os
import struct

import numpy
import torch

from model import ROPE_BASE, Shape, new_parameters
from tokenizer import CONTROL, SCAFFOLD, Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
UINT32, INT32, FLOAT, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
CONTEXT = 20480
QUANTISED, HALF, SINGLE = 8, 1, 0
TYPES = {"q8_0": (QUANTISED, 7), "f16": (HALF, 1), "f32": (SINGLE, 0)}


def text(x):
    return struct.pack("<Q", len(x.encode())) + x.encode()


def value(kind, x):
    if kind == STRING:
        return text(x)
    if kind == ARRAY:
        return struct.pack("<IQ", x[0], len(x[1])) + b"".join(value(x[0], y) for y in x[1])
    return struct.pack({UINT32: "<I", INT32: "<i", FLOAT: "<f", BOOL: "<?"}[kind], x)


def q8_0(x):
    """Blocks of 32: one half-precision scale and 32 signed bytes."""
    x = x.reshape(-1, 32)
    scale = numpy.abs(x).max(1) / 127
    inverse = numpy.where(scale == 0, 0, 1 / numpy.maximum(scale, 1e-30))
    out = numpy.zeros(len(x), dtype=[("d", "<f2"), ("q", "i1", 32)])
    out["d"], out["q"] = scale, numpy.round(x * inverse[:, None])
    return out.tobytes()


def tensors(p, shape):
    """(name, weight) as libllama's llama architecture names them; the head shares the embedding."""
    yield "token_embd.weight", p["embedding"]
    yield "output_norm.weight", p["norm"]
    q, k = shape.width, shape.keys * shape.head
    for i in range(shape.layers):
        query, key, val = p[f"{i}.qkv"].split((q, k, k))
        gate, up = p[f"{i}.gate_up"].chunk(2)
        for name, weight in (
            ("attn_norm", p[f"{i}.norm1"]),
            ("attn_q", query),
            ("attn_k", key),
            ("attn_v", val),
            ("attn_output", p[f"{i}.out"]),
            ("ffn_norm", p[f"{i}.norm2"]),
            ("ffn_gate", gate),
            ("ffn_up", up),
            ("ffn_down", p[f"{i}.down"]),
        ):
            yield f"blk.{i}.{name}.weight", weight


def metadata(shape, tokenizer, file_type):
    kinds = [3 if t in CONTROL else 4 if t in SCAFFOLD else 1 for t in tokenizer.tokens]
    with open(os.path.join(HERE, "chatml.jinja")) as file:
        template = file.read().rstrip("\n")
    llama = {
        "context_length": CONTEXT,
        "embedding_length": shape.width,
        "block_count": shape.layers,
        "feed_forward_length": shape.inner,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.keys,
        "rope.dimension_count": shape.head,
        "vocab_size": shape.vocabulary,
    }
    return [
        ("general.architecture", STRING, "llama"),
        ("general.name", STRING, "Pocket"),
        ("general.license", STRING, "mit"),
        ("general.file_type", UINT32, file_type),
        ("general.sampling.temp", FLOAT, 0.0),  # as it is measured: a sampled digit is now and then a wrong one
        *[("llama." + k, UINT32, v) for k, v in llama.items()],
        ("llama.attention.layer_norm_rms_epsilon", FLOAT, 1e-5),
        ("llama.rope.freq_base", FLOAT, ROPE_BASE),
        ("tokenizer.ggml.model", STRING, "gpt2"),
        ("tokenizer.ggml.pre", STRING, "qwen2"),
        ("tokenizer.ggml.tokens", ARRAY, (STRING, tokenizer.tokens)),
        ("tokenizer.ggml.token_type", ARRAY, (INT32, kinds)),
        ("tokenizer.ggml.merges", ARRAY, (STRING, [" ".join(m) for m in tokenizer.merges])),
        ("tokenizer.ggml.eos_token_id", UINT32, tokenizer.end),
        ("tokenizer.ggml.bos_token_id", UINT32, tokenizer.ids["<|endoftext|>"]),
        ("tokenizer.ggml.padding_token_id", UINT32, tokenizer.ids["<|endoftext|>"]),
        ("tokenizer.ggml.add_bos_token", BOOL, False),
        ("tokenizer.chat_template", STRING, template),
    ]


def write(path, parameters, shape, tokenizer, kind="q8_0"):
    number, file_type = TYPES[kind]
    blobs = []
    for name, weight in tensors(parameters, shape):
        x = weight.contiguous().numpy().astype(numpy.float32)
        small = x.ndim == 1
        data = x.tobytes() if small or number == SINGLE else x.astype("<f2").tobytes() if number == HALF else q8_0(x)
        blobs.append((name, list(reversed(x.shape)), SINGLE if small else number, data))
    pairs = metadata(shape, tokenizer, file_type)
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(blobs), len(pairs)))
        for key, kind_, x in pairs:
            file.write(text(key) + struct.pack("<I", kind_) + value(kind_, x))
        offset = 0
        for name, sizes, kind_, data in blobs:
            file.write(
                text(name)
                + struct.pack("<I", len(sizes))
                + b"".join(struct.pack("<Q", n) for n in sizes)
                + struct.pack("<IQ", kind_, offset)
            )
            offset += (len(data) + 31) // 32 * 32
        file.write(b"\0" * (-file.tell() % 32))
        for *_, data in blobs:
            file.write(data + b"\0" * (-len(data) % 32))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("out")
    arguments.add_argument("--type", default="q8_0", choices=TYPES)
    arguments.add_argument("--state", action="store_true")
    options = arguments.parse_args()
    tokenizer = Tokenizer.load(os.path.join(options.folder, "tokenizer.json"))
    path = os.path.join(options.folder, "state.pt" if options.state else "average.pt")
    shape = Shape()
    if os.path.exists(path):
        loaded = torch.load(path, map_location="cpu")
        parameters, shape.__dict__ = loaded["parameters"], loaded["shape"]
        print("tokens trained", loaded["tokens"], "seconds", round(loaded["seconds"]))
    else:
        parameters = new_parameters(shape)
    write(options.out, parameters, shape, tokenizer, options.type)
    print(options.out, os.path.getsize(options.out), "bytes")


if __name__ == "__main__":
    main()
