"""Plays the held-out cases against a GGUF without a server. usage: try_model.py FOLDER MODEL.gguf [cases per skill] [seed] [skill ...]"""
import json
import re
import sys

from cases import GOALS, cases, play, table
from llama import Llama
from tokenizer import Tokenizer
from tools import told

CALL = re.compile(r"\n?<tool_call>\n(.*?)\n</tool_call>", re.S)


class Local:
    """A conversation with libllama in this process, rendered as chatml.jinja does."""

    def __init__(self, folder, path):
        self.tokenizer, self.llama, self.made = Tokenizer.load(folder + "/tokenizer.json"), Llama(path), 0

    def start(self, case):
        system = told(case.system, case.offered)
        self.text = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""

    def user(self, text):
        return self._go(f"<|im_start|>user\n{text}<|im_end|>\n")

    def results(self, replies):
        return self._go("".join(f"<|im_start|>tool\n{text}<|im_end|>\n" for _, text in replies))

    def _go(self, more):
        self.text += more + "<|im_start|>assistant\n"
        ids = self.tokenizer.encode(self.text)
        if len(ids) > self.llama.limit - 500:
            return None, []
        out = self.tokenizer.decode(self.llama.answer(ids, self.tokenizer.end))
        self.text += out + "<|im_end|>\n"
        calls = []
        for body in CALL.findall(out):
            try:
                call = json.loads(body)
                calls.append((str(len(calls)), call["name"], call["arguments"]))
            except (ValueError, KeyError, TypeError):
                return out, []
        return CALL.sub("", out), calls


def main():
    folder, path = sys.argv[1:3]
    count, seed = (int(x) for x in (sys.argv[3:5] + ["30", "1"][len(sys.argv[3:5]) :]))
    model, rows = Local(folder, path), []
    for skill in sys.argv[5:] or GOALS:
        good = total = shown = 0
        for case in cases(skill, count, seed):
            outcomes = [o for o in play(case, model)]
            wrong = next((o for o in outcomes if o[1]), None)
            good, total = good + (wrong is None), total + 1
            if wrong and shown < 4:
                shown += 1
                print(
                    f"[{skill}] {wrong[4]['user']!r}: {wrong[1][:300]}\n    said {str(wrong[2])[:200]!r} after {str(wrong[3])[:300]}",
                    flush=True,
                )
        rows.append((skill, good, total))
    print(table(rows))


if __name__ == "__main__":
    main()
