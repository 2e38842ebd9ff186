"""Tasks without files: small talk, facts to keep, and things that no tool can do."""
from words import ADJECTIVES, CITIES, FIRST

WHAT = ("name", "city", "favorite color", "favorite food", "project", "code word", "ticket number", "team", "dog", "cat", "boss", "hotel", "room number",
        "phone number", "birthday", "street", "password", "lucky number", "branch", "editor", "language", "company", "car", "deadline", "email",
        "username", "version", "server", "best friend", "sister", "brother", "job", "hobby", "country", "seat", "flight", "order number", "PIN")
GREETINGS = ("Hello", "Hi", "hello", "hi", "Hello!", "Hi!", "Hey", "hey", "Good morning", "Good evening", "hi there", "Hello there", "hey there!", "Good day")
ACKNOWLEDGED = ("Thanks", "Thank you", "thanks!", "Thank you very much.", "Thanks a lot!", "Great, thanks", "thx", "Perfect, thank you.", "ok thanks",
                "Great!", "Nice.", "Good work!", "Well done")
WHO = ("Who are you?", "What are you?", "who are you", "What is your name?", "Tell me about yourself.")
ABLE = ("What can you do?", "How can you help me?", "what can you do", "help", "What are you able to do?")
I_AM = "I am Pocket, a small agent that comes with Samovar."
I_CAN = "I can list, read, search and edit files, run commands, and remember what you tell me."


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


def small_talk(s):
    """One exchange that needs nothing."""
    r, k = s.r, s.r.random()
    if k < 0.3:
        s.user(r.choice(GREETINGS), skill="no tool")
        s.say("Hello! How can I help you?", must=["Hello"])
    elif k < 0.42:
        s.user(r.choice(ACKNOWLEDGED), skill="no tool")
        s.say("You are welcome.", must=["welcome"])
    elif k < 0.52:
        s.user(r.choice(WHO), skill="no tool")
        s.say(I_AM, must=["Pocket"])
    elif k < 0.6:
        s.user(r.choice(ABLE), skill="no tool")
        s.say(I_CAN, must=["files"])
    elif k < 0.65:
        s.user(r.choice(("Bye", "Goodbye", "bye!", "See you", "Good night")), skill="no tool")
        s.say("Goodbye!", must=["Goodbye"])
    elif k < 0.7:
        s.user(r.choice(("How are you?", "how are you", "How are you today?", "Are you there?", "Are you ready?")), skill="no tool")
        s.say("I am ready. What shall I do?", must=["ready"])
    else:
        words = " ".join(s.w.word() for _ in range(r.choice((1, 1, 1, 2, 3, 4, 6))))
        if r.random() < 0.2:
            words = s.w.value()
        ask = r.choice(("Say {}", "Say {}.", "Repeat: {}", "Say the word {}.", "Please say {}.", "Repeat after me: {}", "Echo {}", "Just answer {}.",
                        "Write {}", "Answer with {}", "Reply with exactly: {}", "Reply with {}"))
        s.user(ask.format(words), skill="no tool")
        s.say(words, must=[words])


def tell(s, what, value, again=False):
    r = s.r
    if again:
        text = r.choice(("Actually, my {0} is {1}.", "My {0} is now {1}.", "My {0} changed: it is {1} now.", "Correction: my {0} is {1}.",
                         "No, my {0} is {1}.", "Change my {0} to {1}."))
    else:
        text = r.choice(("My {0} is {1}.", "My {0} is {1}.", "my {0} is {1}", "Remember that my {0} is {1}.", "Remember: my {0} is {1}.",
                         "My {0} is {1}. Please remember it.", "Please remember that my {0} is {1}.", "Note that my {0} is {1}.",
                         "Keep in mind that my {0} is {1}.", "For later: my {0} is {1}.", "{1} is my {0}.", "Remember my {0}: {1}",
                         "Hi, my {0} is {1}.", "I want you to remember my {0}. It is {1}.", "You should know that my {0} is {1}."))
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
    text = r.choice(("What is my {0}?", "What is my {0}?", "what is my {0}", "What's my {0}?", "Tell me my {0}.", "Do you remember my {0}?",
                     "What was my {0}?", "What did I say my {0} is?", "Do you know my {0}?", "And my {0}?", "Say my {0}.", "Remind me: what is my {0}?",
                     "Which {0} did I tell you?", "Now, what is my {0}?"))
    if what == "name" and r.random() < 0.4:
        text = r.choice(("Who am I?", "What am I called?", "Do you know who I am?"))
    elif what == "city" and r.random() < 0.4:
        text = r.choice(("Where do I live?", "Where am I?", "Where am I from?"))
    s.user(text.format(what), skill="memory")
    if value is None:
        s.say(f"You have not told me your {what}.", must=["not told me"])
    else:
        s.say(f"Your {what} is {value}.", must=[value])


