"""Tools that every example offers (weather, time, mail …), asked for as people ask: the wish shares little with the tool's name."""
import json

from tools import Parameter, Tool
from words import CITIES, DAYS

UNITS = ("celsius", "fahrenheit")


def P(name, kind="string", required=True, choices=None):
    return Parameter(name, kind, "", required, choices)


def city(w):
    return w.pick(CITIES) if w.r.random() < 0.5 else w.name()


def fact(w):
    """(what a tool returns, how it is told)"""
    r = w.r
    if r.random() < 0.35:
        pairs = {w.word() if r.random() < 0.5 else r.choice(("temperature", "status", "value", "time", "result")): r.choice((w.number, w.word))() for _ in range(r.randint(1, 3))}
        return json.dumps(pairs), ", ".join(f"{k} {v}" for k, v in pairs.items())
    text = r.choice((f"{w.number()}", f"{w.word()}, {w.number()} degrees", f"{w.word()} {w.word()}", f"{r.randint(0, 23)}:{r.randint(10, 59)}", w.value(), f"{r.randint(-20, 40)} C and {w.word()}"))
    return text, text


def weather(w):
    c = city(w)
    asked = ("What is the weather in {}?", "How is the weather in {}?", "what's the weather like in {}?", "Weather in {}?", "Is it raining in {}?",
             "Will it rain in {}?", "How warm is it in {}?", "Tell me the weather for {}.", "Check the weather in {}.", "And in {}?")
    return asked, ("get_weather", "weather", "current_weather", "getWeather", "weather_lookup", "get_current_weather"), (
        "Weather for a city.", "Get the current weather.", "Returns the weather in a city.", "Get the weather for a location."), (
        ("city", "location", "place"), c), f"The weather in {c}: {{}}."


def clock(w):
    c = city(w)
    asked = ("What time is it in {}?", "what's the time in {}", "Tell me the time in {}.", "How late is it in {}?", "Local time in {}?")
    return asked, ("get_time", "time", "current_time", "getTime", "world_clock"), (
        "Current time in a city.", "Get the local time.", "Returns the time for a place."), (("city", "location", "place", "zone"), c), f"The time in {c}: {{}}."


def web(w):
    q = " ".join(w.word() for _ in range(w.r.randint(1, 4)))
    asked = ("Search the web for {}.", "Google {}.", "Look up {} on the internet.", "Find {} online.", "What does the web say about {}?", "Search the internet for {}")
    return asked, ("web_search", "search_web", "google", "internet_search", "websearch"), (
        "Search the web.", "Searches the internet.", "Look something up online."), (("query", "q", "text", "question"), q), "I found: {}."


def price(w):
    name = w.name() if w.r.random() < 0.6 else w.invented().upper()[:5]
    asked = ("What is the stock price of {}?", "How much is {} worth?", "What does a share of {} cost?", "Stock price of {}?", "Quote for {}.")
    return asked, ("get_stock_price", "stock_price", "quote", "getStockPrice"), (
        "Get the price of a stock.", "Returns the current share price.", "Stock quotes."), (("symbol", "ticker", "company"), name), f"The price of {name}: {{}}."


def calculator(w):
    a, b = w.number(), w.number()
    e = a + w.r.choice((" + ", " - ", " * ", " / ", "+", "*")) + b
    asked = ("What is {}?", "Calculate {}.", "How much is {}?", "Compute {}", "{} = ?", "what's {}")
    return asked, ("calculate", "calculator", "math", "eval_expression", "compute"), (
        "Calculate an expression.", "A calculator.", "Evaluates arithmetic."), (("expression", "input", "formula"), e), f"{e} = {{}}."


def timer(w):
    n = w.r.randint(1, 90)
    asked = ("Set a timer for {} minutes.", "Wake me in {} minutes.", "Timer: {} minutes.", "Remind me in {} minutes.")
    return asked, ("set_timer", "timer", "start_timer", "setTimer"), (
        "Set a timer.", "Starts a timer for some minutes."), (("minutes", "duration", "time"), n), "Done: {}."


def song(w):
    t = " ".join(w.word() for _ in range(w.r.randint(1, 3)))
    asked = ("Play {}.", "Play the song {}.", "I want to hear {}.", "Put on {}.", "Can you play {}?")
    return asked, ("play_music", "play_song", "music", "playSong"), ("Play a song.", "Plays music."), (("title", "song", "name"), t), "Playing: {}."


def news(w):
    t = w.word()
    asked = ("What is new about {}?", "Give me the news about {}.", "News on {}?", "What happened with {}?")
    return asked, ("get_news", "news", "headlines"), ("Get the news about a topic.", "Latest headlines."), (("topic", "subject", "query"), t), "The news: {}."


def person(w):
    n = w.name()
    asked = ("Call {}.", "Phone {}.", "Ring {} up.", "I need to talk to {}.", "Make a call to {}.")
    return asked, ("call_contact", "make_call", "phone_call", "dial"), ("Call a contact.", "Makes a phone call."), (("name", "contact", "person"), n), "Done: {}."


def light(w):
    room = w.noun()
    asked = ("Turn on the light in the {}.", "Light in the {}, please.", "It is dark in the {}.", "Switch the {} light on.")
    return asked, ("turn_on_light", "light_on", "lights"), ("Turn on the light in a room.", "Switches a lamp on."), (("room", "place", "lamp"), room), "Done: {}."


def day(w):
    d = w.r.choice(DAYS)
    asked = ("What do I have on {}?", "What is on my calendar on {}?", "Am I free on {}?", "Show my appointments for {}.")
    return asked, ("get_events", "calendar", "list_events", "get_calendar"), (
        "Events of a day.", "Reads the calendar.", "List the appointments of a day."), (("day", "date", "when"), d), f"On {d}: {{}}."


KNOWN = (weather, weather, weather, clock, clock, web, price, calculator, timer, song, news, person, light, day)


def known_tools(w, count):
    """{name: Tool}; each knows how its wish is made (`kind`) and remembers its own names."""
    r, tools = w.r, {}
    for kind in r.sample(sorted(set(KNOWN), key=lambda k: k.__name__), count):
        _, names, texts, (parameters, value), _ = kind(w)
        many = [P(r.choice(parameters), "integer" if isinstance(value, int) else "string")]
        if r.random() < 0.25:
            many.append(P("unit" if kind is weather else r.choice(("limit", "format", "language")), "string", False, list(UNITS) if kind is weather else None))
        tool = Tool(r.choice(names) if r.random() < 0.85 else w.invented(), r.choice(texts), many)
        tool.kind = kind
        tools[tool.name] = tool
    return tools


def use(s):
    """One wish for one of the known tools that are offered."""
    r = s.r
    tool = r.choice([t for t in s.tools.values() if hasattr(t, "kind")])
    asked, _, _, (_, value), told = tool.kind(s.w)
    s.user(r.choice(asked).format(value), skill="known tool")
    result, how = fact(s.w)
    s.call_tool(tool, {tool.parameters[0].name: value}, result)
    s.say(told.replace("{}", how))
