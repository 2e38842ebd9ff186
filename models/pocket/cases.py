"""Held-out cases of every skill, and how one is played against a model: real tool calls, real files, checked answers."""
import json
import random
import tempfile

import tasks_edit as edits
import tasks_find as find
import tasks_memory as memory
import tasks_read as reading
import tasks_talk as talk
import tasks_tests as tests
import tasks_tools as choice
import tasks_usual as usual
from corpus import mixed
from folders import Folder
from scene import Scene
from shells import Unsayable, shell_tool
from tools import AGENT, folder_tools
from words import Words

PLAIN = {
    "missing": "error: no such file: {}",
    "edited": "edited {}",
    "unmatched": "error: the old text was not found in {}",
    "nothing": "no matches",
    "hit": "{}:{}: {}",
    "written": "wrote {}",
    "exit": "exit code {}\n{}",
    "list": "plain",
    "empty": "(empty)",
}
GOALS = {
    "memory": 98,
    "read": 95,
    "list and search": 90,
    "edit": 90,
    "fix tests": 80,
    "choose a tool": 90,
    "no tool": 90,
    "free text": 90,
    "usual tools": 90,
    "only a shell": 80,
}
STEPS_MAX = 12


class Case:
    """A scene as a conversation to be held: what the user says, and what must come of it."""

    def __init__(self, skill, s):
        self.skill, self.turns, self.tools, self.offered, self.system = skill, s.turns, s.tools, s.offered, s.system
        self.files, self.final = s.files_before or {}, None


def scene_for(skill, r):
    """A scene of this skill with held-out words, as the built-in agent offers its tools or as any other client might."""
    w = Words(r, held_out=True)
    if skill == "choose a tool":
        s = Scene(w, choice.offered_tools(w, r.randint(1, 8)))
        for _ in range(r.choice((1, 1, 2))):
            choice.choose(s)
        return s
    if skill == "usual tools":
        s = Scene(w, mixed(r, usual.usual_tools(w, r.randint(1, 5)), choice.offered_tools(w, r.randint(0, 3))))
        for _ in range(r.choice((1, 2, 3))):
            usual.use(s)
        return s
    if skill == "only a shell":
        return shell_only(w)
    kinds = ("list", "read", "edit", "search", "run")
    own = r.random() < 0.5
    tools = AGENT if own else folder_tools(w, kinds)
    if skill == "memory" and r.random() < 0.5:
        tools = {}
    if skill == "no tool" and not own:
        tools = choice.offered_tools(w, r.randint(1, 8))
    s = Scene(w, dict(tools), "You are a coding agent. Use the tools to do the task." if own else None)
    s.world.style.update(PLAIN)
    task = {
        "memory": (memory.memory,),
        "read": (reading.read, reading.read, lambda s: reading.show(s, free=0), reading.read_two),
        "free text": (reading.free_text,),
        "list and search": (find.listing, find.search),
        "edit": (edits.edit, edits.edit, edits.replace, edits.append),
        "no tool": (talk.small_talk, talk.small_talk, talk.beyond),
        "fix tests": (lambda s: tests.fix(s, r.choice(tests.REAL)),),
    }[skill]
    r.choice(task)(s)
    return s


def shell_only(w):
    """One task of any kind, for a client that has nothing but a shell and tools of no use."""
    r = w.r
    s = Scene(w, mixed(r, {"run": shell_tool(w)}, choice.offered_tools(w, r.randint(0, 5))), shell=True)
    s.world.style.update(PLAIN)
    tasks = (
        reading.read,
        lambda s: reading.show(s, free=0),
        find.listing,
        find.search,
        edits.edit,
        edits.replace,
        edits.append,
        tests.fix,
    )
    task = r.choice(tasks)
    try:
        task(s, r.choice(tests.REAL)) if task is tests.fix else task(s)
    except Unsayable:
        return shell_only(w)
    for turn in s.turns:
        turn["skill"] = "only a shell"
    return s


def cases(skill, count, seed):
    r, made = random.Random(f"{skill} {seed}"), []
    while len(made) < count:
        s = scene_for(skill, r)
        learnt = all(learn for role, _, _, learn in s.messages if role == "assistant")
        if learnt and any(turn["skill"] == skill for turn in s.turns):
            made.append(Case(skill, s))
    return made


def same_calls(made, expected):
    key = lambda calls: sorted(json.dumps([name, arguments], sort_keys=True) for name, arguments in calls)
    return key(made) == key(expected)


def judge(turn, answer, made, folder):
    """None, or what is wrong with this turn."""
    if answer is None:
        return "no answer"
    for text in turn["must"]:
        if text not in answer:
            return f"the answer lacks {text!r}"
    if turn["skill"] == "no tool" and made:
        return "called a tool"
    if turn.get("check_calls") and not same_calls(made, turn["calls"]):
        return f"called {made}, not {turn['calls']}"
    if "bench" in turn:
        bench, now = turn["bench"], folder.files
        if now.get(bench.test) != bench.files[bench.test]:
            return "changed the test"
        return None if folder.run(bench.command).startswith("exit code 0") else "the tests still fail"
    if folder is not None and turn["files"] is not None and folder.files != turn["files"]:
        return "the files are not as they should be"
    return None


def play(case, model):
    """Holds the conversation. `model.start(case)`, then `model.user(text)` and `model.results([(call id, text)])`, each giving
    (text, [(call id, name, arguments)]). Returns a list of (skill, what was wrong or None, answer)."""
    outcomes = []
    with tempfile.TemporaryDirectory() as root:
        folder = Folder(root, case.files)
        by_name = {tool.name: (kind, tool) for kind, tool in case.tools.items()}
        model.start(case)
        for turn in case.turns:
            results, made, answer = list(turn.get("results", [])), [], None
            text, calls = model.user(turn["user"])
            for _ in range(STEPS_MAX):
                if not calls:
                    answer = text
                    break
                replies = []
                for call_id, name, arguments in calls:
                    made.append((name, arguments))
                    replies.append((call_id, act(by_name, folder, results, name, arguments)))
                text, calls = model.results(replies)
            wrong = judge(turn, answer, made, folder)
            outcomes.append((turn["skill"], wrong, answer, made, turn))
            if wrong:
                break
    return outcomes


def act(by_name, folder, results, name, arguments):
    if name not in by_name:
        return f"error: there is no tool {name}"
    kind, tool = by_name[name]
    if tool.ask or tool.wish:  # not about files
        return results.pop(0) if results else "error: called too often"
    if not isinstance(arguments, dict):
        return "error: bad arguments"
    slots = {slot: arguments[p] for slot, p in tool.slots.items() if p in arguments}
    if not all(isinstance(v, str) for v in slots.values()):
        return "error: bad arguments"
    try:
        return folder.act(kind, slots)
    except TypeError as error:
        return f"error: {error}"


def table(rows):
    """Rows of (skill, good, count) as text."""
    lines = [f"{'skill':<18}{'right':>7}{'cases':>7}{'score':>9}{'goal':>7}"]
    for skill, good, count in rows:
        lines.append(f"{skill:<18}{good:>7}{count:>7}{100 * good / max(1, count):>8.1f}%{GOALS[skill]:>6}%")
    return "\n".join(lines)
