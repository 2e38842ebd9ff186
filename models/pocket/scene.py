"""One conversation in the making: a user speaks, an assistant that knows the answer calls tools in a world and replies.

The same scene is a training transcript (everything as the chat template renders it, with the assistant's part marked) and an
evaluation case (what the user says, what a right answer contains, how the files look afterwards)."""
import json
import math
import re

import prose
import shells
from tools import schema_style, told
from words import Words
from world import World

SYSTEM = (
    "You are a helpful assistant.",
    "You are Pocket, a small agent.",
    "You are a coding agent. Use the tools to do the task.",
    "You are an agent that works in a folder. Use tools when you need them.",
    "Answer briefly.",
    "You are a coding agent working in a folder. " "Use the tools to look before you answer, and say what you did.",
    "You are Pocket, a small coding agent. You work in one folder with the tools "
    "given to you. Read before you edit. After a change, run the tests again.",
    "You work in the folder of the user. Paths are relative to it.",
    "Be short and exact.",
    "You are a careful assistant. If a tool helps, call it. If none is needed, just answer.",
)

ASKING = frozenset(
    "What Read Tell Set Change Run List Find Search Fix Show Open Make Where Which Is Replace Add Remember My The Do Does Who Look".split()
)
DOING = frozenset(
    "Read Tell Set Change Run List Find Search Fix Show Open Make Replace Add Update Append Put Create Save Check Look".split()
)


ASKED = (
    "Please ",
    "please ",
    "Can you ",
    "Could you ",
    "can you please ",
    "I want you to ",
    "I would like you to ",
    "You should ",
    "Now ",
    "now ",
    "OK, ",
    "ok ",
    "Would you please ",
    "Next, ",
    "Then ",
)
CALLED = (
    "Hey, ",
    "Hi, ",
    "So, ",
    "Also, ",
    "And ",
    "Pocket, ",
    "Hello. ",
    "Well, ",
    "Hmm, ",
    "One more thing: ",
    "Quick question: ",
    "Now: ",
)
WORDY = 0.08  # share of scenes with instructions that nobody needs
SLIPS = 0.05  # share of single calls before which a wrong one stands


def alike(w, text):
    """The text with one of its words changed."""
    words = [m.span() for m in re.finditer(r"[A-Za-z]{3,}", text)] or [(0, len(text))]
    start, end = w.r.choice(words)
    cut = w.r.randint(start, end)
    other = w.word() if w.r.random() < 0.3 else text[start:cut] + text[cut + 1 : end] + w.r.choice(("", "e", "s", w.word()))
    return text[:start] + other + text[end:]


