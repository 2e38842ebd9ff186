"""Small talk, and things that no tool can do."""
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


def cannot(s):
    """A wish that no offered tool can fulfil."""
    r, w = s.r, s.w
    wish = r.choice(
        (
            f"What is the weather in {w.pick(CITIES)}?",
            f"Send an email to {w.name()}.",
            f"Call {w.name()}.",
            f"Book a flight to {w.pick(CITIES)}.",
            f"Order a {w.noun()}.",
            f"Play the song {w.word()}.",
            f"Who won the {w.noun()} game?",
            "What time is it?",
            f"Buy {w.number()} {w.noun()}s.",
            f"What is the price of {w.noun()}?",
            f"Turn on the {w.noun()}.",
            "Tell me the news.",
            f"Translate {w.word()} to French.",
            f"Who is the president of {w.name()}?",
        )
    )
    s.user(wish, skill="no tool")
    s.say("I cannot do that: I have no tool for it.", must=["no tool"])


def talk(s):
    for _ in range(s.r.randint(1, 3)):
        small_talk(s)
