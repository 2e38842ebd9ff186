"""Words, names, numbers and paths. One draw is either from the training side or from the held-out side, never from both."""
import hashlib
import random

SYLLABLES = (
    "ba be bi bo bra bru ca ce co cra cu da de di do dra du el en fa fe fi fo fra ga ge gi go gra gu ha he hi ho hu ja je "
    "jo ka ke ki ko kra ku la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po pra ra re ri ro ru sa se si so sta su "
    "ta te ti to tra tu va ve vi vo wa we wi wo ya yo za ze zi zo zu ran ten lin mar sol ver nor pan cor dal fen gar hol "
    "kin lan mon pel quo ros sil tor val wen bex dun fax gim hux jad kol lup mez nox pix qua rex sud tav vex wyn yel zim"
).split()
ENDS = "n r s l t m x k d th sh ck st nd rt ng".split() + [""] * 14

NOUNS = (
    "server client worker queue cache index parser router ledger report config session token buffer socket store engine "
    "timer folder backup invoice order user account garden river bridge castle harbor lantern meadow orchard planet rocket "
    "signal temple violin window anchor basket candle dragon falcon glacier hammer island jungle kettle ladder magnet "
    "needle oyster pepper quartz ribbon saddle tunnel umbrella valley walnut zephyr apple banana cherry lemon melon olive "
    "peach plum berry tomato carrot onion potato pumpkin bread butter cheese honey coffee tea water juice salt sugar flour "
    "rice pasta soup table chair lamp mirror carpet pillow blanket curtain drawer shelf door wall roof floor stairs kitchen "
    "office studio museum library theater station airport market bakery pharmacy hospital school college stadium tiger lion "
    "zebra monkey rabbit turtle eagle sparrow pigeon parrot penguin dolphin whale shark salmon spider beetle butterfly "
    "horse camel donkey sheep goat kitten puppy wolf bear deer fox otter badger hedgehog squirrel mountain forest desert "
    "ocean lake beach cliff cave volcano island storm thunder rainbow winter summer spring autumn morning evening midnight "
    "train ship boat plane bicycle truck tractor ticket passport luggage camera phone laptop keyboard screen printer "
    "battery charger cable antenna radio speaker guitar piano drum flute trumpet song melody dance movie novel poem letter "
    "diary pencil paper book page chapter title author editor reader teacher student doctor nurse lawyer farmer baker "
    "painter singer actor pilot sailor soldier captain king queen prince wizard robot machine factory tool wrench screw "
    "nail rope chain wheel gear pump valve pipe tank filter sensor motor circuit switch button panel meter clock calendar "
    "meeting project task budget contract payment receipt salary customer supplier product package parcel delivery "
    "warehouse inventory stock price discount coupon voucher refund shipment address country city village street number "
    "code password secret key badge license permit policy rule law court judge vote party member team player coach game "
    "match score goal trophy medal puzzle riddle photo album gallery sketch statue mask costume jacket shirt sweater glove "
    "scarf boot sandal ring necklace bracelet crown jewel pearl diamond gold silver copper iron steel stone marble brick "
    "glass plastic rubber leather cotton silk wool"
).split()
ADJECTIVES = (
    "red green blue yellow orange purple white black brown gray pink golden dark bright light heavy small large tall short "
    "long wide narrow deep shallow hot cold warm cool wet dry fast slow quick quiet loud soft hard smooth rough sharp flat "
    "round square fresh stale sweet bitter sour salty old new young ancient modern simple complex cheap rich poor clean "
    "dirty empty full open closed happy sad brave calm clever proud gentle wild strange common rare secret public private "
    "local global daily weekly monthly final first second third last"
).split()
VERBS = (
    "create delete update send fetch book cancel check convert compute find get set start stop open close lock unlock add "
    "remove order ship print scan upload download copy move rename sort count measure weigh paint wash cook bake water feed "
    "play pause record publish archive restore approve reject assign invite schedule translate summarize resize rotate crop "
    "merge split encrypt decrypt sign verify deploy restart rent buy sell pay refund charge reserve track trace ping notify "
    "remind subscribe follow block report rate review tag label export import plan list show lookup inspect build clean "
    "repair replace load store push pull enable disable turn dim heat cool"
).split()
FIRST = (
    "Anna Ben Clara David Emma Felix Greta Hugo Ida Jonas Karin Leo Mia Nora Oscar Paula Quentin Rosa Simon Tina Ulrich "
    "Vera Walter Xenia Yara Zoe Alice Bob Carol Dan Eve Frank Grace Heidi Ivan Judy Kevin Laura Mike Nina Otto Peter Rita "
    "Sam Tom Uma Victor Wendy Ann John Mary James Linda Robert Susan Paul Sarah Mark Julia Martin Lena"
).split()
CITIES = (
    "Paris Berlin London Madrid Rome Vienna Oslo Prague Lisbon Dublin Athens Warsaw Zurich Geneva Munich Hamburg Milan "
    "Naples Porto Lyon Bergen Krakow Boston Chicago Denver Seattle Austin Toronto Montreal Tokyo Osaka Kyoto Seoul Sydney "
    "Cairo Delhi Mumbai Lima Bogota Quito"
).split()
EXTENSIONS = "txt md cfg ini conf yml yaml json toml log csv env".split()
FOLDERS = "src docs tests conf config data lib app notes scripts etc server client web core tools assets logs".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


