"""A byte-level BPE that libllama's "qwen2" pre-tokenizer reproduces, with two habits that make copying easy for a small model:

- merges stay inside runs of letters, or of one sign that repeats itself, so that a word has the same tokens whatever stands beside it
  (digits are single anyway), and so has a line of code in a string of JSON;
- the fixed pieces of announced tools and of calls are one token each (user-defined tokens, matched before anything else)."""
import collections
import json
import random
import re

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
SCAFFOLD = [
    "\n<tool>",
    "\n<name>",
    "\n<parameter>",
    ": string",
    ", optional",
    "<tool_call>",
    "</tool_call>",
    '{"name": "',
    '", "arguments": {"',
    '", "arguments": {',
    '": "',
    '", "',
    '"}}',
]
SPECIAL = sorted(CONTROL + SCAFFOLD, key=len, reverse=True)  # libllama looks for the longest first, over the whole text
PIECE = re.compile(
    r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|(?:[^\r\n\w]|_)?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_letters():
    """The printable stand-in of every byte, as GPT-2 has it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {b: chr(b) for b in plain}, 0
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + extra)
            extra += 1
    return table


LETTERS = byte_letters()


def fragments(text):
    """The text cut at special tokens, in libllama's order: the longest special first, everywhere."""
    parts = [(text, False)]
    for special in SPECIAL:
        if special not in text:
            continue
        cut = []
        for part, done in parts:
            if done or special not in part:
                cut.append((part, done))
                continue
            for i, piece in enumerate(part.split(special)):
                if i:
                    cut.append((special, True))
                if piece:
                    cut.append((piece, False))
        parts = cut
    return parts


def spell(piece):
    return [LETTERS[b] for b in piece.encode()]


def runs(piece):
    """The parts of a pre-token inside which merges are learnt: runs of letters, and of one sign, but no lines in a row."""
    return [match.group() for match in re.finditer(r"[^\W\d_]+|([^\n])\1*|\n", piece)]


class Tokenizer:
    def __init__(self, merges, tokens):
        self.merges, self.tokens = [tuple(m) for m in merges], tokens
        self.ids = {t: i for i, t in enumerate(tokens)}
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.memo = {}
        self.end = self.ids["<|im_end|>"]
        self.bytes = {c: b for b, c in LETTERS.items()}

    def _word(self, piece):
        ids = self.memo.get(piece)
        if ids is None:
            word = spell(piece)
            while len(word) > 1:
                best = min(range(len(word) - 1), key=lambda i: self.rank.get((word[i], word[i + 1]), 1 << 30))
                if (word[best], word[best + 1]) not in self.rank:
                    break
                word[best : best + 2] = [word[best] + word[best + 1]]
            ids = [self.ids[x] for x in word]
            if len(self.memo) < 400000:
                self.memo[piece] = ids
        return ids

    def encode(self, text):
        out = []
        for part, special in fragments(text):
            if special:
                out.append(self.ids[part])
            else:
                for piece in PIECE.findall(part):
                    out += self._word(piece)
        return out

    def decode(self, ids):
        out = bytearray()
        for i in ids:
            token = self.tokens[i]
            out += token.encode() if token in SPECIAL else bytes(self.bytes[c] for c in token)
        return out.decode(errors="replace")

    def save(self, path):
        with open(path, "w") as file:
            json.dump({"merges": [" ".join(m) for m in self.merges], "tokens": self.tokens}, file, ensure_ascii=False)

    @staticmethod
    def load(path):
        with open(path) as file:
            data = json.load(file)
        return Tokenizer([m.split(" ") for m in data["merges"]], data["tokens"])


def train(texts, size):
    """The most frequent pairs, inside runs only."""
    counts = collections.Counter()
    for text in texts:
        for part, special in fragments(text):
            if not special:
                for piece in PIECE.findall(part):
                    for run in runs(piece):
                        counts[tuple(spell(run))] += 1
    words, numbers = [list(w) for w in counts], list(counts.values())
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pairs[pair] += numbers[i]
            where[pair].add(i)
    tokens, merges = [LETTERS[b] for b in range(256)], []
    known = set(tokens)
    while len(tokens) + len(SPECIAL) < size:
        pair, _ = max(pairs.items(), key=lambda x: (x[1], x[0]))
        merges.append(pair)
        if "".join(pair) not in known:
            known.add("".join(pair))
            tokens.append("".join(pair))
        for i in list(where[pair]):
            word, out, j = words[i], [], 0
            for old in zip(word, word[1:]):
                pairs[old] -= numbers[i]
            while j < len(word):
                if j + 1 < len(word) and (word[j], word[j + 1]) == pair:
                    out.append(word[j] + word[j + 1])
                    j += 2
                else:
                    out.append(word[j])
                    j += 1
            words[i] = out
            for new in zip(out, out[1:]):
                pairs[new] += numbers[i]
                where[new].add(i)
        del pairs[pair]
    return Tokenizer(merges, tokens + CONTROL + SCAFFOLD)


if __name__ == "__main__":
    import sys
    from corpus import pieces
    from tasks_drill import text as drill
    from words import Words

    source = random.Random(11)
    sample = ["".join(t for t, _ in pieces(source, 3)) for _ in range(6000)] + [drill(Words(source, False)) for _ in range(800)]
    made = train(sample, int(sys.argv[2]) if len(sys.argv) > 2 else 2048)
    made.save(sys.argv[1] if len(sys.argv) > 1 else "tokenizer.json")
    lengths = [len(made.encode(t)) for t in sample[:400]]
    print(
        "tokens",
        len(made.tokens),
        "mean length",
        sum(lengths) / len(lengths),
        "characters a token",
        sum(map(len, sample[:400])) / sum(lengths),
    )
