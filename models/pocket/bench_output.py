"""What the test programs of a bench print: the same words as python3, node, sh, make and npm."""


class BenchOutput:
    """The half of a bench that runs its test in memory."""

    def state(self, world, case):
        """What the case gives with the files as they are."""
        lines = [line.strip() for line in world.files.get(self.source, "").splitlines()]
        return case.want if case.right in lines and (case.wrong == case.right or case.wrong not in lines) else case.got

    def run(self, world, command):
        if command != self.command:
            program = command.split()
            return (
                (127, f"sh: 1: {program[0]}: not found")
                if program[0] not in ("sh", "bash", "python3", "node")
                else (2, f"{program[0]}: can't open {program[-1]}")
            )
        bad = [c for c in self.cases if self.state(world, c) != c.want]
        lines = getattr(
            self,
            "_out_"
            + {"sh": "script", "py-script": "script", "node-script": "script"}.get(self.flavour, self.flavour.replace("-", "_")),
        )(bad)
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
        return [
            "Traceback (most recent call last):",
            f'  File "{where}{self.test}", line {self._line_of(line)}, in <module>',
            "    " + line,
            *marks,
            "AssertionError: " + f"{c.expression} should be {c.want}, not {c.got}",
        ]

    def _out_node_assert(self, bad):
        if not bad:
            return ["all tests passed"]
        c = bad[0]
        where = "/tmp/" + self.w.word() + "/"
        frames = (
            [
                "    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)",
                "    at Module.load (node:internal/modules/cjs/loader:1266:32)",
                "    at Module._load (node:internal/modules/cjs/loader:1091:12)",
                "    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)",
            ]
            if self.marked
            else []
        )
        return [
            f"node:assert:{self.w.r.randint(80, 140)}",
            "  throw new AssertionError(obj);",
            "  ^",
            "",
            "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:",
            "",
            *(
                [f"{c.got!r} !== {c.want!r}", ""]
                if not isinstance(c.got, str)
                else ["+ actual - expected", "", f"+ {c.got!r}", f"- {c.want!r}", ""]
            ),
            f"    at Object.<anonymous> ({where}{self.test}:{self._line_of(f'assert.strictEqual({c.expression},')}:8)",
            "    at Module._compile (node:internal/modules/cjs/loader:1521:14)",
            *frames,
            "    at node:internal/main/run_main_module:28:49 {",
            "  generatedMessage: true,",
            "  code: 'ERR_ASSERTION',",
            f"  actual: {c.got!r},",
            f"  expected: {c.want!r},",
            "  operator: 'strictEqual'",
            "}",
            *(["", "Node.js v20.20.2"] if self.marked else []),
        ]

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
            out += [
                "=" * 70,
                f"FAIL: test_{c.name} ({module}.Tests.test_{c.name})",
                "-" * 70,
                "Traceback (most recent call last):",
                f'  File "{where}{self.test}", line {self._line_of(line)}, in test_{c.name}',
                "    " + line,
                f"AssertionError: {c.got!r} != {c.want!r}",
            ]
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
            out += [
                "_" * 30 + f" test_{c.name} " + "_" * 30,
                "",
                f"    def test_{c.name}():",
                f">       assert {c.expression} == {c.want!r}",
                f"E       assert {c.got!r} == {c.want!r}",
                f"E        +  where {c.got!r} = {c.expression}",
                "",
                f"{self.test}:{self._line_of(f'assert {c.expression} ==')}: AssertionError",
            ]
        out.append("=" * 27 + " short test summary info " + "=" * 27)
        out += [f"FAILED {self.test}::test_{c.name} - assert {c.got!r} == {c.want!r}" for c in bad]
        passed = f", {len(self.cases) - len(bad)} passed" if len(bad) < len(self.cases) else ""
        return out + [f"{len(bad)} failed{passed} {took}"]