def state(s, thing, value):
    """A fact that is not about the user."""
    s.user(s.r.choice(("The {0} is {1}.", "Remember: the {0} is {1}.", "Remember that the {0} is {1}.", "the {0} is {1}", "Note: the {0} is {1}.",
                       "Please remember that the {0} is {1}.", "The {0} is {1}. Remember it.", "Remember the {0}: {1}")).format(thing, value),
           skill="memory")
    s.say(f"Noted: the {thing} is {value}.", must=[value])


def ask_state(s, thing, value):
    s.user(s.r.choice(("What is the {0}?", "what is the {0}", "What's the {0}?", "Tell me the {0}.", "Do you remember the {0}?", "What was the {0}?",
                       "And the {0}?", "Say the {0}.", "What is the {0} that I told you?")).format(thing), skill="memory")
    if value is None:
        s.say(f"You have not told me the {thing}.", must=["not told me"])
    else:
        s.say(f"The {thing} is {value}.", must=[value])


class Memory:
    """Facts told so far in one scene, by (own, what)."""

    def __init__(self):
        self.facts = {}

    def step(self, s):
        r = s.r
        k = r.random()
        if not self.facts or k < 0.4:
            own = r.random() < 0.65
            if own:
                what = r.choice(WHAT) if r.random() < 0.75 else s.w.noun()
                again = (own, what) in self.facts
                self.facts[own, what] = fact_value(s.w, what)
                tell(s, what, self.facts[own, what], again)
            else:
                what = r.choice((s.w.noun(), s.w.word(), s.w.noun() + " " + r.choice(("name", "code", "number", "color", "key")), s.w.noun() + " of " + s.w.name(),
                                 r.choice(WHAT)))
                self.facts[own, what] = fact_value(s.w, what)
                state(s, what, self.facts[own, what])
        elif k < 0.45:
            own, what = next(iter(self.facts))
            what = r.choice(WHAT)
            (ask if own else ask_state)(s, what, self.facts.get((own, what)))
        elif k < 0.55:
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
        own, what = s.r.choice(list(self.facts))
        (ask if own else ask_state)(s, what, self.facts[own, what])


def memory(s):
    kept = Memory()
    for _ in range(s.r.randint(1, 4)):
        kept.step(s)
        if s.r.random() < 0.25:
            small_talk(s)
    for _ in range(s.r.randint(1, 4)):
        kept.recall(s)


def cannot(s):
    """A wish that no offered tool can fulfil."""
    r, w = s.r, s.w
    wish = r.choice((f"What is the weather in {w.pick(CITIES)}?", f"Send an email to {w.name()}.", f"Call {w.name()}.", f"Book a flight to {w.pick(CITIES)}.",
                     f"Order a {w.noun()}.", f"Play the song {w.word()}.", f"Who won the {w.noun()} game?", "What time is it?", f"Buy {w.number()} {w.noun()}s.",
                     f"What is the price of {w.noun()}?", f"Turn on the {w.noun()}.", "Tell me the news.", f"Translate {w.word()} to French.",
                     f"Who is the president of {w.name()}?"))
    s.user(wish, skill="no tool")
    s.say("I cannot do that: I have no tool for it.", must=["no tool"])


def talk(s):
    for _ in range(s.r.randint(1, 3)):
        small_talk(s)
