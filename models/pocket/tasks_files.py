"""Tasks on files: read, list, search, edit."""
import json

from words import DAYS, FOLDERS

KEYS = ("port host timeout retries owner version color size limit region mode level speed name title city price count status theme user password url path "
        "database language encoding interval threshold width height author license debug verbose workers threads memory queue topic bucket prefix "
        "max_size min_size log_level cache_size api_key base_url").split()
STYLES = ("{}: {}", "{} = {}", "{}={}", "{}: {}", "{} = {}", "{} {}")


def key(w):
    return w.r.choice(KEYS) if w.r.random() < 0.5 else w.word() if w.r.random() < 0.8 else w.word() + "_" + w.word()


def pairs_file(w, least=1, most=7):
    """(pairs, lines, text): settings in one of several notations."""
    r = w.r
    pairs = list({key(w): w.value() for _ in range(r.randint(least, most))}.items())
    if r.random() < 0.1:
        lines = [json.dumps(k) + ": " + (v if v.isdigit() and v[0] != "0" else json.dumps(v)) for k, v in pairs]
        body = [("  " + line + ("," if i + 1 < len(lines) else "")) for i, line in enumerate(lines)]
        return pairs, body, "{\n" + "\n".join(body) + "\n}\n"
    style = r.choice(STYLES)
    lines = [style.format(k, v) for k, v in pairs]
    head = r.choice(([], [], [], [f"# {w.word()}"], [f"[{w.word()}]"], [f"# {w.name()} {w.word()}", ""]))
    return pairs, lines, "\n".join(head + lines) + "\n"


def note_file(w):
    """(subjects, lines, text): sentences, each about one subject."""
    r = w.r
    made = {}
    for _ in range(r.randint(1, 5)):
        a, b = w.word(), w.name()
        subject, line = r.choice((
            (f"the meeting with {b}", f"The meeting with {b} is on {r.choice(DAYS)}."), (b, f"{b} likes the {a}."), (b, f"{b} has {w.number()} {a}s."),
            (f"the {a}", f"The {a} is in the {w.noun()}."), (f"the {a}", f"The {a} costs {w.number()}."), (a, f"- {a}: {w.word()} {w.word()}"),
            (f"the {a}", f"The {a} belongs to {b}."), (a, f"- [ ] {w.word()} the {a}"), (f"the {a}", f"Remember to {w.word()} the {a}."), (a, f"- {a}")))
        made[subject] = line
    head = r.choice(([], [], [f"# {w.name()}", ""], [f"{w.word().capitalize()} notes"]))
    return list(made.items()), list(made.values()), "\n".join(head + list(made.values())) + "\n"


def litter(s, count):
    """Other files in the world, so that folders are not empty."""
    for _ in range(count):
        s.world.files.setdefault(s.w.path(), s.r.choice((pairs_file, note_file))(s.w)[2])


def ask_file(s, path, k):
    return s.r.choice(("What is the {k} in {p}?", "What is the {k} in {p}?", "what is the {k} in {p}", "Read {p} and tell me the {k}.",
                       "Look into {p}. What is the {k}?", "Tell me the {k} from {p}.", "Which {k} does {p} have?", "What's the {k} in {p}?",
                       "Find the {k} in {p}.", "Open {p} and give me the {k}.", "{p}: what is the {k}?", "I need the {k} of {p}.",
                       "According to {p}, what is the {k}?", "Check {p} for the {k}.")).format(k=k, p=path)


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
        s.user(r.choice(("And the {}?", "What about the {}?", "and the {}", "What is the {}?", "Now the {}.")).format(k), skill="read")
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
    s.user(r.choice((f"What is the {k} in {p} and the {k2} in {p2}?", f"Tell me the {k} from {p} and the {k2} from {p2}.",
                     f"Read {p} and {p2}. I need the {k} of the first and the {k2} of the second.")), skill="read")
    s.call(("read", {"path": p}), ("read", {"path": p2}))
    s.say(f"The {k} in {p} is {v}. The {k2} in {p2} is {v2}.", must=[v, v2])


