"""Tasks on files that change nothing: read, list, search, run a command."""
from text_files import key, litter, note_file, pairs_file
from words import FOLDERS


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
    while len(pairs) > 1 and r.random() < 0.35:
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


def show(s):
    """What a file says, as a whole or about one subject."""
    r, w = s.r, s.w
    path = (
        r.choice(("notes.txt", "todo.txt", "README.md", "notes.md", "todo.md"))
        if r.random() < 0.25
        else w.path(("txt", "md", "log", "txt", "cfg"))
    )
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
                )
            ).format(path),
            skill="read",
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


def listing(s):
    """List a folder, and perhaps read one of its files."""
    r, w = s.r, s.w
    folder = "" if r.random() < 0.35 else w.folder()
    names = sorted({w.path(folder="") for _ in range(r.choice((1, 2, 3, 4, 5, 6)))})
    settings = {}
    for name in names:
        settings[name], _, s.world.files[(folder + "/" if folder else "") + name] = pairs_file(w, 1, 4)
    if s.r.random() < 0.25:
        s.world.files[(folder + "/" if folder else "") + w.word() + "/" + w.path(folder="")] = "x\n"
    if folder:
        s.user(
            r.choice(
                (
                    "Which files are in {}?",
                    "List the files in {}.",
                    "What is in the folder {}?",
                    "list {}",
                    "Show me the files in {}.",
                    "ls {}",
                    "What files does {} have?",
                    "What is in {}/?",
                    "List {}.",
                    "Which files does the folder {} contain?",
                )
            ).format(folder),
            skill="list and search",
        )
    else:
        s.user(
            r.choice(
                (
                    "Which files are here?",
                    "List the files.",
                    "What files are there?",
                    "list files",
                    "ls",
                    "What is in this folder?",
                    "Show me the files.",
                    "List all files here.",
                    "What files do we have?",
                    "Which files are in this folder?",
                    "Look around.",
                )
            ),
            skill="list and search",
        )
    s.call(("list", {"path": folder or "."}))
    entries = s.world.entries(folder or ".")
    if s.world.style["list"] == "deep":
        entries = s.world.list(folder or ".").split("\n")
    s.say(("I see: " if not folder else f"In {folder} I see: ") + ", ".join(entries) + ".", must=entries)
    k = r.random()
    if k < 0.3 and "read" in s.tools:
        name = r.choice(names)
        path = (folder + "/" if folder else "") + name
        k, v = r.choice(settings[name])
        s.user(ask_file(s, name if r.random() < 0.5 else path, k), skill="read")
        s.call(("read", {"path": path}))
        s.say(f"The {k} in {path} is {v}.", must=[v])
    elif k < 0.45:
        there = r.random() < 0.5
        name = r.choice(names) if there else w.path(folder="")
        s.user(r.choice(("Is {} there?", "Is there a file {}?", "Do you see {}?")).format(name), skill="list and search")
        s.say(f"Yes, {name} is there." if name in names else f"No, {name} is not there.", must=["Yes" if name in names else "No"])


def hits_text(s, query):
    """`path:line` of every hit, as the search tool orders them."""
    return [f"{p}:{n}" for p in sorted(s.world.files) for n, line in enumerate(s.world.files[p].splitlines(), 1) if query in line]


def search(s):
    r, w = s.r, s.w
    query = w.word() if r.random() < 0.8 else key(w)
    litter(s, r.randint(0, 2))
    for path in list(s.world.files):
        if query in s.world.files[path]:
            del s.world.files[path]
    for _ in range(r.choice((0, 1, 1, 1, 2, 2, 3))):
        lines = pairs_file(w, 1, 4)[2].splitlines() if r.random() < 0.5 else note_file(w)[1]
        lines = [line for line in lines if query not in line]
        line = r.choice(
            (
                "{1} {0} {2}",
                "{0} = {1}",
                "use {0}",
                "# {0}",
                "{0}({1})",
                "import {0}",
                "The {0} is {1}.",
                "def {0}(x):",
                "{1}: {0}",
                "return {0}",
            )
        ).format(query, w.word(), w.word())
        lines.insert(r.randint(0, len(lines)), line)
        s.world.files[w.path(r.choice((("py", "js", "cs", "txt", "md"), ("cfg", "ini", "yml", "txt"))))] = "\n".join(lines) + "\n"
    s.user(
        r.choice(
            (
                "Where is {} used?",
                "Find {} in the files.",
                "Which files mention {}?",
                "Search for {}.",
                "grep {}",
                "Where does {} occur?",
                "Find {}",
                "Which file contains {}?",
                "Where is {}?",
                "Search the files for {}",
                "Look for {} in the code.",
                "Is {} mentioned anywhere?",
                "In which file is {}?",
            )
        ).format(query),
        skill="list and search",
    )
    s.call(("search", {"query": query}))
    hits = hits_text(s, query)
    s.say(
        f"I found {query} in {', '.join(hits)}." if hits else f"I found no {query}.",
        must=[h.rsplit(":", 1)[0] for h in hits] or ["no " + query],
    )


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