# the tokenizer's pieces of letters, set where training texts are made: every one of them must be met and copied
PIECES, CAPITALS = [], []


def cover(tokens):
    """Takes the pieces of a vocabulary that words may be put together from."""
    letters = [t for t in tokens if t.isascii() and t.isalpha()]
    PIECES[:] = [t for t in letters if t.islower()]
    CAPITALS[:] = [t for t in letters if t[0].isupper() and (t[1:].islower() or len(t) == 1)]


def is_held_out(word: str) -> bool:
    """One word in eight is kept for the evaluation."""
    return hashlib.md5(word.lower().encode()).digest()[0] % 8 == 0


class Words:
    """Draws words from one side of the split."""

    def __init__(self, random_source: random.Random, held_out: bool):
        self.r = random_source
        self.held_out = held_out
        # training meets more words that nobody knows: what cannot be guessed has to be copied
        self.inventing, self.inventing_verbs = (0.58, 0.2) if held_out else (0.72, 0.6)
        self._lists = {}

    def pick(self, words):
        """One word of the list that is on this side of the split."""
        key = id(words)
        if key not in self._lists:
            self._lists[key] = ([w for w in words if is_held_out(w) == self.held_out] or list(words), words)
        return self.r.choice(self._lists[key][0])

    def invented(self) -> str:
        """A word that no dictionary has."""
        pieces = [] if self.held_out else PIECES
        while True:
            k = self.r.random()
            if pieces and k < 0.62:
                word = "".join(self.r.choice(pieces) for _ in range(self.r.choice((1, 1, 2, 2, 3))))
            elif k > 0.92:
                word = "".join(self.r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(self.r.randint(3, 7)))
            else:
                word = "".join(self.r.choice(SYLLABLES) for _ in range(self.r.choice((1, 2, 2, 2, 3, 3)))) + self.r.choice(ENDS)
            if len(word) > 2 and is_held_out(word) == self.held_out:
                return word

    def noun(self) -> str:
        return self.pick(NOUNS)

    def verb(self) -> str:
        return self.invented() if self.r.random() < self.inventing_verbs else self.pick(VERBS)

    def word(self) -> str:
        if self.r.random() < self.inventing:
            return self.invented()
        return self.noun() if self.r.random() < 0.76 else self.pick(ADJECTIVES)

    def name(self) -> str:
        k = self.r.random()
        if CAPITALS and not self.held_out:
            while k < 0.2:
                word = self.r.choice(CAPITALS) + self.invented()[: self.r.randint(1, 6)]
                if not is_held_out(word):
                    return word
        return self.pick(FIRST) if k < 0.35 else self.pick(CITIES) if k < 0.42 else self.word().capitalize()

    def number(self) -> str:
        k = self.r.random()
        return str(self.r.randint(0, 99) if k < 0.4 else self.r.randint(100, 9999) if k < 0.9 else self.r.randint(10000, 9999999))

    def value(self) -> str:
        """Something that a setting may be set to."""
        r, k = self.r, self.r.random()
        if k < 0.36:
            return self.number()
        if k < 0.62:
            return self.word()
        if k < 0.68:
            return self.name()
        if k < 0.74:
            return self.word() + "-" + self.number()
        if k < 0.79:
            return f"{r.randint(0, 20)}.{r.randint(0, 20)}" + (f".{r.randint(0, 20)}" if r.random() < 0.6 else "")
        if k < 0.83:
            return self.word() + "." + r.choice(("com", "org", "net", "local"))
        if k < 0.87:
            return "/" + self.word() + "/" + self.word()
        if k < 0.91:
            return r.choice(("true", "false", "on", "off", "yes", "no"))
        if k < 0.95:
            return self.word() + "_" + self.word()
        return self.word() + " " + self.word()

    def stem(self) -> str:
        """The name of a file without its extension."""
        k = self.r.random()
        word = self.word()
        return word if k < 0.75 else word + self.r.choice("_-") + self.word() if k < 0.93 else word + str(self.r.randint(1, 99))

    def folder(self) -> str:
        k = self.r.random()
        return self.r.choice(FOLDERS) if k < 0.6 else self.word() if k < 0.85 else self.r.choice(FOLDERS) + "/" + self.word()

    def path(self, extensions=EXTENSIONS, folder=None) -> str:
        file = self.stem() + "." + self.r.choice(extensions)
        if folder is None:
            folder = "" if self.r.random() < 0.45 else self.folder()
        return folder + "/" + file if folder else file
