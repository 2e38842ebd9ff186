"""Facts to keep: told, changed, asked for, some of them never told."""
from tasks_talk import small_talk
from words import ADJECTIVES, CITIES, FIRST

WHAT = (
    "name",
    "city",
    "favorite color",
    "favorite food",
    "project",
    "code word",
    "ticket number",
    "team",
    "dog",
    "cat",
    "boss",
    "hotel",
    "room number",
    "phone number",
    "birthday",
    "street",
    "password",
    "lucky number",
    "branch",
    "editor",
    "language",
    "company",
    "car",
    "deadline",
    "email",
    "username",
    "version",
    "server",
    "best friend",
    "sister",
    "brother",
    "job",
    "hobby",
    "country",
    "seat",
    "flight",
    "order number",
    "PIN",
)


def fact_value(w, what):
    r = w.r
    if what.endswith("number") or what in ("PIN", "seat"):
        return str(r.randint(10, 99999))
    if what in ("name", "boss", "best friend", "sister", "brother", "dog", "cat"):
        return w.pick(FIRST) if r.random() < 0.3 else w.invented().capitalize() if r.random() < 0.7 else w.name()
    if what == "city":
        return w.pick(CITIES) if r.random() < 0.4 else w.invented().capitalize()
    if what == "favorite color":
        return w.pick(ADJECTIVES)
    if what == "email":
        return f"{w.word()}@{w.word()}.com"
    if what == "version":
        return f"{r.randint(0, 20)}.{r.randint(0, 99)}"
    return w.value()


def tell(s, what, value, again=False):
    r = s.r
    if again:
        text = r.choice(
            (
                "Actually, my {0} is {1}.",
                "My {0} is now {1}.",
                "My {0} changed: it is {1} now.",
                "Correction: my {0} is {1}.",
                "No, my {0} is {1}.",
                "Change my {0} to {1}.",
            )
        )
    else:
        text = r.choice(
            (
                "My {0} is {1}.",
                "My {0} is {1}.",
                "my {0} is {1}",
                "Remember that my {0} is {1}.",
                "Remember: my {0} is {1}.",
                "My {0} is {1}. Please remember it.",
                "Please remember that my {0} is {1}.",
                "Note that my {0} is {1}.",
                "Keep in mind that my {0} is {1}.",
                "For later: my {0} is {1}.",
                "{1} is my {0}.",
                "Remember my {0}: {1}",
                "Hi, my {0} is {1}.",
                "I want you to remember my {0}. It is {1}.",
                "You should know that my {0} is {1}.",
                "By the way, my {0} is {1}.",
                "Just so you know, my {0} is {1}.",
                "Let me tell you my {0}: {1}.",
                "FYI my {0} is {1}",
                "Save this: my {0} is {1}.",
                "Don't forget: my {0} is {1}.",
                "I'd like you to remember that my {0} is {1}.",
                "My {0}: {1}",
            )
        )
        if what == "name" and r.random() < 0.4:
            text = r.choice(("I am {1}.", "Call me {1}.", "Hi, I am {1}.", "I'm {1}.", "Hello, I'm {1}."))
        elif what == "city" and r.random() < 0.4:
            text = r.choice(("I live in {1}.", "I'm from {1}.", "I am in {1}."))
        elif what == "project" and r.random() < 0.3:
            text = r.choice(("I work on {1}.", "I am working on {1}."))
    s.user(text.format(what, value), skill="memory")
    s.say(f"Noted: your {what} is {value}.", must=[value])


def ask(s, what, value):
    r = s.r
    text = r.choice(
        (
            "What is my {0}?",
            "What is my {0}?",
            "what is my {0}",
            "What's my {0}?",
            "Tell me my {0}.",
            "Do you remember my {0}?",
            "What was my {0}?",
            "What did I say my {0} is?",
            "Do you know my {0}?",
            "And my {0}?",
            "Say my {0}.",
            "Remind me: what is my {0}?",
            "Which {0} did I tell you?",
            "Now, what is my {0}?",
            "What {0} did I tell you?",
            "I told you my {0}. What is it?",
            "Can you tell me my {0}?",
            "Do you know what my {0} is?",
            "What did I say was my {0}?",
            "Could you remind me of my {0}?",
            "Please tell me my {0} again.",
            "Is there a {0} of mine that you know?",
        )
    )
    if what == "name" and r.random() < 0.4:
        text = r.choice(
            ("Who am I?", "What am I called?", "Do you know who I am?", "What do I call myself?", "Do you know my name?")
        )
    elif what == "city" and r.random() < 0.4:
        text = r.choice(("Where do I live?", "Where am I?", "Where am I from?", "Which city do I live in?", "In which city am I?"))
    s.user(text.format(what), skill="memory")
    if value is None:
        s.say(f"You have not told me your {what}.", must=["not told me"])
    else:
        s.say(f"Your {what} is {value}.", must=[value])


