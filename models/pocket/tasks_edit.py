"""Tasks that change files: set, replace, append, create."""
from tasks_read import read, show
from text_files import note_file, pairs_file


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
    named = r.random() < 0.85 or s.shell or "search" not in s.tools
    if named:
        s.user(
            r.choice(
                (
                    "Set the {k} in {p} to {v}.",
                    "Change the {k} to {v} in {p}.",
                    "In {p}, set the {k} to {v}.",
                    "Make the {k} {v} in {p}.",
                    "set {k} to {v} in {p}",
                    "Update the {k} in {p} to {v}.",
                    "Change {k} in {p} to {v}.",
                    "Edit {p}: the {k} should be {v}.",
                    "The {k} in {p} should be {v}. Change it.",
                    "Please change the {k} in {p} to {v}.",
                    "Open {p} and set {k} to {v}.",
                )
            ).format(k=k, p=path, v=new),
            skill="edit",
        )
        s.call(("read", {"path": path}))
    else:
        if any(k in t for p, t in s.world.files.items() if p != path) or text.count(k) != 1:
            return read(s)
        s.user(
            r.choice(
                (
                    "Set the {k} to {v}.",
                    "Change the {k} to {v}.",
                    "Find the {k} and set it to {v}.",
                    "Search for the {k} and change it to {v}.",
                )
            ).format(k=k, v=new),
            skill="edit",
        )
        s.call(("search", {"query": k}))
    s.call(("edit", {"path": path, "old": line, "new": changed}))
    s.say(f"Done. The {k} in {path} is now {new}.", must=[new])
    if named and s.dense:
        lines[at] = lines[at].replace(line, changed)
        edit_more(s, path, pairs, lines)
    if r.random() < 0.15 and s.can("read"):
        s.user(r.choice(("Are you sure? Read it again.", "Check it.", "Please verify.", "Read it again.")), skill="edit")
        s.call(("read", {"path": path}))
        s.say(f"Yes, the {k} in {path} is {new}.", must=[new])


def edit_more(s, path, pairs, lines):
    """Other settings of a file that was read already."""
    r, w = s.r, s.w
    for at in r.sample(range(len(pairs)), len(pairs)):
        k, old = pairs[at]
        line, new = lines[at].strip(), str(r.randint(0, 9999)) if old.isdigit() else w.value()
        changed = set_line(line, old, new)
        if r.random() < 0.5 or old not in line or changed == line or s.world.files[path].count(line) != 1:
            return
        s.user(
            r.choice(("Now set the {k} to {v}.", "Set {k} to {v}, too.", "And the {k} to {v}.", "Change the {k} to {v}.")).format(
                k=k, v=new
            ),
            skill="edit",
        )
        s.call(("edit", {"path": path, "old": line, "new": changed}))
        s.say(f"Done. The {k} in {path} is now {new}.", must=[new])
        lines[at] = lines[at].replace(line, changed)


def swap(w, lines):
    """A line, a word of it, and what it is to be replaced by."""
    line = w.r.choice(lines)
    words = [x.strip(".,:-[]") for x in line.split()]
    old = w.r.choice([x for x in words if len(x) > 3] or [line])
    return line, old, w.name() if old[:1].isupper() else w.word()


def replace(s):
    """Replace a word, or a whole line, that a text has once."""
    r, w = s.r, s.w
    path = w.path(("txt", "md", "py", "js", "cs", "txt"))
    subjects, lines, text = note_file(w)
    line, old, new = swap(w, lines)
    if text.count(old) != 1 or line.count(old) != 1:
        return show(s)
    s.world.files[path] = text
    s.user(
        r.choice(
            (
                "Replace {a} with {b} in {p}.",
                "In {p}, replace {a} by {b}.",
                "Change {a} to {b} in {p}.",
                "{p}: {a} should be {b}.",
                "Rename {a} to {b} in {p}.",
                "Replace the word {a} with {b} in {p}.",
            )
        ).format(a=old, b=new, p=path),
        skill="edit",
    )
    s.call(("read", {"path": path}))
    s.call(("edit", {"path": path, "old": old, "new": new}))
    s.say(f"Done. In {path}, {old} is now {new}.", must=[new])
    while s.dense and r.random() < 0.6:
        line, old, new = swap(w, s.world.files[path].splitlines())
        if s.world.files[path].count(old) != 1:
            return
        s.user(
            r.choice(("Also replace {a} by {b}.", "Now rename {a} to {b}.", "And {a} should be {b}.", "Change {a} to {b}, too.")).format(
                a=old, b=new
            ),
            skill="edit",
        )
        s.call(("edit", {"path": path, "old": old, "new": new}))
        s.say(f"Done. In {path}, {old} is now {new}.", must=[new])


def new_line(w):
    return w.r.choice(
        (f"- {w.word()} {w.word()}", f"{w.word()} = {w.value()}", f"{w.name()} likes {w.word()}", f"{w.word()}: {w.value()}")
    )


def append(s):
    """Add a line after the last one."""
    r, w = s.r, s.w
    path = r.choice(("todo.txt", "notes.md", "list.txt")) if r.random() < 0.2 else w.path(("txt", "md", "cfg"))
    _, lines, text = note_file(w)
    s.world.files[path] = text
    last = text.rstrip().split("\n")[-1]
    new = new_line(w)
    if text.count(last) != 1:
        return show(s)
    s.user(
        r.choice(
            ('Add the line "{}" to {}.', 'Append "{}" to {}.', 'Add "{}" at the end of {}.', 'Put "{}" at the end of {}.')
        ).format(new, path),
        skill="edit",
    )
    s.call(("read", {"path": path}))
    s.call(("edit", {"path": path, "old": last, "new": last + "\n" + new}))
    s.say(f"Done. {path} now ends with: {new}", must=[new])
    while s.dense and r.random() < 0.4:
        last, new = new, new_line(w)
        if s.world.files[path].count(last) != 1:
            return
        s.user(r.choice(('Also add "{}".', 'And "{}" after it.', 'Now append "{}".', 'Add "{}" too.')).format(new), skill="edit")
        s.call(("edit", {"path": path, "old": last, "new": last + "\n" + new}))
        s.say(f"Done. {path} now ends with: {new}", must=[new])


def create(s):
    r, w = s.r, s.w
    path = w.path(("txt", "md", "cfg"))
    text = r.choice((w.word() + " " + w.word(), w.value(), f"{w.word()} = {w.value()}", " ".join(w.word() for _ in range(4))))
    s.user(
        r.choice(
            (
                "Create {p} with the text {t}",
                "Create a file {p} that says {t}",
                "Write {t} to {p}",
                "Make a file {p} with this text: {t}",
                "Save {t} in {p}",
            )
        ).format(p=path, t=text),
        skill="edit",
    )
    s.call(("write", {"path": path, "content": text}))
    s.say(f"Done. I created {path}.", must=[path])
