"""The loop of a coding agent: run the tests, read the failure, fix the file, run again, report."""
from benches import Bench

FLAVOURS = ("sh", "py-script", "py-assert", "py-unit", "node-script", "node-assert", "pytest")
REAL = FLAVOURS[:-1]  # what the evaluation can run for real


def lines(bench, case, line):
    """The line with the head of its function above it: the name that failed leads there, and no other function has both."""
    return "\n".join([*case.before, ("  " if bench.language == "js" else "    ") + line]) if case.before else line


def fix(s, flavour=None):
    """The whole loop."""
    r, w = s.r, s.w
    bench = Bench(w, flavour or r.choice(FLAVOURS))
    s.world.files.update(bench.files)
    s.world.runner = bench.run
    for _ in range(r.choice((0, 0, 0, 1, 1, 2, 3))):
        s.world.files.setdefault(w.path(("txt", "md", "json", "log", "csv")), w.word() + "\n")
    if r.random() < 0.06:
        s.world.files["__pycache__/" + bench.module + ".pyc"] = "x\n"
    if r.random() < 0.08:  # nothing is wrong
        s.world.files[bench.source] = (
            "\n".join(
                next((line.replace(c.wrong, c.right) for c in bench.broken if line.strip() == c.wrong), line)
                for line in bench.files[bench.source].splitlines()
            )
            + "\n"
        )
    named = r.random() < 0.5 or not s.can("list")
    if named:
        s.user(
            r.choice(
                (
                    "Run {} and fix what fails.",
                    "Make {} pass.",
                    "The tests fail. Run {} and repair the code.",
                    "Run {}, fix the failure, and run it again.",
                    "Please run {} and fix the failing test.",
                    "{} fails. Fix it.",
                    "Fix the code so that {} passes.",
                    "run {} and fix it",
                )
            ).format(bench.command),
            skill="fix tests",
        )
    else:
        s.user(
            r.choice(
                (
                    "Fix the failing test.",
                    "fix the failing test",
                    "Run the tests and fix what fails.",
                    "run the tests and fix what fails",
                    "The tests fail. Fix them.",
                    "Make the tests pass.",
                    "Fix the tests.",
                    "Please fix the failing test.",
                    "A test fails. Find out why and fix it.",
                    "Fix the bug that the tests show.",
                    "Run the tests and repair the code.",
                    "Something is broken. Run the tests and fix it.",
                    "fix the bug",
                    "make the tests green",
                )
            ),
            skill="fix tests",
        )
        s.call(("list", {"path": "."}))
        if not bench.wrapper:
            bench.command = (
                f"sh {bench.test}"
                if bench.flavour == "sh"
                else "pytest"
                if bench.flavour == "pytest"
                else (f"node {bench.test}" if bench.language == "js" else f"python3 {bench.test}")
            )
    mended = []
    for _ in range(4):
        s.call(("run", {"command": bench.command}))
        bad = [c for c in bench.cases if bench.state(s.world, c) != c.want]
        if not bad:
            break
        if not mended:  # the files are read once
            if not bench.names_source or bench.flavour not in ("sh", "py-script", "node-script"):
                s.call(("read", {"path": bench.test}))
            s.call(("read", {"path": bench.source}))
        s.call(("edit", {"path": bench.source, "old": lines(bench, bad[0], bad[0].wrong), "new": lines(bench, bad[0], bad[0].right)}))
        mended.append(bad[0].name)
    if mended:
        s.say(f"Fixed {' and '.join(mended)} in {bench.source}. The tests pass now.", must=["tests pass"])
    else:
        s.say("All tests pass. There is nothing to fix.", must=["tests pass"])
    s.turns[-1]["bench"] = bench
