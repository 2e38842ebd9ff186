"""A small function, constant or setting with a fault that its name, or the value that a test expects, explains."""
from words import ADJECTIVES

OPERATIONS = {
    "+": "add plus sum_of sum total add_up".split(),
    "-": "subtract sub minus difference take_away".split(),
    "*": "multiply mul times product area".split(),
}
UNARY = {
    "double": ("x * 2", lambda x: x * 2),
    "triple": ("x * 3", lambda x: x * 3),
    "square": ("x * x", lambda x: x * x),
    "increment": ("x + 1", lambda x: x + 1),
    "decrement": ("x - 1", lambda x: x - 1),
    "half": ("x // 2", lambda x: x // 2),
    "negate": ("-x", lambda x: -x),
    "next_number": ("x + 1", lambda x: x + 1),
}
COMPARE = {
    "larger": ">",
    "bigger": ">",
    "maximum": ">",
    "max_of": ">",
    "smaller": "<",
    "minimum": "<",
    "min_of": "<",
    "least": "<",
    "greatest": ">",
}


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
    k = r.random() * (1.0 if w.held_out else 0.8)  # training sees more of the faults that take more than copying
    if k < 0.3:
        op = r.choice("+-*")
        name = r.choice(OPERATIONS[op])
        bad = r.choice([o for o in "+-*" if o != op])
        a, b = r.randint(2, 20), r.randint(2, 20)
        if operate(op, a, b) == operate(bad, a, b):
            b += 3
        x, y = r.choice((("a", "b"), ("x", "y"), ("left", "right"), ("m", "n")))
        return Case(
            name,
            f"{name}({a}, {b})",
            operate(bad, a, b),
            operate(op, a, b),
            f"return {x} {bad} {y}{end}",
            f"return {x} {op} {y}{end}",
            head(name, f"{x}, {y}"),
            tail,
        )
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
        return Case(
            name,
            f"{name}({a}, {b})",
            lo if op == ">" else hi,
            hi if op == ">" else lo,
            f"return a if a {'<' if op == '>' else '>'} b else b",
            f"return a if a {op} b else b",
            head(name, "a, b"),
        )
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
    text = lambda v: quote(v) if isinstance(v, str) else str(v)
    return Case(name, f"{name}()", got, want, f"return {text(got)}{end}", f"return {text(want)}{end}", head(name, ""), tail)
