"""Choosing among tools never seen before: functions made of a verb and an object, with parameters of any name."""
import json

from tools import Parameter, Tool
from words import ADJECTIVES

COMMON = (
    "city name date amount count title color user email message language country size limit note reason subject price level id to "
    "from start end text days unit priority category target quantity room seat topic description label address phone code currency"
).split()

JOINS = ("{v}_{o}", "{v}_{o}", "{v}_{o}", "{v}{O}", "{v}-{o}", "{o}_{v}", "{o}.{v}", "{O}{V}")
OTHER_JOINS = ("{v}_{o}", "{v}{O}", "{v}-{o}", "{o}_{v}", "{o}.{v}", "{O}{V}", "{o}{V}")  # training: to begin with the verb is no rule


def invented_tool(w):
    """A tool, how to ask for it in words, and its parameters."""
    r = w.r
    verb, k = w.verb(), r.random() * (1.0 if w.held_out else 2.0)
    obj = w.noun() if k < 0.6 else w.pick(ADJECTIVES) + " " + w.noun() if k < 0.75 else w.invented()
    join = r.choice(JOINS if w.held_out else OTHER_JOINS)
    compact = obj.replace(" ", "_")
    camel = "".join(x.capitalize() for x in obj.split())
    name = join.format(v=verb, o=compact, O=camel, V=verb.capitalize())
    if r.random() < (0.1 if w.held_out else 0.3):
        name = w.invented() + r.choice(("", "_" + str(r.randint(1, 9))))
    article = "an" if obj[0] in "aeiou" else "a"
    description = r.choice(
        (
            f"{verb.capitalize()} {article} {obj}.",
            f"{verb.capitalize()} the {obj}.",
            f"{verb.capitalize()} {obj}s.",
            f"Use this to {verb} {article} {obj}.",
            f"{verb.capitalize()}s {article} {obj} and returns the result.",
            f"{verb.capitalize()} {article} {obj}",
        )
    )
    parameters, seen = [], set()
    for _ in range(r.choice((0, 1, 1, 1, 2, 2, 3))):
        p = r.choice(COMMON) if r.random() < 0.5 else w.word() if r.random() < 0.8 else w.noun() + "_" + r.choice(COMMON)
        if p in seen:
            continue
        seen.add(p)
        kind = r.choice(("string",) * 6 + ("integer", "integer", "number", "boolean"))
        choices = list(dict.fromkeys(w.word() for _ in range(r.randint(2, 4)))) if kind == "string" and r.random() < 0.15 else None
        text = r.choice(
            (
                "",
                "",
                f"The {p.replace('_', ' ')}.",
                f"The {p.replace('_', ' ')} of the {obj}.",
                f"{p.replace('_', ' ').capitalize()} to {verb}",
            )
        )
        parameters.append(Parameter(p, kind, text, r.random() < 0.85, choices))
    tool = Tool(name, description if r.random() < 0.93 else "", parameters)
    tool.ask = (verb, article, obj)
    return tool


def value_for(w, p):
    """(value, how it is said)"""
    r = w.r
    if p.choices:
        v = r.choice(p.choices)
        return v, v
    if p.type == "integer":
        v = r.randint(0, 99) if r.random() < 0.6 else r.randint(100, 99999)
        return v, str(v)
    if p.type == "number":
        v = r.randint(1, 999) / 10
        return v, str(v)
    if p.type == "boolean":
        v = r.random() < 0.5
        return v, str(v).lower()
    k = r.random()
    v = (
        w.word()
        if k < 0.3
        else w.name()
        if k < 0.6
        else w.value()
        if k < 0.75
        else w.name() + " " + w.name()
        if k < 0.85
        else w.path()
        if k < 0.9
        else " ".join(w.word() for _ in range(r.randint(2, 5)))
    )
    return v, v


def request(w, tool):
    """(what the user says, arguments)"""
    r = w.r
    verb, article, obj = tool.ask
    used = [p for p in tool.parameters if p.required or r.random() < 0.3]
    values = {p.name: value_for(w, p) for p in used}
    asked = r.choice(
        (
            f"{verb.capitalize()} {article} {obj}",
            f"{verb.capitalize()} the {obj}",
            f"Please {verb} the {obj}",
            f"please {verb} {article} {obj}",
            f"I want to {verb} {article} {obj}",
            f"Can you {verb} the {obj}",
            f"{verb} {obj}",
            f"Use {tool.name}",
            f"Could you {verb} {article} {obj} for me",
            f"{verb.capitalize()} my {obj}",
        )
    )
    order = list(used)
    if r.random() < 0.25:
        r.shuffle(order)
    if not order:
        return asked + r.choice((".", "", "!" if "you" not in asked else "?")), {}
    spoken = [(p.name.replace("_", " ") if r.random() < 0.7 else p.name, values[p.name][1]) for p in order]
    if len(order) == 1 and order[0].type == "string" and r.random() < 0.5:
        tail = r.choice((" for {}", ": {}", " with {}", " {}", ' "{}"', " called {}", " named {}")).format(spoken[0][1])
    else:
        how = r.choice((" with {}", ", {}", " with {}", ". {}", " where {}"))
        each = (
            r.choice(("{} {}", "{} {}", "{}: {}", "{} = {}", "{} is {}", "the {} {}", '{} "{}"'))
            if how != ". {}"
            else r.choice(("The {} is {}", "{}: {}"))
        )
        glue = r.choice((" and ", ", ")) if len(spoken) == 2 else ", "
        tail = how.format(glue.join(each.format(*x) for x in spoken))
    return asked + tail + r.choice((".", ".", "")), {p.name: values[p.name][0] for p in order}