def show(s):
    """What a file says, as a whole or about one subject."""
    r, w = s.r, s.w
    path = r.choice(("notes.txt", "todo.txt", "README.md", "notes.md", "todo.md")) if r.random() < 0.25 else w.path(("txt", "md", "log", "txt", "cfg"))
    subjects, _, text = note_file(w) if r.random() < 0.7 else ([], [], pairs_file(w, 1, 4)[2])
    s.world.files[path] = text
    if not subjects or r.random() < 0.5:
        s.user(r.choice(("What is in {}?", "what is in {}", "Show me {}.", "Read {}.", "What does {} say?", "Print {}", "Show the content of {}.", "cat {}",
                         "What's in {}?", "Open {}.", "What is written in {}?", "read {}", "Please read {} to me.")).format(path), skill="read")
        s.call(("read", {"path": path}))
        s.say(f"{path} says:\n{text.rstrip()}", must=[line for line in text.splitlines() if line])
        return
    subject, line = r.choice(subjects)
    s.user(r.choice(("What does {p} say about {x}?", "Read {p}. What does it say about {x}?", "Look in {p}: what about {x}?", "In {p}, what is said about {x}?",
                     "Find in {p} what it says about {x}.")).format(p=path, x=subject), skill="read")
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
    for name in names:
        s.world.files[(folder + "/" if folder else "") + name] = pairs_file(w, 1, 4)[2]
    if s.r.random() < 0.25:
        s.world.files[(folder + "/" if folder else "") + w.word() + "/" + w.path(folder="")] = "x\n"
    if folder:
        s.user(r.choice(("Which files are in {}?", "List the files in {}.", "What is in the folder {}?", "list {}", "Show me the files in {}.", "ls {}",
                         "What files does {} have?", "What is in {}/?", "List {}.", "Which files does the folder {} contain?")).format(folder), skill="list and search")
    else:
        s.user(r.choice(("Which files are here?", "List the files.", "What files are there?", "list files", "ls", "What is in this folder?", "Show me the files.",
                         "List all files here.", "What files do we have?", "Which files are in this folder?", "Look around.")), skill="list and search")
    s.call(("list", {"path": folder or "."}))
    entries = s.world.entries(folder or ".")
    if s.world.style["list"] == "deep":
        entries = s.world.list(folder or ".").split("\n")
    s.say(("I see: " if not folder else f"In {folder} I see: ") + ", ".join(entries) + ".", must=entries)
    k = r.random()
    if k < 0.3 and "read" in s.tools:
        name = r.choice(names)
        path = (folder + "/" if folder else "") + name
        pairs, _, text = pairs_file(w, 1, 4)
        s.world.files[path] = text
        s.files_before[path] = text
        k, v = r.choice(pairs)
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
        line = r.choice(("{1} {0} {2}", "{0} = {1}", "use {0}", "# {0}", "{0}({1})", "import {0}", "The {0} is {1}.", "def {0}(x):", "{1}: {0}", "return {0}")).format(
            query, w.word(), w.word())
        lines.insert(r.randint(0, len(lines)), line)
        s.world.files[w.path(r.choice((("py", "js", "cs", "txt", "md"), ("cfg", "ini", "yml", "txt"))))] = "\n".join(lines) + "\n"
    s.user(r.choice(("Where is {} used?", "Find {} in the files.", "Which files mention {}?", "Search for {}.", "grep {}", "Where does {} occur?", "Find {}",
                     "Which file contains {}?", "Where is {}?", "Search the files for {}", "Look for {} in the code.", "Is {} mentioned anywhere?",
                     "In which file is {}?")).format(query), skill="list and search")
    s.call(("search", {"query": query}))
    hits = hits_text(s, query)
    s.say(f"I found {query} in {', '.join(hits)}." if hits else f"I found no {query}.", must=[h.rsplit(":", 1)[0] for h in hits] or ["no " + query])


def set_line(line, old, new):
    """The line with its last occurrence of the old value replaced."""
    head, _, tail = line.rpartition(old)
    return head + new + tail


def edit(s):
    """Change one setting: read (or search, where no file is named), edit, report."""
    r, w = s.r, s.w
    path = w.path()
    pairs, lines, text = pairs_file(w)
    s.world.files[path] = text
    at = r.randrange(len(pairs))
    k, old = pairs[at]
    new = str(r.randint(0, 9999)) if old.isdigit() else w.value()
    line = lines[at].strip()
    changed = set_line(line, old, new)
    if text.count(line) != 1 or new == old or changed == line:
        return read(s)
    named = r.random() < 0.85 or "search" not in s.tools
    if named:
        s.user(r.choice(("Set the {k} in {p} to {v}.", "Change the {k} to {v} in {p}.", "In {p}, set the {k} to {v}.", "Make the {k} {v} in {p}.", "set {k} to {v} in {p}",
                         "Update the {k} in {p} to {v}.", "Change {k} in {p} to {v}.", "Edit {p}: the {k} should be {v}.", "The {k} in {p} should be {v}. Change it.",
                         "Please change the {k} in {p} to {v}.", "Open {p} and set {k} to {v}.")).format(k=k, p=path, v=new), skill="edit")
        s.call(("read", {"path": path}))
        if r.random() < 0.06:  # a slip that the tool refuses: look at the error, and do it right
            s.call(("edit", {"path": path, "old": line + w.word(), "new": changed}), learn=False)
    else:
        if any(k in t for p, t in s.world.files.items() if p != path) or text.count(k) != 1:
            return read(s)
        s.user(r.choice(("Set the {k} to {v}.", "Change the {k} to {v}.", "Find the {k} and set it to {v}.", "Search for the {k} and change it to {v}.")).format(
            k=k, v=new), skill="edit")
        s.call(("search", {"query": k}))
    s.call(("edit", {"path": path, "old": line, "new": changed}))
    s.say(f"Done. The {k} in {path} is now {new}.", must=[new])
    if r.random() < 0.15 and "read" in s.tools:
        s.user(r.choice(("Are you sure? Read it again.", "Check it.", "Please verify.", "Read it again.")), skill="edit")
        s.call(("read", {"path": path}))
        s.say(f"Yes, the {k} in {path} is {new}.", must=[new])


