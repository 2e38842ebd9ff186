"""Small talk, and things that no offered tool can do."""
from words import CITIES

GREETINGS = (
    "Hello",
    "Hi",
    "hello",
    "hi",
    "Hello!",
    "Hi!",
    "Hey",
    "hey",
    "Good morning",
    "Good evening",
    "hi there",
    "Hello there",
    "hey there!",
    "Good day",
)
ACKNOWLEDGED = (
    "Thanks",
    "Thank you",
    "thanks!",
    "Thank you very much.",
    "Thanks a lot!",
    "Great, thanks",
    "thx",
    "Perfect, thank you.",
    "ok thanks",
    "Great!",
    "Nice.",
    "Good work!",
    "Well done",
)
WHO = ("Who are you?", "What are you?", "who are you", "What is your name?", "Tell me about yourself.")
ABLE = ("What can you do?", "How can you help me?", "what can you do", "help", "What are you able to do?")
I_AM = "I am Pocket, a small agent that comes with Samovar."
I_CAN = "I can list, read, search and edit files, run commands, and remember what you tell me."


def small_talk(s):
    """One exchange that needs nothing."""
    r, k = s.r, s.r.random()
    if k < 0.22:
        s.user(r.choice(GREETINGS), skill="no tool")
        s.say("Hello! How can I help you?", must=["Hello"])
    elif k < 0.34:
        s.user(r.choice(ACKNOWLEDGED), skill="no tool")
        s.say("You are welcome.", must=["welcome"])
    elif k < 0.44:
        s.user(r.choice(WHO), skill="no tool")
        s.say(I_AM, must=["Pocket"])
    elif k < 0.54:
        s.user(r.choice(ABLE), skill="no tool")
        s.say(I_CAN, must=["files"])
    elif k < 0.62:
        s.user(r.choice(("Bye", "Goodbye", "bye!", "See you", "Good night")), skill="no tool")
        s.say("Goodbye!", must=["Goodbye"])
    elif k < 0.7:
        s.user(r.choice(("How are you?", "how are you", "How are you today?", "Are you there?", "Are you ready?")), skill="no tool")
        s.say("I am ready. What shall I do?", must=["ready"])
    else:
        words = " ".join(s.w.word() for _ in range(r.choice((1, 1, 1, 2, 3, 4, 6))))
        if r.random() < 0.2:
            words = s.w.value()
        ask = r.choice(
            (
                "Say {}",
                "Say {}.",
                "Repeat: {}",
                "Say the word {}.",
                "Please say {}.",
                "Repeat after me: {}",
                "Echo {}",
                "Just answer {}.",
                "Write {}",
                "Answer with {}",
                "Reply with exactly: {}",
                "Reply with {}",
            )
        )
        s.user(ask.format(words), skill="no tool")
        s.say(words, must=[words])


def wishes(w):
    """(wish, the usual tool that would fulfil it or None)"""
    return (
        (f"What is the weather in {w.pick(CITIES)}?", "weather"),
        (f"Will it rain in {w.pick(CITIES)}?", "weather"),
        (f"Send an email to {w.name()}.", None),
        (f"Call {w.name()}.", "person"),
        (f"Book a flight to {w.pick(CITIES)}.", None),
        (f"Order a {w.noun()}.", None),
        (f"Play the song {w.word()}.", "song"),
        (f"Who won the {w.noun()} game?", "web"),
        ("What time is it?", "clock"),
        ("What day is it?", "clock"),
        (f"Buy {w.number()} {w.noun()}s.", None),
        (f"What is the price of {w.noun()}?", "price"),
        (f"Turn on the {w.noun()}.", "light"),
        ("Tell me the news.", "news"),
        (f"Translate {w.word()} to French.", None),
        (f"Who is the president of {w.name()}?", "web"),
        (f"Search the web for {w.word()}.", "web"),
        (f"Set a timer for {w.r.randint(1, 90)} minutes.", "timer"),
        (f"Rent a {w.noun()} for me.", None),
    )


def questions(w):
    """(question about the world or wish for a text, the usual tool that would answer it or None)"""
    return (
        (f"What is the capital of {w.name()}?", "web"),
        (f"Who wrote {w.name()}?", "web"),
        (f"How many {w.noun()}s are in {w.pick(CITIES)}?", "web"),
        (f"Why is the {w.noun()} {w.word()}?", "web"),
        (f"How old is {w.name()}?", "web"),
        (f"When was {w.name()} born?", "web"),
        (f"How do I {w.verb()} a {w.noun()}?", "web"),
        (f"Explain {w.word()}.", "web"),
        (f"Explain to me how a {w.noun()} works.", "web"),
        ("Tell me a joke.", "web"),
        ("Tell me a story.", "web"),
        (f"Write a poem about the {w.noun()}.", "web"),
        (f"Write a function that can {w.verb()} a {w.noun()}.", "web"),
        (f"Write an essay about {w.word()}.", "web"),
        (f"What is {w.number()} {w.r.choice('+-*/')} {w.number()}?", "calculator"),
        (f"How much is {w.number()} times {w.number()}?", "calculator"),
        (f"Is a {w.noun()} bigger than a {w.noun()}?", "web"),
        ("What is the meaning of life?", "web"),
        (f"What do you think about {w.word()}?", "web"),
        (f"Which is better, {w.word()} or {w.word()}?", "web"),
        (f"Who is {w.name()} {w.name()}?", "web"),
        (f"Summarize the book {w.name()}.", "web"),
    )


def unmet(s, wanted):
    """One of these wishes that none of the offered tools is for; None if they are for all."""
    offered = {t.wish.topic for t in s.tools.values() if t.wish}
    left = [wish for wish, kind in wanted if kind not in offered]
    return s.r.choice(left) if left else None


def beyond(s):
    """What no offered tool can do, or what takes knowledge or thought."""
    wish = unmet(s, questions(s.w)) if s.r.random() < 0.5 else None
    s.user(wish or unmet(s, wishes(s.w)), skill="no tool")
    if wish:
        s.say("I do not know that: I am only a small model.", must=["do not know"])
    else:
        s.say("I cannot do that: I have no tool for it.", must=["no tool"])


def talk(s):
    for _ in range(s.r.randint(1, 3)):
        small_talk(s)
