"""Sources with faults and the tests that show them. The test files are real programs: they run under python3, node and sh."""
from bench_cases import Case, make_case
from bench_output import BenchOutput
from text_files import key


class Bench(BenchOutput):
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
        self.words = r.choice(
            (("FAIL", "ok"), ("not ok", "ok"), ("FAILED", "PASSED"), ("✗", "✓"), ("fail:", "pass:"), ("[FAIL]", "[ OK ]"))
        )
        self.shape = r.choice(
            (
                "{bad} {name}: expected {want}, got {got}",
                "{bad} {name}: got {got}, expected {want}",
                "{bad} {expr} is {got}, expected {want}",
                "{bad} {name} - expected {want} but got {got}",
                "{bad} {expr} should be {want} but is {got}",
                "{bad} {name}\n  expected: {want}\n  actual:   {got}",
            )
        )
        self.totals = r.choice(
            ("{p} passed, {f} failed", "{f} failed, {p} passed", "passed: {p}, failed: {f}", "", "{p} of {n} tests passed")
        )
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
            self.files["package.json"] = (
                '{\n  "name": "'
                + self.module
                + '",\n  "version": "1.0.0",\n  "scripts": {\n    "test": "'
                + self.wrapped
                + '"\n  }\n}\n'
            )

    def _sh(self):
        """Settings checked by a shell script."""
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
        self.shape = r.choice(
            (
                "{bad} {src}: {name} should be {want} but is {got}",
                "{bad} {src}: expected {name} to be {want}, found {got}",
                "{bad} {src}: {name} should be {want}",
                "{bad} {src}: {name} must be {want}",
                "{bad} {name} in {src}: expected {want}, got {got}",
            )
        )
        self.test = r.choice(("check.sh", "test.sh", "run_tests.sh", "verify.sh", self.w.word() + ".sh"))
        self.files = {self.source: "\n".join(lines) + "\n"}
        body = ["#!/bin/sh", "failed=0"]
        for case in self.cases:
            good = f"{self.words[1]} {case.name}"
            body += [
                f'if grep -qxF -e "{case.right}" {self.source}; then',
                f'  echo "{good}"',
                "else",
                f'  echo "{self._bad(case)}"',
                "  failed=1",
                "fi",
            ]
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
            if case.name in names or any(
                case.wrong == c.wrong or case.wrong == c.right or case.right == c.wrong for c in self.cases
            ):
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
        self.files = {
            self.source: "\n".join(source).rstrip() + "\n",
            self.test: "\n".join(getattr(self, "_test_" + self.flavour.replace("-", "_"))()) + "\n",
        }
        self.command = {
            "py-script": f"python3 {self.test}",
            "py-assert": f"python3 {self.test}",
            "py-unit": r.choice((f"python3 -m unittest", f"python3 {self.test}")),
            "pytest": r.choice(("pytest", "pytest -q", "python3 -m pytest")),
            "node-script": f"node {self.test}",
            "node-assert": f"node {self.test}",
        }[self.flavour]
        if self.flavour == "py-unit":
            self.files[self.test] += '\n\nif __name__ == "__main__":\n    unittest.main()\n'

    def _bad(self, case):
        text = self.shape.format(
            bad=self.words[0], name=case.name, expr=case.expression, got=case.got, want=case.want, src=self.source
        )
        return (
            text
            if self.flavour == "sh" or not self.names_source
            else text.replace(self.words[0], f"{self.words[0]} {self.source}:", 1)
        )

    def _test_py_script(self):
        names = ", ".join(c.name for c in self.cases)
        rows = [f'    ("{c.name}", "{c.expression}", {c.expression}, {c.want!r}),' for c in self.cases]
        shape = self._bad(Case("{name}", "{expression}", "{got}", "{want}", "", "")).replace("\n", "\\n")
        lines = [
            f"from {self.module} import {names}",
            "",
            "failed = 0",
            "tests = [",
            *rows,
            "]",
            "for name, expression, got, want in tests:",
            "    if got == want:",
            f'        print(f"{self.words[1]} {{name}}")',
            "    else:",
            "        failed += 1",
            f'        print(f"{shape}")',
        ]
        if self.totals:
            text = self.totals.format(p="{len(tests) - failed}", f="{failed}", n="{len(tests)}")
            lines.append(f'print(f"{text}")')
        return lines + ["raise SystemExit(1 if failed else 0)"]

    def _test_node_script(self):
        names = ", ".join(c.name for c in self.cases)
        rows = [f'  ["{c.name}", "{c.expression}", {c.expression}, {c.want!r}],' for c in self.cases]
        shape = self._bad(Case("${name}", "${expression}", "${got}", "${want}", "", "")).replace("\n", "\\n")
        lines = [
            f"const {{ {names} }} = require('./{self.module}');",
            "",
            "let failed = 0;",
            "const tests = [",
            *rows,
            "];",
            "for (const [name, expression, got, want] of tests) {",
            "  if (got === want) {",
            f"    console.log(`{self.words[1]} ${{name}}`);",
            "  } else {",
            "    failed++;",
            f"    console.log(`{shape}`);",
            "  }",
            "}",
        ]
        if self.totals:
            text = self.totals.format(p="${tests.length - failed}", f="${failed}", n="${tests.length}")
            lines.append(f"console.log(`{text}`);")
        return lines + ["process.exit(failed ? 1 : 0);"]

    def _test_py_assert(self):
        return (
            [f"from {self.module} import {', '.join(c.name for c in self.cases)}", ""]
            + [
                f'assert {c.expression} == {c.want!r}, f"{c.expression} should be {c.want}, not {{{c.expression}}}"'
                for c in self.cases
            ]
            + ['print("all tests passed")']
        )

    def _test_node_assert(self):
        return (
            [
                "const assert = require('assert');",
                f"const {{ {', '.join(c.name for c in self.cases)} }} = require('./{self.module}');",
                "",
            ]
            + [f"assert.strictEqual({c.expression}, {c.want!r});" for c in self.cases]
            + ["console.log('all tests passed');"]
        )

    def _test_py_unit(self):
        body = []
        for c in self.cases:
            body += [f"    def test_{c.name}(self):", f"        self.assertEqual({c.expression}, {c.want!r})", ""]
        return [
            "import unittest",
            "",
            f"from {self.module} import {', '.join(c.name for c in self.cases)}",
            "",
            "",
            "class Tests(unittest.TestCase):",
        ] + body[:-1]

    def _test_pytest(self):
        body = []
        for c in self.cases:
            body += ["", "", f"def test_{c.name}():", f"    assert {c.expression} == {c.want!r}"]
        return [f"from {self.module} import {', '.join(c.name for c in self.cases)}"] + body
