"""The same tasks for a client whose only tool is a shell: what would be list, read, search, edit and write becomes a command line."""
import posixpath
import re

from tools import EXTRA, Parameter, Tool

NAMES = (
    ("exec_command", "cmd"),
    ("exec_command", "cmd"),
    ("shell", "command"),
    ("bash", "command"),
    ("Bash", "command"),
    ("run_shell_command", "command"),
    ("execute_command", "command"),
    ("terminal", "input"),
    ("sh", "script"),
    ("run", "command"),
)
DESCRIPTIONS = (
    "Runs a shell command and returns its output.",
    "Run a command in the shell.",
    "Executes a bash command in the folder of the user.",
    "Runs a command in a PTY, returning output or a session ID for ongoing interaction.",
    "Run a shell command and wait for it to end.",
    "Execute a command; prints what it printed.",
)
MEANT = ("", "The command.", "Shell command to execute.", "The command line to run.", "What to run in the shell.")
SPECIAL = re.compile(r"[\\.*\[\]^$/]")


class Unsayable(Exception):
    """What would take more than quotes in a command line."""


def shell_tool(w):
    """A tool that runs commands, under a usual or an invented name, with what else such tools take."""
    r = w.r
    name, parameter = r.choice(NAMES)
    if r.random() < 0.3:
        name = w.invented() + r.choice(("", "_x", "_shell"))
    extras = [
        Parameter(n, t, r.choice(("", "Optional.", f"The {w.word()} of the {w.word()}; off by default.")), False)
        for n, t in r.sample(EXTRA, r.choice((0, 0, 1, 2, 4, 8)))
    ]
    extras += [Parameter(w.word(), "boolean", "", False) for _ in range(r.choice((0, 0, 1)))]
    names = dict.fromkeys([parameter])
    extras = [p for p in extras if p.name not in names]
    return Tool(name, r.choice(DESCRIPTIONS), [Parameter(parameter, "string", r.choice(MEANT)), *extras], {"command": parameter})


def quoted(text):
    """The text as one word of a command line. Raises Unsayable."""
    if re.fullmatch(r"[\w./-]+", text):
        return text
    if "'" not in text:
        return f"'{text}'"
    if re.search(r'["$`\\!]', text):
        raise Unsayable(text)
    return f'"{text}"'


def command(kind, slots):
    """The command line that does what the tool of this kind would do. Raises Unsayable."""
    if kind == "run":
        return slots["command"]
    if kind == "search":
        return f"grep -rnH {quoted(slots['query'])} *"
    if kind == "list":
        return "ls" if slots["path"] in ("", ".") else "ls " + quoted(slots["path"])
    path = quoted(slots["path"])
    if kind == "read":
        return "cat " + path
    if kind == "write":
        folder = posixpath.dirname(slots["path"])
        return (f"mkdir -p {quoted(folder)} && " if folder else "") + f"echo {quoted(slots['content'])} > {path}"
    old, new = slots["old"].split("\n"), slots["new"].split("\n")
    if len(new) == len(old) + 1 and new[:-1] == old:
        return f"echo {quoted(new[-1])} >> {path}"
    if len(old) != len(new) or old[:-1] != new[:-1]:
        raise Unsayable(slots["old"])
    pattern = SPECIAL.sub(lambda m: "\\" + m.group(), old[-1].strip())
    instead = re.sub(r"[\\&/]", lambda m: "\\" + m.group(), new[-1].strip())
    return f"sed -i {quoted(f's/{pattern}/{instead}/')} {path}"


def output(world, kind, slots):
    """(exit code, what the command prints)"""
    if kind == "run":
        return world.ran(slots["command"])
    if kind == "search" and not world.files:
        return 2, "grep: *: No such file or directory"
    if kind == "search":
        hits = [f"{path}:{number}:{line}" for path, number, line in world.hits(slots["query"])]
        return (0 if hits else 1), "\n".join(hits)
    if kind == "list":
        names = world.entries(slots["path"])
        missing = f"ls: cannot access '{slots['path']}': No such file or directory"
        return (2, missing) if names is None else (0, "\n".join(name.rstrip("/") for name in names))
    path = world.clean(slots["path"])
    if kind == "read":
        return (0, world.files[path]) if path in world.files else (1, f"cat: {slots['path']}: No such file or directory")
    if kind == "write":
        world.files[path] = slots["content"] + "\n"
    elif path not in world.files:
        return 2, f"sed: can't read {slots['path']}: No such file or directory"
    elif world.files[path].count(slots["old"].split("\n")[-1].strip()) != 1:
        raise Unsayable(slots["old"])  # sed would change other lines, too
    else:
        world.files[path] = world.files[path].replace(slots["old"], slots["new"], 1)
    return 0, ""
