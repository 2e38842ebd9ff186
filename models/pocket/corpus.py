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
import tasks_usual as usual
from scene import Scene
from shells import Unsayable, shell_tool
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


LONG = 4  # tasks from which on a scene is a long one: it has about as many as it may, and more to remember


def scene(r: random.Random, held_out=False, longest=1) -> Scene:
    """A scene with up to `longest` tasks under one list of tools."""
    while True:
        try:
            return scene_of(r, held_out, longest)
        except Unsayable:
            continue


def scene_of(r, held_out, longest):
    w = Words(r, held_out)
    k, long = r.random(), longest >= LONG
    count = r.randint(longest * 2 // 3 if long else 1, longest)
    if k < 0.15:
        s = Scene(w, any_tools(w) if r.random() < 0.5 else {}, lengthy=long)
        if long:
            memory.memory(s, count)
        else:
            (memory.memory if r.random() < 0.85 else talk.talk)(s)
        return s
    if k < 0.52:
        if k > 0.45:
            return usual_scene(w, count if long else r.randint(1, 4), long)
        often = not held_out and r.random() < 0.35
        s = Scene(w, choice.offered_tools(w, r.randint(3, 12) if often else r.randint(1, 8)), lengthy=long)
        if often:
            choice.choose_often(s)
            return s
        kept = memory.Memory()
        for _ in range(count if long else 1 if longest == 1 else r.randint(1, 7)):
            j = r.random()
            if j < 0.76:
                choice.choose(s)
            elif j < 0.84:
                choice.choose_two(s)
            elif j < 0.89:
                kept.step(s)
            else:
                (talk.small_talk if r.random() < 0.5 else talk.beyond)(s)
        return s
    tasks = r.choices(FILE_TASKS, [t[2] for t in FILE_TASKS], k=count)
    s = shell_scene(w, long) if r.random() < 0.14 else folder_scene(w, tasks, long)
    kept = memory.Memory()
    if r.random() < (0.8 if long else 0.15):
        kept.step(s)
    for task, _, _ in tasks:
        fresh(s)
        task(s)
        if r.random() < 0.12:
            kept.step(s)
        elif r.random() < 0.18:
            (talk.small_talk if r.random() < 0.65 else talk.beyond)(s)
    for _ in range(r.randint(1, 4) if long else 1):
        if kept.facts:
            kept.recall(s)
    return s


def folder_scene(w, tasks, long):
    """Tools for files that these tasks need, and others."""
    r = w.r
    needed = sorted({kind for _, kinds, _ in tasks for kind in kinds}, key=lambda _: r.random())
    if needed and "search" in needed and r.random() < 0.5 and not any(t[0] is find.search for t in tasks):
        needed.remove("search")
    offered = folder_tools(w, needed, most=6 if r.random() < 0.7 else len(needed), plain=0.5)
    if r.random() < 0.15:
        offered = mixed(r, offered, choice.offered_tools(w, r.randint(1, 3)))
    if r.random() < 0.35 and set(needed) <= set(AGENT):  # just the built-in agent
        return Scene(
            w, dict(AGENT), None if r.random() < 0.3 else "You are a coding agent. Use the tools to do the task.", lengthy=long
        )
    return Scene(w, offered, world=World(r), lengthy=long)


def shell_scene(w, long):
    """One tool that runs commands, and others that are of no use."""
    r = w.r
    others = (
        {}
        if r.random() < 0.4
        else choice.offered_tools(w, r.randint(1, 9))
        if r.random() < 0.8
        else usual.usual_tools(w, r.randint(1, 4))
    )
    return Scene(w, mixed(r, {"run": shell_tool(w)}, others), lengthy=long, shell=True)


def usual_scene(w, count, long):
    """The usual tools of examples, perhaps among invented ones."""
    r = w.r
    offered = usual.usual_tools(w, r.choice((1, 1, 2, 3, 5)))
    if r.random() < 0.4:
        offered = mixed(r, offered, choice.offered_tools(w, r.randint(1, 4)))
    s = Scene(w, offered, lengthy=long)
    for _ in range(count):
        (usual.use if r.random() < 0.75 else talk.small_talk if r.random() < 0.5 else talk.beyond)(s)
    return s


def mixed(r, tools, others):
    return dict(sorted({**tools, **others}.items(), key=lambda _: r.random()))


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
    return scene(r, False, longest).pieces()


if __name__ == "__main__":
    import sys

    source = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
        print("".join(f"\033[32m{t}\033[0m" if learn else t for t, learn in pieces(source, 3)))
        print("=" * 100)
