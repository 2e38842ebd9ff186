"""What clients put before a wish: long instructions, remarks about the surroundings. None of it is needed for the answer; a model that has
never read such text takes it for something to act on."""

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
    return {
        "a": w.word(), "a2": w.word(), "n": w.word(), "n2": w.word(), "n3": w.noun(), "v": w.verb(), "v2": w.verb(), "v3": w.verb(),
        "v_": w.verb().capitalize(), "N": w.name(), "w": w.word(), "w2": w.word(), "p": w.path(), "num": w.number(),
    }  # fmt: skip


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