def state(s, thing, value):
    """A fact that is not about the user."""
    s.user(
        s.r.choice(
            (
                "The {0} is {1}.",
                "Remember: the {0} is {1}.",
                "Remember that the {0} is {1}.",
                "the {0} is {1}",
                "Note: the {0} is {1}.",
                "Please remember that the {0} is {1}.",
                "The {0} is {1}. Remember it.",
                "Remember the {0}: {1}",
            )
        ).format(thing, value),
        skill="memory",
    )
    s.say(f"Noted: the {thing} is {value}.", must=[value])


def ask_state(s, thing, value):
    s.user(
        s.r.choice(
            (
                "What is the {0}?",
                "what is the {0}",
                "What's the {0}?",
                "Tell me the {0}.",
                "Do you remember the {0}?",
                "What was the {0}?",
                "And the {0}?",
                "Say the {0}.",
                "What is the {0} that I told you?",
            )
        ).format(thing),
        skill="memory",
    )
    if value is None:
        s.say(f"You have not told me the {thing}.", must=["not told me"])
    else:
        s.say(f"The {thing} is {value}.", must=[value])


def plain(what, value):
    """How one fact is told, and how it is noted."""
    return {"name": f"I am {value}", "city": f"I live in {value}"}.get(what, f"my {what} is {value}")


def tell_two(s, facts):
    """Two facts of the user in one sentence."""
    (a, v), (b, v2) = facts
    first, second = (plain(what, value) if s.r.random() < 0.5 else f"my {what} is {value}" for what, value in facts)
    text = s.r.choice(("{} and {}.", "{}, and {}.", "Hi, {} and {}.", "Remember: {} and {}.", "Hello! {}. And {}.", "{}. Also, {}."))
    text = text.format(first, second)
    s.user(text[0].upper() + text[1:] if s.r.random() < 0.5 else text, skill="memory")
    s.say(f"Noted: your {a} is {v} and your {b} is {v2}.", must=[v, v2])


def ask_two(s, facts):
    (a, v), (b, v2) = facts
    asked = s.r.choice(
        (
            "What is my {} and my {}?",
            "What are my {} and my {}?",
            "Tell me my {} and my {}.",
            "Say my {} and {}.",
            "My {} and my {}?",
        )
    )
    s.user(asked.format(a, b), skill="memory")
    s.say(f"Your {a} is {v} and your {b} is {v2}.", must=[v, v2])


class Memory:
    """Facts told so far in one scene, by (own, what)."""

    def __init__(self):
        self.facts = {}

    def step(self, s):
        r = s.r
        k = r.random()
        if r.random() < 0.08:
            two = {(True, what): fact_value(s.w, what) for what in r.sample(WHAT, 2)}
            self.facts.update(two)
            tell_two(s, [(what, value) for (_, what), value in two.items()])
        elif not self.facts or k < 0.4:
            own = r.random() < 0.65
            if own:
                what = r.choice(WHAT) if r.random() < 0.75 else s.w.noun()
                again = (own, what) in self.facts
                self.facts[own, what] = fact_value(s.w, what)
                tell(s, what, self.facts[own, what], again)
            else:
                what = r.choice(
                    (
                        s.w.noun(),
                        s.w.word(),
                        s.w.noun() + " " + r.choice(("name", "code", "number", "color", "key")),
                        s.w.noun() + " of " + s.w.name(),
                        r.choice(WHAT),
                    )
                )
                self.facts[own, what] = fact_value(s.w, what)
                state(s, what, self.facts[own, what])
        elif k < (0.48 if s.dense else 0.45):
            own, what = next(iter(self.facts))
            what = r.choice(WHAT) if r.random() < 0.8 else s.w.noun()
            (ask if own else ask_state)(s, what, self.facts.get((own, what)))
        elif k < (0.57 if s.dense else 0.55):
            own, what = r.choice(list(self.facts))
            value = fact_value(s.w, what)
            self.facts[own, what] = value
            if own:
                tell(s, what, value, True)
            else:
                state(s, what, value)
        else:
            self.recall(s)

    def recall(self, s):
        mine = [(what, value) for (own, what), value in self.facts.items() if own]
        if len(mine) > 1 and s.r.random() < 0.08:
            return ask_two(s, s.r.sample(mine, 2))
        own, what = s.r.choice(list(self.facts))
        (ask if own else ask_state)(s, what, self.facts[own, what])


def memory(s, least=1):
    kept = Memory()
    for _ in range(s.r.randint(least, max(least, 7 if s.dense else 4))):
        kept.step(s)
        if s.r.random() < 0.25:
            small_talk(s)
    for _ in range(s.r.randint(1, 6 if s.dense else 4)):
        kept.recall(s)
