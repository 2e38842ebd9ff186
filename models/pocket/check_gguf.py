"""Does libllama read the model as training meant it? usage: check_gguf.py FOLDER MODEL.gguf

Tokens: the same from libllama and from tokenizer.py, on generated conversations and on awkward strings. Logits: libllama's beside the
trainer's, on whole conversations."""
import random
import sys

import torch

from corpus import scene
from llama import Llama
from model import Shape, logits
from tokenizer import Tokenizer

AWKWARD = [
    "",
    " ",
    "  ",
    "\n",
    "\n\n",
    " \n x",
    "a  b",
    "it's I'm we'll DON'T",
    "x\t\ty",
    "123 456",
    "é à ü ñ 漢字 😀 naïve",
    "a\r\nb",
    '{"a": [1, 2, {"b": null}]}',
    "snake_case camelCase kebab-case",
    '<tool_call>\n{"name": "x"',
    "<|im_start|>user",
    "<|im_en",
    "   indented\n    more",
    "...!!!",
    "end  ",
    "$100.00 (50%)",
    "def f(x):\n    return x * 2\n",
    "path/to/file.txt:12: x",
    "a" * 50,
    "\u00a0x",
    "½ ² Ⅷ",
]


def main():
    folder, path = sys.argv[1:3]
    tokenizer, llama, r = Tokenizer.load(folder + "/tokenizer.json"), Llama(path), random.Random(5)
    texts = AWKWARD + [scene(r, held_out=bool(i % 2), longest=3).text() for i in range(300)]
    wrong = [t for t in texts if tokenizer.encode(t) != llama.tokenize(t)]
    print(len(texts), "texts,", len(wrong), "tokenised differently", [t[:60] for t in wrong[:5]])
    saved = torch.load(folder + "/average.pt")
    shape = Shape()
    shape.__dict__ = saved["shape"]
    same, count, worst = 0, 0, 0.0
    for _ in range(12):
        ids = tokenizer.encode(scene(r, longest=2).text())[:1500]
        for cut in range(len(ids) // 3, len(ids), max(1, len(ids) // 4)):
            ours = logits(saved["parameters"], shape, ids[:cut])[-1].numpy()
            theirs = llama.feed(ids[:cut])
            same += int(ours.argmax() == theirs.argmax())
            count += 1
            worst = max(worst, float(abs(ours - theirs).max()))
    print(f"{count} positions: same best token at {same}, largest difference of a logit {worst:.3f}")
    return 1 if wrong[len(AWKWARD) :] else 0


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    sys.exit(main())
