"""The training mix: scenes of one or several tasks, and the copying drills that come first."""
import random

import tasks_drill as drills
import tasks_edit as edits
import tasks_find as find
import tasks_memory as memory
import tasks_read as reading
import tasks_run as running
import tasks_talk as talk
import tasks_tests as tests
import tasks_tools as choice
from scene import Scene
from tools import AGENT, folder_tools
from words import Words
from world import World

# task, tools it needs, weight
FILE_TASKS = (
    (reading.read, ("read",), 4),
    (reading.read_two, ("read",), 1.8),
    (reading.show, ("read",), 2.6),
    (reading.missing, ("read",), 0.4),
    (find.listing, ("list", "read"), 2),
    (find.search, ("search",), 2.6),
    (edits.edit, ("read", "edit", "search"), 6),
    (edits.replace, ("read", "edit"), 5),
    (edits.append, ("read", "edit"), 2.6),
    (edits.create, ("write",), 0.5),
    (running.command, ("run",), 1),
    (tests.fix, ("list", "read", "edit", "run"), 8),
    (running.run_tests, ("run",), 0.5),
)


def scene(r: random.Random, held_out=False, longest=1) -> Scene:
    """A scene with up to `longest` tasks under one list of tools."""
    w = Words(r, held_out)
    k = r.random()
    count = 1 if longest == 1 else r.randint(1, longest)
    if k < 0.15:
        s = Scene(w, any_tools(w) if r.random() < 0.5 else {})
        (memory.memory if r.random() < 0.85 else talk.talk)(s)
        return s
    if k < 0.52:
        often = not held_out and r.random() < 0.35
        s = Scene(w, choice.offered_tools(w, r.randint(3, 12) if often else r.randint(1, 8)))
        if often:
            choice.choose_often(s)
            return s
        kept = memory.Memory()
        for _ in range(1 if longest == 1 else r.randint(1, 7)):
            j = r.random()
            if j < 0.76:
                choice.choose(s)
            elif j < 0.84:
                choice.choose_two(s)
            elif j < 0.89:
                kept.step(s)
            else:
                (talk.small_talk if r.random() < 0.5 else talk.cannot)(s)
        return s
    tasks = r.choices(FILE_TASKS, [t[2] for t in FILE_TASKS], k=count)
    needed = sorted({kind for _, kinds, _ in tasks for kind in kinds}, key=lambda _: r.random())
    if needed and "search" in needed and r.random() < 0.5 and not any(t[0] is find.search for t in tasks):
        needed.remove("search")
    offered = folder_tools(w, needed, most=6 if r.random() < 0.7 else len(needed), plain=0.5)
    if r.random() < 0.15:
        extra = choice.offered_tools(w, r.randint(1, 3))
        offered = dict(sorted({**offered, **extra}.items(), key=lambda _: r.random()))
    if r.random() < 0.35 and set(needed) <= set(AGENT):  # just the built-in agent
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


def any_tools(w):
    """Tools that lie there while something else is talked about."""
    k = w.r.random()
    if k < 0.4:
        return dict(AGENT)
    return folder_tools(w, ("list", "read", "edit", "search", "run")) if k < 0.8 else choice.offered_tools(w, w.r.randint(1, 6))


def fresh(s):
    """An empty folder with the same habits, for the next task."""
    if s.world.files:
        style = s.world.style
        s.world = World(s.r)
        s.world.style = style


def pieces(r: random.Random, longest=1, raw=0.0, talks=0.0):
    """One training document as (text, learn) pieces; `raw` and `talks` are the shares of the two kinds of copying exercises."""
    k = r.random()
    if k < raw:
        return [(drills.text(Words(r, False)), True)]
    if k < raw + talks:
        s = Scene(Words(r, False))
        drills.drill(s)
        return s.pieces()
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
