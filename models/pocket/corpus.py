"""The training mix: scenes of one or several tasks, and the copying drills that come first."""
import random

import tasks_edit as edits
import tasks_files as files
import tasks_memory as memory
import tasks_talk as talk
import tasks_tests as tests
import tasks_tools as choice
from scene import Scene
from tools import AGENT, folder_tools
from words import Words
from world import World

# task, tools it needs, weight
FILE_TASKS = (
    (files.read, ("read",), 4),
    (files.read_two, ("read",), 1),
    (files.show, ("read",), 2.5),
    (files.missing, ("read",), 0.5),
    (files.listing, ("list", "read"), 3),
    (files.search, ("search",), 3),
    (edits.edit, ("read", "edit", "search"), 5),
    (edits.replace, ("read", "edit"), 2),
    (edits.append, ("read", "edit"), 1.2),
    (edits.create, ("write",), 0.6),
    (files.command, ("run",), 1.5),
    (tests.fix, ("list", "read", "edit", "run"), 7),
    (tests.run_tests, ("run",), 0.7),
)


def drill(w) -> str:
    """Raw text that repeats itself: what a model must learn first is to copy."""
    r = w.r
    items = [r.choice((w.word, w.value, w.name, w.path, w.number))() for _ in range(r.randint(4, 24))]
    glue = r.choice((" ", "\n", ", ", " = ", '", "', "\n- ", "/"))
    text = glue.join(items)
    k = r.random()
    if k < 0.4:
        return (text + "\n") * r.randint(2, 4)
    pairs = [(w.word(), w.value()) for _ in range(r.randint(2, 10))]
    style, style2 = (r.choice(("{}: {}", "{} = {}", "{} is {}", '"{}": "{}"', "{} {}")) for _ in range(2))
    text = "\n".join(style.format(*p) for p in pairs) + "\n"
    for _ in range(2):
        r.shuffle(pairs)
        text += "\n".join(style2.format(*p) for p in pairs) + "\n"
    return text


def scene(r: random.Random, held_out=False, longest=1) -> Scene:
    """A scene with up to `longest` tasks under one list of tools."""
    w = Words(r, held_out)
    k = r.random()
    count = 1 if longest == 1 else r.randint(1, longest)
    if k < 0.12:
        s = Scene(w)
        (memory.memory if r.random() < 0.8 else talk.talk)(s)
        return s
    if k < 0.32:
        s = Scene(w, choice.offered_tools(w, r.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))))
        kept = memory.Memory()
        for _ in range(count + r.randint(0, 1)):
            j = r.random()
            if j < 0.66:
                choice.choose(s)
            elif j < 0.74:
                choice.choose_two(s)
            elif j < 0.82:
                kept.step(s)
            else:
                (talk.small_talk if r.random() < 0.5 else talk.cannot)(s)
        return s
    tasks = r.choices(FILE_TASKS, [t[2] for t in FILE_TASKS], k=count)
    needed = sorted({kind for _, kinds, _ in tasks for kind in kinds}, key=lambda _: r.random())
    if needed and "search" in needed and r.random() < 0.5 and not any(t[0] in (files.search,) for t in tasks):
        needed.remove("search")
    offered = folder_tools(w, needed, most=6 if r.random() < 0.5 else len(needed))
    if r.random() < 0.15:
        extra = choice.offered_tools(w, r.randint(1, 3))
        offered = dict(sorted({**offered, **extra}.items(), key=lambda _: r.random()))
    if r.random() < 0.2 and set(needed) <= set(AGENT):  # just the built-in agent
        s = Scene(w, dict(AGENT), None if r.random() < 0.3 else "You are a coding agent. Use the tools to do the task.")
    else:
        s = Scene(w, offered, world=World(r))
    kept = memory.Memory()
    if r.random() < 0.15:
        kept.step(s)
    for task, _, _ in tasks:
        fresh(s)
        task(s)
        if r.random() < 0.12:
            kept.step(s)
        elif r.random() < 0.18:
            (talk.small_talk if r.random() < 0.65 else talk.cannot)(s)
    if kept.facts:
        kept.recall(s)
    return s


def fresh(s):
    """An empty folder with the same habits, for the next task."""
    if s.world.files:
        style = s.world.style
        s.world = World(s.r)
        s.world.style = style


def pieces(r: random.Random, longest=1, drills=0.0):
    """One training document as (text, learn) pieces."""
    if r.random() < drills:
        return [(drill(Words(r, False)), True)]
    while True:
        try:
            return scene(r, False, longest).pieces()
        except StopIteration:
            continue


if __name__ == "__main__":
    import sys

    source = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
        print("".join(f"\033[32m{t}\033[0m" if learn else t for t, learn in pieces(source, 3)))
        print("=" * 100)