def outcome(w):
    """(what the tool returns, what the assistant says of it)"""
    r, k = w.r, w.r.random()
    if k < 0.25:
        text = r.choice(("ok", "done", "success", "true", "OK"))
        return text, "Done."
    if k < 0.6:
        pairs = {
            w.word()
            if r.random() < 0.6
            else r.choice(COMMON + ["status"]): int(w.number())
            if r.random() < 0.4
            else w.word()
            if r.random() < 0.6
            else w.value()
            for _ in range(r.choice((1, 1, 2, 3)))
        }
        return json.dumps(pairs, ensure_ascii=False), "The result: " + ", ".join(f"{k} {v}" for k, v in pairs.items()) + "."
    if k < 0.7:
        text = r.choice((f"error: {w.word()} {w.word()}", f"error: no such {w.noun()}", f"Error: {w.word()} not found"))
        return text, f"That failed: {text}"
    text = r.choice((w.value(), f"{w.word()} {w.word()}", f"{w.word()} {w.value()}", f"{w.number()} {w.word()}, {w.word()}"))
    return text, f"The result: {text}."


def offered_tools(w, count):
    """Tools with distinct names and distinct things to ask for."""
    tools, seen = {}, set()
    while len(tools) < count:
        tool = invented_tool(w)
        verb, _, obj = tool.ask
        if tool.name in tools or (verb, obj) in seen:
            continue
        if len(tools) and w.r.random() < 0.25:  # same verb or same object as another one: both must be looked at
            other = w.r.choice(list(tools.values())).ask
            tool2 = invented_tool(w)
            if verb != other[0] and obj != other[2] and "_" in tool.name:
                verb2 = other[0] if w.r.random() < 0.5 else verb
                obj2 = other[2] if verb2 == verb else obj
                tool = tool2
                tool.name = f"{verb2}_{obj2.replace(' ', '_')}"
                tool.description = f"{verb2.capitalize()} the {obj2}."
                tool.ask = (verb2, "an" if obj2[0] in "aeiou" else "a", obj2)
                verb, obj = verb2, obj2
                if tool.name in tools or (verb, obj) in seen:
                    continue
        seen.add((verb, obj))
        tools[tool.name] = tool
    return tools


def choose_often(s):
    """Nothing but the choice: tools that take nothing, a wish for each of them, short answers."""
    for tool in s.tools.values():
        tool.parameters, tool.slots = [], {}
    s.offered = [tool.json(s.r, s.style) for tool in s.tools.values()]
    for tool in s.r.sample(list(s.tools.values()), len(s.tools)):
        choose(s, tool, brief=True)


def choose(s, tool=None, brief=False):
    """One wish, one call, one answer. The scene's tools must come from `offered_tools`."""
    tool = tool or s.r.choice([t for t in s.tools.values() if t.ask])
    text, arguments = request(s.w, tool)
    s.user(text, skill="choose a tool")
    result, answer = ("ok", "Done.") if brief else outcome(s.w)
    s.call_tool(tool, arguments, result)
    s.say(answer)
    s.turns[-1]["check_calls"] = True


def choose_two(s):
    """Two wishes in one sentence, two calls in one message."""
    tools = [t for t in s.tools.values() if t.ask]
    if len(tools) < 2:
        return choose(s)
    first, second = s.r.sample(tools, 2)
    text, arguments = request(s.w, first)
    text2, arguments2 = request(s.w, second)
    s.user(text.rstrip(".!?") + ". " + s.r.choice(("Then: ", "And then: ", "", "Also: ")) + text2, skill="choose a tool")
    (result, answer), (result2, answer2) = outcome(s.w), outcome(s.w)
    s.messages.append(("assistant", "", ((first.name, arguments), (second.name, arguments2)), True))
    s.messages += [("tool", result, (), False), ("tool", result2, (), False)]
    s.turns[-1]["calls"] += [(first.name, arguments), (second.name, arguments2)]
    s.turns[-1]["results"] = [result, result2]
    s.say(answer + " " + answer2)
    s.turns[-1]["check_calls"] = True
