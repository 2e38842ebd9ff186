"""Exercises in copying, which is most of what a small agent does: raw text that repeats itself, lists that are asked about, words in
other spellings. They are no skill of their own and are not evaluated."""
import json

SPELLINGS = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "path": "/".join,
    "camel": lambda parts: parts[0] + "".join(x.capitalize() for x in parts[1:]),
    "pascal": lambda parts: "".join(x.capitalize() for x in parts),
    "words": " ".join,
    "upper": lambda parts: " ".join(parts).capitalize(),
}
PAIRS = ("{}: {}", "{} = {}", "{} is {}", '"{}": "{}"', "{} {}", "- {}: {}", "{} -> {}")


def text(w) -> str:
    """Raw text that repeats itself: what a model must learn first is to copy."""
    r = w.r
    items = [r.choice((w.word, w.value, w.name, w.path, w.number))() for _ in range(r.randint(4, 24))]
    once = r.choice((" ", "\n", ", ", " = ", '", "', "\n- ", "/")).join(items)
    if r.random() < 0.4:
        return (once + "\n") * r.randint(2, 4)
    pairs = [(w.word(), w.value()) for _ in range(r.randint(2, 10))]
    style, style2 = r.choice(PAIRS), r.choice(PAIRS)
    lines = [style.format(*p) for p in pairs]
    for _ in range(2):
        r.shuffle(pairs)
        lines += [style2.format(*p) for p in pairs]
    return "\n".join(lines) + "\n"


def alike(w, word):
    """Another word that begins or ends like this one."""
    cut = w.r.randint(1, max(1, len(word) - 1))
    return word[:cut] + w.invented()[:4] if w.r.random() < 0.7 else w.invented()[:3] + word[-cut:]


def spelled(w, parts):
    return SPELLINGS[w.r.choice(list(SPELLINGS))](parts)


def lookup(s):
    """A list of pairs, and questions that are nothing but a key, in its own or another spelling."""
    r, w = s.r, s.w
    pairs, keys = {}, []
    for _ in range(r.randint(2, 14)):
        parts = [w.word() for _ in range(r.choice((1, 1, 2)))]
        if keys and r.random() < 0.3:
            parts = [alike(w, r.choice(keys)[0])] + parts[1:]
        keys.append(parts)
    other = r.random() < 0.5
    for parts in keys:
        pairs[spelled(w, parts) if other else " ".join(parts)] = (parts, r.choice((w.value, w.word, w.name, w.path))())
    style = r.choice(PAIRS)
    s.user("\n".join(style.format(k, v) for k, (_, v) in pairs.items()))
    s.say("Noted.")
    for _ in range(r.randint(3, 9)):
        k, (parts, v) = r.choice(list(pairs.items()))
        s.user(spelled(w, parts) if other else k)
        s.say(json.dumps({k: v}, ensure_ascii=False) if other else v)


def spell(s):
    """The same words in a spelling that the first line names."""
    r, w = s.r, s.w
    name = r.choice(list(SPELLINGS))
    for _ in range(r.randint(2, 6)):
        parts = [w.verb(), w.word(), w.word()][: r.choice((1, 2, 2, 3))]
        s.user(f"{name}: {spelled(w, parts)}")
        s.say(SPELLINGS[name](parts))


def drill(s):
    (lookup if s.r.random() < 0.75 else spell)(s)
