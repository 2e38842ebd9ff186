"""How far back does the model remember? A name told first, asked for after so many tokens of files that were read and asked about, through
libllama. usage: reach.py FOLDER MODEL.gguf [tries for each distance]"""
import random
import sys

import tasks_memory as memory
import tasks_read as reading
from llama import Llama
from scene import Scene
from tokenizer import Tokenizer
from tools import AGENT
from words import Words

DISTANCES = (500, 2000, 4000, 7000)


def remembers(llama, tokenizer, distance, seed):
    r = random.Random(seed * 31 + distance)
    s = Scene(Words(r, held_out=True), dict(AGENT), "You are a coding agent. Use the tools to do the task.")
    name = s.w.name()
    memory.tell(s, "name", name)
    while len(tokenizer.encode(s.text())) < distance:
        reading.read(s)
    s.user("What is my name?")
    ids = tokenizer.encode(s.text() + "<|im_start|>assistant\n")
    return name in tokenizer.decode(llama.answer(ids, tokenizer.end))


def main():
    tokenizer, llama, tries = Tokenizer.load(sys.argv[1] + "/tokenizer.json"), Llama(sys.argv[2]), int((sys.argv[3:] or [10])[0])
    for distance in DISTANCES:
        print(distance, "tokens:", sum(remembers(llama, tokenizer, distance, seed) for seed in range(tries)), "of", tries, flush=True)


if __name__ == "__main__":
    main()
