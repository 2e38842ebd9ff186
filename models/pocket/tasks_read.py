"""Tasks that read files: one, two, one that is not there, and questions about what they say."""
import prose
from text_files import key, litter, note_file, pairs_file


def ask_file(s, path, k):
    return s.r.choice(
        (
            "What is the {k} in {p}?",
            "What is the {k} in {p}?",
            "what is the {k} in {p}",
            "Read {p} and tell me the {k}.",
            "Look into {p}. What is the {k}?",
            "Tell me the {k} from {p}.",
            "Which {k} does {p} have?",
            "What's the {k} in {p}?",
            "Find the {k} in {p}.",
            "Open {p} and give me the {k}.",
            "{p}: what is the {k}?",
            "I need the {k} of {p}.",
            "According to {p}, what is the {k}?",
            "Check {p} for the {k}.",
        )
    ).format(k=k, p=path)


def read(s):
    """Read a file and answer about one thing in it, and perhaps about another without reading again."""
    r, w = s.r, s.w
    path = w.path()
    pairs, _, text = pairs_file(w)
    s.world.files[path] = text
    k, v = r.choice(pairs)
    s.user(ask_file(s, path, k), skill="read")
    s.call(("read", {"path": path}))
    if r.random() < 0.07:
        missing = key(w)
        if missing not in dict(pairs):
            s.say(f"The {k} in {path} is {v}.", must=[v])
            s.user(r.choice(("What about the {}?", "And the {}?")).format(missing), skill="read")
            s.say(f"There is no {missing} in {path}.", must=["no " + missing])
            return
    s.say(f"The {k} in {path} is {v}.", must=[v])
    while len(pairs) > 1 and r.random() < (0.6 if s.dense else 0.35):
        k, v = r.choice(pairs)
        s.user(
            r.choice(("And the {}?", "What about the {}?", "and the {}", "What is the {}?", "Now the {}.")).format(k), skill="read"
        )
        s.say(f"The {k} in {path} is {v}.", must=[v])


def read_two(s):
    """Two files in one message of calls."""
    r, w = s.r, s.w
    found = []
    for _ in range(2):
        path = w.path()
        pairs, _, text = pairs_file(w, 1, 4)
        s.world.files[path] = text
        found.append((path, *r.choice(pairs)))
    (p, k, v), (p2, k2, v2) = found
    s.user(
        r.choice(
            (
                f"What is the {k} in {p} and the {k2} in {p2}?",
                f"Tell me the {k} from {p} and the {k2} from {p2}.",
                f"Read {p} and {p2}. I need the {k} of the first and the {k2} of the second.",
            )
        ),
        skill="read",
    )
    s.call(("read", {"path": p}), ("read", {"path": p2}))
    s.say(f"The {k} in {p} is {v}. The {k2} in {p2} is {v2}.", must=[v, v2])


def free_text(s):
    """All that a file says which is written as people write."""
    show(s, free=1.0)


def show(s, free=0.3):
    """What a file says, as a whole or about one subject; `free` is the share of files that are written as people write."""
    r, w = s.r, s.w
    path = (
        r.choice(("notes.txt", "todo.txt", "README.md", "notes.md", "todo.md"))
        if r.random() < 0.25
        else w.path(("txt", "md", "log", "txt", "cfg"))
    )
    skill = "read"
    if r.random() < free:
        skill, subjects, text = "free text", [], prose.text(w)
    else:
        subjects, _, text = note_file(w) if r.random() < 0.7 else ([], [], pairs_file(w, 1, 4)[2])
    s.world.files[path] = text
    if not subjects or r.random() < 0.5:
        s.user(
            r.choice(
                (
                    "What is in {}?",
                    "what is in {}",
                    "Show me {}.",
                    "Read {}.",
                    "What does {} say?",
                    "Print {}",
                    "Show the content of {}.",
                    "cat {}",
                    "What's in {}?",
                    "Open {}.",
                    "What is written in {}?",
                    "read {}",
                    "Please read {} to me.",
                    "What is the text of {}?",
                    "Let me see {}.",
                )
            ).format(path),
            skill=skill,
        )
        s.call(("read", {"path": path}))
        s.say(f"{path} says:\n{text.rstrip()}", must=[line for line in text.splitlines() if line])
        return
    subject, line = r.choice(subjects)
    s.user(
        r.choice(
            (
                "What does {p} say about {x}?",
                "Read {p}. What does it say about {x}?",
                "Look in {p}: what about {x}?",
                "In {p}, what is said about {x}?",
                "Find in {p} what it says about {x}.",
            )
        ).format(p=path, x=subject),
        skill="read",
    )
    s.call(("read", {"path": path}))
    s.say(f"It says: {line}", must=[line])
    while s.dense and r.random() < 0.5:
        subject, line = r.choice(subjects)
        s.user(r.choice(("And about {}?", "What does it say about {}?", "What about {}?")).format(subject), skill="read")
        s.say(f"It says: {line}", must=[line])


def missing(s):
    """A path that is not there: look into its folder, and read the file that was meant, or report."""
    r, w = s.r, s.w
    litter(s, r.randint(1, 3))
    pairs, _, text = pairs_file(w, 1, 4)
    k, v = r.choice(pairs)
    path = w.path(folder="")
    s.user(ask_file(s, path, k), skill="read")
    s.call(("read", {"path": path}))
    s.say(f"I could not find {path}.", must=["could not find"])