def replace(s):
    """Replace a word, or a whole line, of a text."""
    r, w = s.r, s.w
    path = w.path(("txt", "md", "py", "js", "cs", "txt"))
    subjects, lines, text = note_file(w)
    line = r.choice(lines)
    words = [x.strip(".,:-[]") for x in line.split()]
    old = r.choice([x for x in words if len(x) > 3] or [line])
    new = w.name() if old[0].isupper() else w.word()
    if text.count(old) != 1 or line.count(old) != 1:
        return show(s)
    s.world.files[path] = text
    s.user(r.choice(("Replace {a} with {b} in {p}.", "In {p}, replace {a} by {b}.", "Change {a} to {b} in {p}.", "{p}: {a} should be {b}.", "Rename {a} to {b} in {p}.",
                     "Replace the word {a} with {b} in {p}.")).format(a=old, b=new, p=path), skill="edit")
    s.call(("read", {"path": path}))
    s.call(("edit", {"path": path, "old": line, "new": line.replace(old, new)}))
    s.say(f"Done. In {path}, {old} is now {new}.", must=[new])


def append(s):
    """Add a line after the last one."""
    r, w = s.r, s.w
    path = r.choice(("todo.txt", "notes.md", "list.txt")) if r.random() < 0.2 else w.path(("txt", "md", "cfg"))
    _, lines, text = note_file(w)
    s.world.files[path] = text
    last = text.rstrip().split("\n")[-1]
    new = r.choice((f"- {w.word()} {w.word()}", f"{w.word()} = {w.value()}", f"{w.name()} likes {w.word()}", f"{w.word()}: {w.value()}"))
    if text.count(last) != 1:
        return show(s)
    s.user(r.choice(('Add the line "{}" to {}.', 'Append "{}" to {}.', 'Add "{}" at the end of {}.', 'Put "{}" at the end of {}.')).format(new, path), skill="edit")
    s.call(("read", {"path": path}))
    s.call(("edit", {"path": path, "old": last, "new": last + "\n" + new}))
    s.say(f"Done. {path} now ends with: {new}", must=[new])


def create(s):
    r, w = s.r, s.w
    path = w.path(("txt", "md", "cfg"))
    text = r.choice((w.word() + " " + w.word(), w.value(), f"{w.word()} = {w.value()}", " ".join(w.word() for _ in range(4))))
    s.user(r.choice(("Create {p} with the text {t}", "Create a file {p} that says {t}", "Write {t} to {p}", "Make a file {p} with this text: {t}",
                     "Save {t} in {p}")).format(p=path, t=text), skill="edit")
    s.call(("write", {"path": path, "content": text}))
    s.say(f"Done. I created {path}.", must=[path])


def command(s):
    """Run a command that the user names and tell what it printed."""
    r, w = s.r, s.w
    line = r.choice((f"./{w.word()}.sh", f"make {w.word()}", f"python3 {w.word()}.py", f"node {w.word()}.js", f"echo {w.word()}", "git status", "date", "whoami",
                     f"npm run {w.word()}", f"dotnet {w.word()}", f"sh {w.word()}.sh {w.word()}", f"ls {r.choice(FOLDERS)}", f"wc -l {w.path()}", "uname -a"))
    printed = r.choice((f"{w.word()} {w.word()}", w.value(), f"{w.word()}: {w.value()}", f"{w.word()}: {w.value()}\n{w.word()}: {w.value()}", "done"))
    code = r.choice((0, 0, 0, 1, 2))
    s.world.runner = lambda world, c: (code, printed)
    s.world.style["exit"] = s.world.style["exit"] if code or r.random() < 0.7 else "{1}"
    s.user(r.choice(("Run {}", "Run {}.", "run {}", "Please run {} and tell me what it prints.", "Execute {}", "What does {} print?", "Run the command {}")).format(line),
           skill="run")
    s.call(("run", {"command": line}))
    s.say(f"It printed:\n{printed}", must=[printed])
