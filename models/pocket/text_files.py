"""Files with something in them: settings in several notations, and notes."""
import json

from words import DAYS

KEYS = (
    "port host timeout retries owner version color size limit region mode level speed name title city price count status "
    "theme user password url path database language encoding interval threshold width height author license debug verbose "
    "workers threads memory queue topic bucket prefix max_size min_size log_level cache_size api_key base_url"
).split()
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
        subject, line = r.choice(
            (
                (f"the meeting with {b}", f"The meeting with {b} is on {r.choice(DAYS)}."),
                (b, f"{b} likes the {a}."),
                (b, f"{b} has {w.number()} {a}s."),
                (f"the {a}", f"The {a} is in the {w.noun()}."),
                (f"the {a}", f"The {a} costs {w.number()}."),
                (a, f"- {a}: {w.word()} {w.word()}"),
                (f"the {a}", f"The {a} belongs to {b}."),
                (a, f"- [ ] {w.word()} the {a}"),
                (f"the {a}", f"Remember to {w.word()} the {a}."),
                (a, f"- {a}"),
            )
        )
        made[subject] = line
    head = r.choice(([], [], [f"# {w.name()}", ""], [f"{w.word().capitalize()} notes"]))
    return list(made.items()), list(made.values()), "\n".join(head + list(made.values())) + "\n"


def litter(s, count):
    """Other files in the world, so that folders are not empty."""
    for _ in range(count):
        s.world.files.setdefault(s.w.path(), s.r.choice((pairs_file, note_file))(s.w)[2])
