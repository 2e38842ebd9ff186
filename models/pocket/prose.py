"""Text as people write it: what clients put before a wish (long instructions, remarks about the surroundings; none of it is needed for the
answer, but a model that has never read such text takes it for something to act on), and what stands in files."""

SENTENCES = (
    "Be {a} and {a2} in what you say.",
    "Keep answers short unless the user asks for more.",
    "Do not {v} a {n} that the user did not ask for.",
    "When a command fails, read the error before you try again.",
    "Prefer the {n} over the {n2} when both would do.",
    "If the {n} is {a}, say so and stop.",
    "Never {v} the {n} without a word from the user.",
    "Use the {n} only for {n2}s.",
    "The {n} of the project is in {p}.",
    "Paths are relative to the folder of the user.",
    "Ask before you {v} something that cannot be undone.",
    "A {a} {n} is better than a {a2} one.",
    "Write {n}s the way the files beside them do.",
    "Look at {p} before you change the {n}.",
    "Do not guess: look, then answer.",
    "You may {v} and {v2}, but you may not {v3}.",
    "The user sees only your last message.",
    "Several calls may be made at once if none needs the result of another.",
    "Stop when the task is done.",
    "Each {n} has a {n2} and at most {num} {n3}s.",
    "{N} is the owner of the {n}.",
    "In {N} mode the {n} is {a}; otherwise it is {a2}.",
    "Results are cut after {num} lines.",
    "If you are not sure, say what you know and what you do not.",
    "Use `{w}` to {v} the {n}, for example `{w} {w2}`.",
    "Commands run in a {n} with a limit of {num} seconds.",
    "Do not show secrets, keys or passwords.",
    "Before a change of many files, tell the user your plan in one sentence.",
    "The {n} must be {a} when the {n2} is {a2}.",
    "Names of {n}s begin with a {a} letter.",
    "{v_} the {n} first, then the {n2}.",
    "Tests are in the folder {w}; run them after each change.",
    "There is no network.",
    "Permissions: reading is allowed, writing is {a}.",
    "When the user greets you, greet back.",
    "A plan has between two and {num} steps.",
    "Do not repeat what a tool has printed unless it was asked for.",
    "Mark a step as {w} when it is {a}.",
    "The {n} tool takes a `{w}` and returns a `{w2}`.",
    "Today the {n} is {a}.",
)
# what stands in the files of a folder: sentences and lines of every spelling, which a model can only copy
LINES = (
    "{v_} it with `{w} {w2}`, then open http://{w}.{w2}:{num}/{n}.",
    "See [{w}]({p}) for more ({n} only).",
    "Copyright (c) {num} {N} {v_}",
    "## {num}.{d}.{d2} ({num}-0{d}-1{d2})",
    "- Fixed a {n} when the {n2} was {a} (#{num}).",
    "* **{w}**: {a}, {a2} and {n}",
    "{d}. {v_} the {n}",
    '{d}{d2}:{d}5 {N} said: "{w}, {w2}!"',
    "    {w} --{w2}={num} -{l} {p} | {n} > /dev/null",
    "$ {w} {w2} && ./{n}.sh '{a}'",
    "| {n} | {num} | `{w}_{w2}` |",
    "| --- | --- |",
    "Dear {N},",
    "It's {a}; that is why {N} can't {v} the {n} - not yet.",
    "From: {w}@{w2}.org",
    "Subject: {v_} the {n} ({num}%)",
    "{num}-0{d}-2{d2} 1{d}:0{d2}:4{d} WARN {n} {w}: {num} ms",
    "Why {a}? Because {N}'s {n} is {a2}!",
    "Every {n} that {N} {v}s has {num} {n2}s, and each of them costs ${num}.{d}{d2}.",
    "Once there was a {a} {n} who lived near the {n2}. In the evening it came back, and nobody knew why.",
    "def {w}({l}, {w2}={num}):",
    '    return [{l} for {l} in {w} if {l} != "{w2}"]',
    "  if ({w} < {num}) {{ {w2}.{v}('{n}'); }}",
    "const {{ {w} }} = require('./{w2}');",
    '<{w} {w2}="{num}">{n}</{w}>',
    '{{"{w}": [{d}, {d2}], "{w2}": null}}',
    "2 {n}s, {num} g {n2}, a pinch of {w}",
    "TODO({N}): {v} {p}:{num}",
    "{w}, {w2}; {n}: {a} / {a2} + {num} = ? <{p}> [{d}] {{{w}}} ~{num} @{w2} & *{n}* \\{l}",
)
HEADINGS = (
    "# {v_} the {n}",
    "## {N}",
    "## How to {v}",
    "### {n} and {n2}",
    "# Rules",
    "## General",
    "## Style",
    "### Limits",
    "**{w}**",
)
TAGS = "context environment environment_context instructions rules info settings notes reminder".split()


def slots(w):
    words = {name: w.word() for name in ("a", "a2", "n", "n2", "w", "w2")} | {name: w.verb() for name in ("v", "v2", "v3")}
    digits = {"d": w.r.randint(0, 9), "d2": w.r.randint(0, 9), "num": w.number(), "l": w.r.choice("abcfgiknpqrsuxz")}
    return words | digits | {"n3": w.noun(), "v_": w.verb().capitalize(), "N": w.name(), "p": w.path()}


def instructions(w, count):
    """About `count` sentences under headings, in paragraphs and lists."""
    r, parts = w.r, []
    while count > 0:
        if count > 4 and r.random() < 0.5:
            parts.append(r.choice(HEADINGS).format(**slots(w)))
        size = min(count, r.randint(1, 7))
        lines = [r.choice(SENTENCES).format(**slots(w)) for _ in range(size)]
        parts.append("\n".join("- " + line for line in lines) if r.random() < 0.4 else " ".join(lines))
        count -= size
    return r.choice(("\n\n", "\n\n", "\n")).join(parts)


def text(w):
    """A file as people write them: headings, paragraphs, lists, lines of code."""
    r = w.r
    parts = [r.choice(HEADINGS).format(**slots(w))] if r.random() < 0.5 else []
    for _ in range(r.choice((1, 1, 2, 2, 3))):
        lines = [r.choice(LINES if r.random() < 0.75 else SENTENCES).format(**slots(w)) for _ in range(r.randint(1, 4))]
        parts.append((" " if r.random() < 0.3 else "\n").join(lines))
    return r.choice(("\n\n", "\n\n", "\n")).join(parts) + "\n"


def surroundings(w):
    """A block in tags that a client puts before the first wish."""
    r, tag = w.r, w.r.choice(TAGS)
    pairs = [
        (r.choice(("cwd", "shell", "date", "os", "user", "zone", "root", "branch", w.word())), w.value())
        for _ in range(r.randint(1, 6))
    ]
    if r.random() < 0.6:
        body = "\n".join(f"  <{k}>{v}</{k}>" for k, v in pairs)
    else:
        body = "\n".join(f"{k}: {v}" for k, v in pairs) if r.random() < 0.7 else instructions(w, r.randint(1, 5))
    return f"<{tag}>\n{body}\n</{tag}>"
