"""Tasks that look for files, and in files: list, search."""
from tasks_read import ask_file
from text_files import key, litter, note_file, pairs_file


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
    entries = [name.rstrip("/") if s.shell else name for name in s.world.entries(folder or ".")]
    if s.world.style["list"] == "deep" and not s.shell:
        entries = s.world.list(folder or ".").split("\n")
    s.say(("I see: " if not folder else f"In {folder} I see: ") + ", ".join(entries) + ".", must=entries)
    k = r.random()
    if k < 0.3 and s.can("read"):
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
    return [f"{path}:{number}" for path, number, _ in s.world.hits(query)]


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
    ask_search(s, query)
    while s.dense and s.world.files and r.random() < 0.4:  # again in the same folder
        text = r.choice(list(s.world.files.values()))
        found = [x for x in text.replace(":", " ").replace(".", " ").split() if x.isalpha() and len(x) > 3]
        query = w.word() if r.random() < 0.2 or not found else r.choice(found)
        if len(hits_text(s, query)) < 5:
            ask_search(s, query)


def ask_search(s, query):
    s.user(
        s.r.choice(
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
