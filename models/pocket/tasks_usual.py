"""The usual tools of examples (weather, time, music …), asked for as people ask: the wish shares little with the tool's name."""
import collections
import json

from tools import Parameter, Tool
from words import CITIES, DAYS

# what it is about; how it is asked for; its names, descriptions and parameter names; the value that is asked about; how its result is told
Usual = collections.namedtuple("Usual", "topic asked names texts parameters value told")


def city(w):
    return w.pick(CITIES) if w.r.random() < 0.5 else w.name()


def phrase(w, most=4):
    return " ".join(w.word() for _ in range(w.r.randint(1, most)))


def sum_of(w):
    return w.number() + w.r.choice((" + ", " - ", " * ", " / ", "+", "*")) + w.number()


USUAL = (
    Usual(
        "weather",
        "What is the weather in {}?|How is the weather in {}?|what's the weather like in {}?|Weather in {}?|Is it raining in {}?"
        "|Will it rain in {}?"
        "|How warm is it in {}?|Tell me the weather for {}.|Check the weather in {}.",
        "get_weather weather current_weather getWeather weather_lookup get_current_weather",
        "Weather for a city.|Get the current weather.|Returns the weather in a city.|Get the weather for a location.",
        "city location place",
        city,
        "The weather in {}: {}.",
    ),
    Usual(
        "clock",
        "What time is it in {}?|what's the time in {}|Tell me the time in {}.|How late is it in {}?|Local time in {}?",
        "get_time time current_time getTime world_clock",
        "Current time in a city.|Get the local time.|Returns the time for a place.",
        "city location place zone",
        city,
        "The time in {}: {}.",
    ),
    Usual(
        "web",
        "Search the web for {}.|Google {}.|Look up {} on the internet.|Find {} online.|What does the web say about {}?"
        "|Search the internet for {}",
        "web_search search_web google internet_search websearch",
        "Search the web.|Searches the internet.|Look something up online.",
        "query q text question",
        phrase,
        "I found: {1}.",
    ),
    Usual(
        "price",
        "What is the stock price of {}?|How much is {} worth?|What does a share of {} cost?|Stock price of {}?|Quote for {}.",
        "get_stock_price stock_price quote getStockPrice",
        "Get the price of a stock.|Returns the current share price.|Stock quotes.",
        "symbol ticker company",
        lambda w: w.name() if w.r.random() < 0.6 else w.invented().upper()[:5],
        "The price of {}: {}.",
    ),
    Usual(
        "calculator",
        "What is {}?|Calculate {}.|How much is {}?|Compute {}|{} = ?|what's {}",
        "calculate calculator math eval_expression compute",
        "Calculate an expression.|A calculator.|Evaluates arithmetic.",
        "expression input formula",
        sum_of,
        "{} = {}.",
    ),
    Usual(
        "timer",
        "Set a timer for {} minutes.|Wake me in {} minutes.|Timer: {} minutes.|Remind me in {} minutes.",
        "set_timer timer start_timer setTimer",
        "Set a timer.|Starts a timer for some minutes.",
        "minutes duration time",
        lambda w: w.r.randint(1, 90),
        "Done: {1}.",
    ),
    Usual(
        "song",
        "Play {}.|Play the song {}.|I want to hear {}.|Put on {}.|Can you play {}?",
        "play_music play_song music playSong",
        "Play a song.|Plays music.",
        "title song name",
        lambda w: phrase(w, 3),
        "Playing: {1}.",
    ),
    Usual(
        "news",
        "What is new about {}?|Give me the news about {}.|News on {}?|What happened with {}?",
        "get_news news headlines",
        "Get the news about a topic.|Latest headlines.",
        "topic subject query",
        lambda w: w.word(),
        "The news: {1}.",
    ),
    Usual(
        "person",
        "Call {}.|Phone {}.|Ring {} up.|I need to talk to {}.|Make a call to {}.",
        "call_contact make_call phone_call dial",
        "Call a contact.|Makes a phone call.",
        "name contact person",
        lambda w: w.name(),
        "Done: {1}.",
    ),
    Usual(
        "light",
        "Turn on the light in the {}.|Light in the {}, please.|It is dark in the {}.|Switch the {} light on.",
        "turn_on_light light_on lights",
        "Turn on the light in a room.|Switches a lamp on.",
        "room place lamp",
        lambda w: w.noun(),
        "Done: {1}.",
    ),
    Usual(
        "day",
        "What do I have on {}?|What is on my calendar on {}?|Am I free on {}?|Show my appointments for {}.",
        "get_events calendar list_events get_calendar",
        "Events of a day.|Reads the calendar.|List the appointments of a day.",
        "day date when",
        lambda w: w.r.choice(DAYS),
        "On {}: {}.",
    ),
)


def outcome(w):
    """(what a tool returns, how it is told)"""
    r = w.r
    if r.random() < 0.35:
        name = lambda: w.word() if r.random() < 0.5 else r.choice(("temperature", "status", "value", "time", "result"))
        pairs = {name(): r.choice((w.number, w.word))() for _ in range(r.randint(1, 3))}
        return json.dumps(pairs), ", ".join(f"{k} {v}" for k, v in pairs.items())
    text = r.choice(
        (
            w.number(),
            f"{w.word()}, {w.number()} degrees",
            f"{w.word()} {w.word()}",
            f"{r.randint(0, 23)}:{r.randint(10, 59)}",
            w.value(),
            f"{r.randint(-20, 40)} C and {w.word()}",
        )
    )
    return text, text


def usual_tools(w, count):
    """{name: Tool}; each knows how its wish is made."""
    r, tools = w.r, {}
    for usual in r.sample(USUAL, count):
        parameters = [Parameter(r.choice(usual.parameters.split()), "integer" if usual.topic == "timer" else "string")]
        if r.random() < 0.25 and usual.topic == "weather":
            parameters.append(Parameter("unit", "string", "", False, ["celsius", "fahrenheit"]))
        elif r.random() < 0.25:
            parameters.append(Parameter(r.choice(("limit", "format", "language")), "string", "", False))
        name = r.choice(usual.names.split()) if r.random() < 0.85 else w.invented()
        tools[name] = Tool(name, r.choice(usual.texts.split("|")), parameters)
        tools[name].wish = usual
    return tools


def use(s):
    """One wish for one of the usual tools that are offered."""
    tool = s.r.choice([t for t in s.tools.values() if t.wish])
    value = tool.wish.value(s.w)
    s.user(s.r.choice(tool.wish.asked.split("|")).format(value), skill="usual tools")
    result, told = outcome(s.w)
    s.call_tool(tool, {tool.parameters[0].name: value}, result)
    s.say(tool.wish.told.format(value, told), must=[told])
    s.turns[-1]["check_calls"] = True