class Scene:
    """Messages so far, each with whether it is to be learned; and the checks of each turn."""

    def __init__(self, w: Words, tools=None, system=None, world=None, lengthy=False, shell=False):
        self.w, self.r = w, w.r
        self.tools = tools or {}  # kind -> Tool, in the order offered
        self.world = world or World(w.r)
        self.style = schema_style(w.r)
        self.system = system if system is not None else self._system()
        self.offered = [tool.json(self.r, self.style) for tool in self.tools.values()]
        self.messages = []  # (role, content, calls, learn)
        self.turns = []  # {"user", "must", "must_not", "calls", "files"}
        self.talks_first = self.r.random() < 0.04
        self.dense = (
            not w.held_out
        )  # training asks more of each list of tools and of each file: more to learn from the same reading
        self.files_before = None
        self.shell = shell  # all that it does, it does by commands
        if self.dense and self.r.random() < (0.35 if lengthy or shell else WORDY):
            self._wordy(900 if lengthy else 40)

    def _wordy(self, most):
        """Long instructions, more of them in messages of their own, remarks about the surroundings."""
        r, count = self.r, lambda: int(math.exp(self.r.uniform(0.7, math.log(most))))
        self.system = prose.instructions(self.w, count())
        for _ in range(r.choice((0, 0, 0, 1, 2))):
            self.messages.append(("system", prose.instructions(self.w, min(count(), 30)), (), False))
        if r.random() < 0.4:
            self.messages.append(("user", prose.surroundings(self.w), (), False))

    def can(self, kind):
        return self.shell or kind in self.tools

    def _system(self):
        k = self.r.random()
        if k < 0.2:
            return ""
        text = self.r.choice(SYSTEM)
        if k > 0.9:
            text += " " + " ".join(f"The {self.w.word()} is {self.w.word()}." for _ in range(self.r.randint(1, 6)))
        return text

    def _spoken(self, text):
        """The same wish as other people would type it."""
        r, (first, _, rest) = self.r, text.partition(" ")
        k = r.random()
        if first in ASKING and k < 0.12:
            text = first.lower() + " " + rest
        elif first in DOING and k < 0.3:
            start = r.choice(ASKED)
            text = start + first.lower() + " " + rest
            if "an you " in start or "ould you" in start:
                text = text.rstrip(".") + r.choice(("?", "?", ""))
        elif first in ASKING and k > 0.94:
            text = r.choice(CALLED) + first.lower() + " " + rest
        elif text.endswith("?") and k > 0.9 or text.endswith(".") and k > 0.93 and not text.startswith("Say"):
            text = text[:-1]
        if first in ASKING and text[-1:] in "?." and r.random() < 0.04:
            text = text[:-1] + r.choice((", please", " please", ", thanks")) + text[-1]
        if r.random() < 0.05:
            for long, short in (
                ("What is ", ("What's ", "Whats ")),
                ("what is ", ("what's ", "whats ")),
                (" is my ", (" was my ",)),
            ):
                text = (
                    text.replace(long, r.choice(short), 1)
                    if text.startswith(long) or long[0] == " " and text.endswith("?")
                    else text
                )
        return text

    def user(self, text, **check):
        text = self._spoken(text)
        if self.files_before is None:
            self.files_before = dict(self.world.files)
        self.messages.append(("user", text, (), False))
        self.turns.append({"user": text, "must": [], "must_not": [], "calls": [], "files": None, "skill": "", **check})

    def call(self, *calls, learn=True, before=""):
        """Calls of one message: (kind, slots) each. Returns the results."""
        if not before and self.talks_first and self.r.random() < 0.5:
            before = self.r.choice(("I will look.", "Let me check.", "One moment."))
        if self.dense and len(calls) == 1 and self.r.random() < SLIPS:
            self._slip(*calls[0])
        made = [self._made(kind, slots) for kind, slots in calls]
        self.messages.append(("assistant", before, tuple(made), learn))
        self.turns[-1]["calls"] += made
        results = []
        for kind, slots in calls:
            result = self.world.printed(*shells.output(self.world, kind, slots)) if self.shell else self.world.act(kind, slots)
            results.append(result)
            self.messages.append(("tool", result, (), False))
        return results

    def _made(self, kind, slots):
        """The name and arguments of a call."""
        tool = self.tools["run" if self.shell else kind]
        return tool.name, tool.arguments({"command": shells.command(kind, slots)} if self.shell else slots)

    def _slip(self, kind, slots):
        """A call with something wrong, not to be learned, and the error that comes back: what follows is the right one."""
        slot = {"read": "path", "edit": self.r.choice(("path", "old", "old"))}.get(kind)
        if slot is None or self.shell:
            return
        wrong = {**slots, slot: alike(self.w, slots[slot])}
        if (
            slot == "path"
            and self.world.clean(wrong["path"]) in self.world.files
            or slot == "old"
            and any(wrong["old"] in text for text in self.world.files.values())
        ):
            return
        self.messages.append(("assistant", "", ((self.tools[kind].name, self.tools[kind].arguments(wrong)),), False))
        self.messages.append(("tool", self.world.act(kind, wrong), (), False))

    def call_tool(self, tool, arguments, result):
        """A call of a tool that is not about files; the result is given."""
        self.messages.append(("assistant", "", ((tool.name, arguments),), True))
        self.messages.append(("tool", result, (), False))
        self.turns[-1]["calls"].append((tool.name, arguments))
        self.turns[-1].setdefault("results", []).append(result)

    def say(self, text, must=(), must_not=(), learn=True):
        self.messages.append(("assistant", text, (), learn))
        self.turns[-1].update(must=list(must), must_not=list(must_not), files=dict(self.world.files), answer=text)

    def pieces(self):
        """The rendered conversation as (text, learn) pieces, exactly as chatml.jinja renders it."""
        out = []
        system = told(self.system, self.offered)
        if system:
            out.append((f"<|im_start|>system\n{system}<|im_end|>\n", False))
        for role, content, calls, learn in self.messages:
            if role != "assistant":
                out.append((f"<|im_start|>{role}\n{content}<|im_end|>\n", False))
                continue
            text = content
            for name, arguments in calls:
                body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
                text += ("\n" if text else "") + f"<tool_call>\n{body}\n</tool_call>"
            out += [("<|im_start|>assistant\n", False), (text + "<|im_end|>", learn), ("\n", False)]
        return out

    def text(self):
        return "".join(text for text, _ in self.pieces())
