"""Tasks that run a command and change nothing: one that the user names, or the tests."""
from benches import Bench
from tasks_tests import FLAVOURS
from words import FOLDERS


def command(s):
    """Run a command that the user names and tell what it printed."""
    r, w = s.r, s.w
    line = r.choice(
        (
            f"./{w.word()}.sh",
            f"make {w.word()}",
            f"python3 {w.word()}.py",
            f"node {w.word()}.js",
            f"echo {w.word()}",
            "git status",
            "date",
            "whoami",
            f"npm run {w.word()}",
            f"dotnet {w.word()}",
            f"sh {w.word()}.sh {w.word()}",
            f"ls {r.choice(FOLDERS)}",
            f"wc -l {w.path()}",
            "uname -a",
        )
    )
    printed = r.choice(
        (
            f"{w.word()} {w.word()}",
            w.value(),
            f"{w.word()}: {w.value()}",
            f"{w.word()}: {w.value()}\n{w.word()}: {w.value()}",
            "done",
        )
    )
    code = r.choice((0, 0, 0, 1, 2))
    s.world.runner = lambda world, c: (code, printed)
    s.world.style["exit"] = s.world.style["exit"] if code or r.random() < 0.7 else "{1}"
    s.user(
        r.choice(
            (
                "Run {}",
                "Run {}.",
                "run {}",
                "Please run {} and tell me what it prints.",
                "Execute {}",
                "What does {} print?",
                "Run the command {}",
            )
        ).format(line),
        skill="run",
    )
    s.call(("run", {"command": line}))
    s.say(f"It printed:\n{printed}", must=[printed])


def run_tests(s):
    """Only run, and report."""
    r = s.r
    bench = Bench(s.w, r.choice(FLAVOURS))
    s.world.files.update(bench.files)
    s.world.runner = bench.run
    good = r.random() < 0.4
    if good:
        text = bench.files[bench.source]
        for c in bench.broken:
            text = text.replace(c.wrong, c.right)
        s.world.files[bench.source] = text
    s.user(
        r.choice(
            (
                "Run {} and tell me if it passes.",
                "Does {} pass?",
                "Do the tests pass? Run {}.",
                "Run {} and report. Do not change anything.",
            )
        ).format(bench.command),
        skill="run",
    )
    s.call(("run", {"command": bench.command}))
    bad = [c for c in bench.cases if bench.state(s.world, c) != c.want]
    if not bad:
        s.say("All tests pass.", must=["pass"])
    else:
        s.say(f"It fails: expected {bad[0].want}, got {bad[0].got}.", must=["fail", str(bad[0].want)])
