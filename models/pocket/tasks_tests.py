"""The loop of a coding agent: run the tests, read the failure, fix the file, run again, report.

A `Case` is one fact about one file that a test checks. The test files are real programs (they run under python3, node and sh), and
`Bench.run` prints what they would print, for the world in memory."""
from words import ADJECTIVES

OPERATIONS = {"+": "add plus sum_of sum total add_up".split(), "-": "subtract sub minus difference take_away".split(),
              "*": "multiply mul times product area".split()}
UNARY = {"double": ("x * 2", lambda x: x * 2), "triple": ("x * 3", lambda x: x * 3), "square": ("x * x", lambda x: x * x),
         "increment": ("x + 1", lambda x: x + 1), "decrement": ("x - 1", lambda x: x - 1), "half": ("x // 2", lambda x: x // 2),
         "negate": ("-x", lambda x: -x), "next_number": ("x + 1", lambda x: x + 1)}
COMPARE = {"larger": ">", "bigger": ">", "maximum": ">", "max_of": ">", "smaller": "<", "minimum": "<", "min_of": "<", "least": "<", "greatest": ">"}


class Case:
    """name, the expression that the test evaluates, what it gives now and should give, the wrong line and the right one."""

    def __init__(self, name, expression, got, want, wrong, right, before=(), after=()):
        self.name, self.expression, self.got, self.want, self.wrong, self.right = name, expression, got, want, wrong, right
        self.before, self.after = before, after  # lines around it in the source


def operate(op, a, b):
    return a + b if op == "+" else a - b if op == "-" else a * b


def make_case(w, language):
    """A small function or constant with a fault that its name or the expected value explains."""
    r = w.r
    js = language == "js"
    head = lambda name, args: [f"function {name}({args}) {{"] if js else [f"def {name}({args}):"]
    tail = ["}"] if js else []
    end = ";" if js else ""
    show = lambda v: ("'" + v + "'") if isinstance(v, str) else str(v)
    k = r.random()
    if k < 0.3:
        op = r.choice("+-*")
        name = r.choice(OPERATIONS[op])
        bad = r.choice([o for o in "+-*" if o != op])
        a, b = r.randint(2, 20), r.randint(2, 20)
        if operate(op, a, b) == operate(bad, a, b):
            b += 3
        x, y = r.choice((("a", "b"), ("x", "y"), ("left", "right"), ("m", "n")))
        return Case(name, f"{name}({a}, {b})", operate(bad, a, b), operate(op, a, b), f"return {x} {bad} {y}{end}", f"return {x} {op} {y}{end}",
                    head(name, f"{x}, {y}"), tail)
    if k < 0.42 and not js:
        name = r.choice(list(UNARY))
        right, f = UNARY[name]
        wrong, g = r.choice([v for key, v in UNARY.items() if v[0] != right])
        x = r.randint(3, 30)
        if f(x) == g(x):
            x += 4
        return Case(name, f"{name}({x})", g(x), f(x), f"return {wrong}", f"return {right}", head(name, "x"))
    if k < 0.5 and not js:
        name = r.choice(list(COMPARE))
        op = COMPARE[name]
        a, b = r.sample(range(1, 60), 2)
        hi, lo = max(a, b), min(a, b)
        return Case(name, f"{name}({a}, {b})", lo if op == ">" else hi, hi if op == ">" else lo, f"return a if a {'<' if op == '>' else '>'} b else b",
                    f"return a if a {op} b else b", head(name, "a, b"))
    name = w.word() if r.random() < 0.7 else w.word() + "_" + w.word()
    if name in ("async", "class", "def", "return", "import", "package", "public", "private"):
        name += "_x"
    value = lambda: w.pick(ADJECTIVES) if r.random() < 0.3 else w.word()
    if k < 0.72:
        got, want = r.sample(range(0, 9999) if r.random() < 0.5 else range(0, 60), 2)
    else:
        got, want = value(), value()
        while got == want:
            want = value()
    quote = (lambda v: '"' + v + '"') if r.random() < 0.6 else show
    text = (lambda v: quote(v) if isinstance(v, str) else str(v))
    return Case(name, f"{name}()", got, want, f"return {text(got)}{end}", f"return {text(want)}{end}", head(name, ""), tail)


class Bench:
    """Sources, a test file and a command; `run` prints what the test prints for the files as they are."""

    def __init__(self, w, flavour):
        self.w, self.flavour = w, flavour
        r = w.r
        self.language = "js" if flavour.startswith("node") else "py"
        self.module = w.stem().replace("-", "_")
        self.folder = "" if r.random() < 0.75 or flavour != "sh" else w.folder()
        self.broken = []
        self.passing = r.randint(0, 2)
        self.names_source = r.random() < 0.6
        self.marked = r.random() < 0.7
        self.words = r.choice((("FAIL", "ok"), ("not ok", "ok"), ("FAILED", "PASSED"), ("✗", "✓"), ("fail:", "pass:"), ("[FAIL]", "[ OK ]")))
        self.shape = r.choice(("{bad} {name}: expected {want}, got {got}", "{bad} {name}: got {got}, expected {want}", "{bad} {expr} is {got}, expected {want}",
                               "{bad} {name} - expected {want} but got {got}", "{bad} {expr} should be {want} but is {got}",
                               "{bad} {name}\n  expected: {want}\n  actual:   {got}"))
        self.totals = r.choice(("{p} passed, {f} failed", "{f} failed, {p} passed", "passed: {p}, failed: {f}", "", "{p} of {n} tests passed"))
        getattr(self, "_" + ("sh" if flavour == "sh" else "code"))()
        self.wrapper, self.wrapped = "", self.command
        if r.random() < 0.15 and flavour != "pytest":
            self._wrap(r.choice(("make", "npm")))

    def _wrap(self, program):
        """`make test` or `npm test` instead of the command itself."""
        self.wrapper, self.command = program, program + " test"
        if program == "make":
            self.files["Makefile"] = f"test:\n\t{self.wrapped}\n"
        else:
            self.files["package.json"] = '{\n  "name": "' + self.module + '",\n  "version": "1.0.0",\n  "scripts": {\n    "test": "' + self.wrapped + '"\n  }\n}\n'

    def _sh(self):
        """Settings checked by a shell script."""
        from tasks_files import key
        r, w = self.w.r, self.w
        self.source = w.path(("cfg", "ini", "conf", "yml", "txt", "env"), self.folder)
        style = r.choice(("{}: {}", "{} = {}", "{}={}"))
        count = 1 if r.random() < 0.8 else 2
        pairs = {}
        while len(pairs) < count + self.passing:
            pairs.setdefault(key(w), (w.value(), w.value()))
        self.cases, lines = [], []
        for i, (k, (got, want)) in enumerate(pairs.items()):
            bad = i < count and got != want
            case = Case(k, k, got, want if bad else got, style.format(k, got), style.format(k, want if bad else got))
            self.cases.append(case)
            lines.append(case.wrong)
            if bad:
                self.broken.append(case)
        r.shuffle(lines)
        self.names_source = True
        self.shape = r.choice(("{bad} {src}: {name} should be {want} but is {got}", "{bad} {src}: expected {name} to be {want}, found {got}",
                               "{bad} {src}: {name} should be {want}", "{bad} {src}: {name} must be {want}", "{bad} {name} in {src}: expected {want}, got {got}"))
        self.test = r.choice(("check.sh", "test.sh", "run_tests.sh", "verify.sh", self.w.word() + ".sh"))
        self.files = {self.source: "\n".join(lines) + "\n"}
        body = ["#!/bin/sh", "failed=0"]
        for case in self.cases:
            good = f"{self.words[1]} {case.name}"
            body += [f'if grep -qxF -e "{case.right}" {self.source}; then', f'  echo "{good}"', "else", f'  echo "{self._bad(case)}"', "  failed=1", "fi"]
        self.files[self.test] = "\n".join(body + ["exit $failed"]) + "\n"
        self.command = r.choice(("sh {}", "sh {}", "./{}", "bash {}")).format(self.test)

    def _code(self):
        r, w = self.w.r, self.w
        js = self.language == "js"
        self.source = self.module + (".js" if js else ".py")
        self.cases, names = [], set()
        count = 1 if r.random() < 0.8 else 2
        while len(self.cases) < count + self.passing:
            case = make_case(w, self.language)
            if case.name in names or any(case.wrong == c.wrong or case.wrong == c.right or case.right == c.wrong for c in self.cases):
                continue
            names.add(case.name)
            if len(self.cases) >= count:
                case.wrong, case.got = case.right, case.want
            self.cases.append(case)
        self.broken = self.cases[:count]
        r.shuffle(self.cases)
        source = []
        for case in self.cases:
            source += [*case.before, ("  " if js else "    ") + case.wrong, *case.after, ""] + ([] if js else [""])
        if js:
            source.append("module.exports = { " + ", ".join(c.name for c in self.cases) + " };")
        self.test = r.choice((f"test_{self.module}", f"{self.module}_test", "test", "tests", "check")) + (".js" if js else ".py")
        if self.flavour in ("py-unit", "pytest"):
            self.test = f"test_{self.module}.py"
        if self.flavour == "py-unit":
            self.test = f"test_{self.module}.py"
        self.files = {self.source: "\n".join(source).rstrip() + "\n", self.test: "\n".join(getattr(self, "_test_" + self.flavour.replace("-", "_"))()) + "\n"}
        self.command = {"py-script": f"python3 {self.test}", "py-assert": f"python3 {self.test}", "py-unit": r.choice((f"python3 -m unittest", f"python3 {self.test}")),
                        "pytest": r.choice(("pytest", "pytest -q", "python3 -m pytest")), "node-script": f"node {self.test}", "node-assert": f"node {self.test}"}[self.flavour]
        if self.flavour == "py-unit":
            self.files[self.test] += '\n\nif __name__ == "__main__":\n    unittest.main()\n'

    def _bad(self, case):
        text = self.shape.format(bad=self.words[0], name=case.name, expr=case.expression, got=case.got, want=case.want, src=self.source)
        return text if self.flavour == "sh" or not self.names_source else text.replace(self.words[0], f"{self.words[0]} {self.source}:", 1)

    def _test_py_script(self):
        names = ", ".join(c.name for c in self.cases)
        rows = [f"    (\"{c.name}\", \"{c.expression}\", {c.expression}, {c.want!r})," for c in self.cases]
        shape = self._bad(Case("{name}", "{expression}", "{got}", "{want}", "", "")).replace("\n", "\\n")
        lines = [f"from {self.module} import {names}", "", "failed = 0", "tests = [", *rows, "]", "for name, expression, got, want in tests:", "    if got == want:",
                 f"        print(f\"{self.words[1]} {{name}}\")", "    else:", "        failed += 1", f"        print(f\"{shape}\")"]
        if self.totals:
            text = self.totals.format(p="{len(tests) - failed}", f="{failed}", n="{len(tests)}")
            lines.append(f"print(f\"{text}\")")
        return lines + ["raise SystemExit(1 if failed else 0)"]

    def _test_node_script(self):
        names = ", ".join(c.name for c in self.cases)
        rows = [f"  [\"{c.name}\", \"{c.expression}\", {c.expression}, {c.want!r}]," for c in self.cases]
        shape = self._bad(Case("${name}", "${expression}", "${got}", "${want}", "", "")).replace("\n", "\\n")
        lines = [f"const {{ {names} }} = require('./{self.module}');", "", "let failed = 0;", "const tests = [", *rows, "];",
                 "for (const [name, expression, got, want] of tests) {", "  if (got === want) {", f"    console.log(`{self.words[1]} ${{name}}`);", "  } else {",
                 "    failed++;", f"    console.log(`{shape}`);", "  }", "}"]
        if self.totals:
            text = self.totals.format(p="${tests.length - failed}", f="${failed}", n="${tests.length}")
            lines.append(f"console.log(`{text}`);")
        return lines + ["process.exit(failed ? 1 : 0);"]

    def _test_py_assert(self):
        return [f"from {self.module} import {', '.join(c.name for c in self.cases)}", ""] + [
            f"assert {c.expression} == {c.want!r}, f\"{c.expression} should be {c.want}, not {{{c.expression}}}\"" for c in self.cases] + ['print("all tests passed")']

    def _test_node_assert(self):
        return ["const assert = require('assert');", f"const {{ {', '.join(c.name for c in self.cases)} }} = require('./{self.module}');", ""] + [
            f"assert.strictEqual({c.expression}, {c.want!r});" for c in self.cases] + ["console.log('all tests passed');"]

    def _test_py_unit(self):
        body = []
        for c in self.cases:
            body += [f"    def test_{c.name}(self):", f"        self.assertEqual({c.expression}, {c.want!r})", ""]
        return ["import unittest", "", f"from {self.module} import {', '.join(c.name for c in self.cases)}", "", "", "class Tests(unittest.TestCase):"] + body[:-1]

    def _test_pytest(self):
        body = []
        for c in self.cases:
            body += ["", "", f"def test_{c.name}():", f"    assert {c.expression} == {c.want!r}"]
        return [f"from {self.module} import {', '.join(c.name for c in self.cases)}"] + body

    def state(self, world, case):
        """What the case gives with the files as they are."""
        lines = [line.strip() for line in world.files.get(self.source, "").splitlines()]
        return case.want if case.right in lines and (case.wrong == case.right or case.wrong not in lines) else case.got

    def run(self, world, command):
        if command != self.command:
            program = command.split()
            return (127, f"sh: 1: {program[0]}: not found") if program[0] not in ("sh", "bash", "python3", "node") else (2, f"{program[0]}: can't open {program[-1]}")
        bad = [c for c in self.cases if self.state(world, c) != c.want]
        lines = (getattr(self, "_out_" + {"sh": "script", "py-script": "script", "node-script": "script"}.get(
            self.flavour, self.flavour.replace("-", "_")))(bad))
        if self.wrapper == "make":
            lines = [self.wrapped, *lines, *(["make: *** [Makefile:2: test] Error 1"] if bad else [])]
        elif self.wrapper == "npm":
            lines = ["", f"> {self.module}@1.0.0 test", f"> {self.wrapped}", "", *lines]
        return (2 if self.wrapper == "make" else 1) if bad else 0, "\n".join(lines)

    def _out_script(self, bad):
        out = [self._bad(c) if c in bad else f"{self.words[1]} {c.name}" for c in self.cases]
        if self.totals and self.flavour != "sh":
            out.append(self.totals.format(p=len(self.cases) - len(bad), f=len(bad), n=len(self.cases)))
        return out

    def _line_of(self, text):
        return next(i for i, line in enumerate(self.files[self.test].splitlines(), 1) if text in line)

    def _out_py_assert(self, bad):
        if not bad:
            return ["all tests passed"]
        c = bad[0]
        line = self.files[self.test].splitlines()[self._line_of(f"assert {c.expression} ==") - 1]
        where = self.w.r.choice(("", "/tmp/" + self.w.word() + "/", "/home/" + self.w.word() + "/"))
        marks = ["    " + " " * 7 + "^" * len(f"{c.expression} == {c.want!r}")] if self.marked else []
        return ["Traceback (most recent call last):", f'  File "{where}{self.test}", line {self._line_of(line)}, in <module>', "    " + line, *marks,
                "AssertionError: " + f"{c.expression} should be {c.want}, not {c.got}"]

    def _out_node_assert(self, bad):
        if not bad:
            return ["all tests passed"]
        c = bad[0]
        where = "/tmp/" + self.w.word() + "/"
        frames = ["    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)", "    at Module.load (node:internal/modules/cjs/loader:1266:32)",
                  "    at Module._load (node:internal/modules/cjs/loader:1091:12)",
                  "    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)"] if self.marked else []
        return [f"node:assert:{self.w.r.randint(80, 140)}", "  throw new AssertionError(obj);", "  ^", "", "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:", "",
                *( [f"{c.got!r} !== {c.want!r}", ""] if not isinstance(c.got, str) else ["+ actual - expected", "", f"+ {c.got!r}", f"- {c.want!r}", ""]),
                f"    at Object.<anonymous> ({where}{self.test}:{self._line_of(f'assert.strictEqual({c.expression},')}:8)",
                "    at Module._compile (node:internal/modules/cjs/loader:1521:14)", *frames, "    at node:internal/main/run_main_module:28:49 {",
                "  generatedMessage: true,", "  code: 'ERR_ASSERTION',", f"  actual: {c.got!r},", f"  expected: {c.want!r},", "  operator: 'strictEqual'", "}", *(["", "Node.js v20.20.2"] if self.marked else [])]

    def _out_py_unit(self, bad):
        count = len(self.cases)
        tail = ["-" * 70, f"Ran {count} test{'s' if count > 1 else ''} in 0.00{self.w.r.randint(0, 2)}s", ""]
        order = sorted(self.cases, key=lambda c: "test_" + c.name)
        dots = "".join("F" if c in bad else "." for c in order)
        if not bad:
            return [dots, *tail, "OK"]
        out = [dots]
        module = self.test[:-3] if "unittest" in (self.wrapped if self.wrapper else self.command) else "__main__"
        where = "/tmp/" + self.w.word() + "/"
        for c in [c for c in order if c in bad]:
            line = f"self.assertEqual({c.expression}, {c.want!r})"
            out += ["=" * 70, f"FAIL: test_{c.name} ({module}.Tests.test_{c.name})", "-" * 70, "Traceback (most recent call last):",
                    f'  File "{where}{self.test}", line {self._line_of(line)}, in test_{c.name}', "    " + line, f"AssertionError: {c.got!r} != {c.want!r}"]
            if isinstance(c.got, str):
                out += [f"- {c.got}", f"+ {c.want}", ""]
            out.append("")
        return out + tail + [f"FAILED (failures={len(bad)})"]

    def _out_pytest(self, bad):
        took = f"in 0.0{self.w.r.randint(1, 9)}s"
        if not bad:
            return ["." * len(self.cases) + " " * 40 + "[100%]", f"{len(self.cases)} passed {took}"]
        out = ["".join("F" if c in bad else "." for c in self.cases) + " " * 40 + "[100%]", "=" * 35 + " FAILURES " + "=" * 35]
        for c in bad:
            out += ["_" * 30 + f" test_{c.name} " + "_" * 30, "", f"    def test_{c.name}():", f">       assert {c.expression} == {c.want!r}",
                    f"E       assert {c.got!r} == {c.want!r}", f"E        +  where {c.got!r} = {c.expression}", "",
                    f"{self.test}:{self._line_of(f'assert {c.expression} ==')}: AssertionError"]
        out.append("=" * 27 + " short test summary info " + "=" * 27)
        out += [f"FAILED {self.test}::test_{c.name} - assert {c.got!r} == {c.want!r}" for c in bad]
        passed = f", {len(self.cases) - len(bad)} passed" if len(bad) < len(self.cases) else ""
        return out + [f"{len(bad)} failed{passed} {took}"]


FLAVOURS = ("sh", "py-script", "py-assert", "py-unit", "node-script", "node-assert", "pytest")
REAL = FLAVOURS[:-1]  # what the evaluation can run for real


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
        s.world.files[bench.source] = "\n".join(
            next((line.replace(c.wrong, c.right) for c in bench.broken if line.strip() == c.wrong), line) for line in bench.files[bench.source].splitlines()) + "\n"
    named = r.random() < 0.5 or "list" not in s.tools
    if named:
        s.user(r.choice(("Run {} and fix what fails.", "Make {} pass.", "The tests fail. Run {} and repair the code.", "Run {}, fix the failure, and run it again.",
                         "Please run {} and fix the failing test.", "{} fails. Fix it.", "Fix the code so that {} passes.", "run {} and fix it")).format(bench.command), skill="fix tests")
    else:
        s.user(r.choice(("Fix the failing test.", "fix the failing test", "Run the tests and fix what fails.", "run the tests and fix what fails", "The tests fail. Fix them.",
                         "Make the tests pass.", "Fix the tests.", "Please fix the failing test.", "A test fails. Find out why and fix it.", "Fix the bug that the tests show.",
                         "Run the tests and repair the code.", "Something is broken. Run the tests and fix it.", "fix the bug", "make the tests green")), skill="fix tests")
        s.call(("list", {"path": "."}))
        if not bench.wrapper:
            bench.command = f"sh {bench.test}" if bench.flavour == "sh" else "pytest" if bench.flavour == "pytest" else (
                f"node {bench.test}" if bench.language == "js" else f"python3 {bench.test}")
    known, reports = {}, []
    for _ in range(4):
        s.call(("run", {"command": bench.command}))
        bad = [c for c in bench.cases if bench.state(s.world, c) != c.want]
        if not bad:
            break
        if bench.source not in known:
            if not bench.names_source or bench.flavour not in ("sh", "py-script", "node-script"):
                s.call(("read", {"path": bench.test}))
            s.call(("read", {"path": bench.source}))
            known[bench.source] = True
        if bench.flavour in ("py-assert", "node-assert"):
            bad = bad[:1]
        for c in bad:
            s.call(("edit", {"path": bench.source, "old": c.wrong, "new": c.right}))
            reports.append(f"`{c.wrong}` is now `{c.right}`")
    if reports:
        s.say(f"Fixed: in {bench.source}, {' and '.join(reports)}. The tests pass now.", must=["tests pass"])
    else:
        s.say("All tests pass. There is nothing to fix.", must=["tests pass"])
    s.turns[-1]["bench"] = bench


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
    s.user(r.choice(("Run {} and tell me if it passes.", "Does {} pass?", "Do the tests pass? Run {}.", "Run {} and report. Do not change anything.")).format(bench.command),
           skill="run")
    s.call(("run", {"command": bench.command}))
    bad = [c for c in bench.cases if bench.state(s.world, c) != c.want]
    if not bad:
        s.say("All tests pass.", must=["pass"])
    else:
        s.say(f"It fails: {bad[0].name if bench.flavour not in ('py-assert', 'node-assert') else bad[0].expression if bench.flavour == 'py-assert' else 'strictEqual'}"
              f" gives {bad[0].got}, expected {bad[0].want}.", must=["fail"])
