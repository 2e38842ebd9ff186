"""Rows of tokens made in processes of their own: documents one behind another, so that nothing is padding."""
import math
import multiprocessing
import os
import random
import signal

import numpy

import words
from corpus import pieces
from tokenizer import Tokenizer

TASK = 220  # tokens of a task, about
WAITING = 48  # rows made ahead
REST = 0.3  # share of the tokens that the model only reads that count at all


def document(tokenizer, r, stage):
    """(ids, weights, positions); positions jump between messages in some documents, so that far apart is nothing new."""
    while True:
        ids, weights, tasks, length = [], [], stage["tasks"], stage["length"]
        if r.random() < stage["long"]:
            length = stage["longest"]
            tasks = int(math.exp(r.uniform(math.log(6), math.log(length / TASK))))
        for text, learn in pieces(r, tasks, stage["raw"], stage["talks"]):
            part = tokenizer.encode(text)
            ids += part
            weights += [1.0] * len(part) if learn else [stage["rest"] if r.random() < REST else 0.0 for _ in part]
        if len(ids) <= length:
            break
    positions = numpy.arange(len(ids), dtype=numpy.int64)
    if r.random() < stage["jumps"]:
        start = tokenizer.ids["<|im_start|>"]
        room = stage["context"] - len(ids)
        for at in [i for i, x in enumerate(ids) if x == start and i]:
            if room > 16 and r.random() < 0.4:
                jump = int(math.exp(r.uniform(0, math.log(room))))
                positions[at:] += jump
                room -= jump
    return numpy.array(ids), numpy.array(weights, dtype=numpy.float32), positions


def documents(path, seed, stages, now):
    """Documents for ever, of the stage that the shared number `now` says; for a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tokenizer, r = Tokenizer.load(path), random.Random(seed)
    words.cover(tokenizer.tokens)
    while True:
        yield document(tokenizer, r, stages[now.value])


def fill(queue, path, seed, stages, now, size):
    """Puts rows of just `size` tokens into the queue for ever: (ids, positions, weights of what follows, where documents begin, and the
    end); the short ones come first."""
    made = documents(path, seed, stages, now)
    while True:
        parts, room = [], size
        while room:
            ids, weights, positions = next(made)
            weights = numpy.append(weights[1:], numpy.float32(0))
            parts.append([x[:room] for x in (ids, positions, weights)])
            room -= len(parts[-1][0])
        parts[-1][2][-1] = 0  # where the last one was cut
        parts.sort(key=lambda part: len(part[0]))
        starts = numpy.cumsum([0, *(len(ids) for ids, _, _ in parts)], dtype=numpy.int32)
        ids, positions, weights = (numpy.concatenate(x) for x in zip(*parts))
        queue.put((ids.astype(numpy.int16), positions.astype(numpy.int16), weights.astype(numpy.float16), starts))


def start_makers(folder, seed, stages, size, processes):
    """(queue, now, processes): the processes put rows into the queue, of the stage that the shared number `now` says."""
    queue, now = multiprocessing.Queue(WAITING), multiprocessing.Value("l", 0)
    arguments = lambda i: (queue, os.path.join(folder, "tokenizer.json"), f"{seed} {i}", stages, now, size)
    makers = [multiprocessing.Process(target=fill, args=arguments(i), daemon=True) for i in range(processes)]
    for maker in makers:
        maker.start()
    return queue, now, makers
