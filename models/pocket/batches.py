"""Batches made in a process of their own: documents of like length side by side, so that little is padding."""
import math
import multiprocessing
import random
import signal

import numpy

import words
from corpus import pieces
from tokenizer import Tokenizer

LONG_MAX = 5000  # tokens of a long document
REST = 0.3  # share of the tokens that the model only reads that count at all


def document(tokenizer, r, stage):
    """(ids, weights, positions); positions jump between messages in some documents, so that far apart is nothing new."""
    while True:
        ids, weights = [], []
        long = r.random() < stage["long"]
        for text, learn in pieces(r, 9 if long else stage["tasks"], stage["raw"], stage["talks"]):
            part = tokenizer.encode(text)
            ids += part
            weights += [1.0] * len(part) if learn else [stage["rest"] if r.random() < REST else 0.0 for _ in part]
        if len(ids) <= (LONG_MAX if long else stage["length"]):
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


def batch(documents):
    """(ids, positions, targets, weights), each [b, t]."""
    t = (max(len(d[0]) for d in documents) - 1 + 15) // 16 * 16
    ids, positions, targets = (numpy.zeros((len(documents), t), dtype=numpy.int64) for _ in range(3))
    weights = numpy.zeros((len(documents), t), dtype=numpy.float32)
    for i, (x, w, p) in enumerate(documents):
        n = len(x) - 1
        ids[i, :n], targets[i, :n], weights[i, :n], positions[i, :n] = x[:-1], x[1:], w[1:], p[:-1]
    return ids, positions, targets, weights


def work(queue, path, seed, stages, now):
    """Fills the queue for ever, with documents of the stage that `now` says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tokenizer, r = Tokenizer.load(path), random.Random(seed)
    words.cover(tokenizer.tokens)
    while True:
        stage, pool, size = stages[now.value], [], 0
        while size < 60 * stage["tokens"]:
            pool.append(document(tokenizer, r, stage))
            size += len(pool[-1][0])
        pool.sort(key=lambda d: len(d[0]))
        groups, group = [], []
        for d in pool:
            if group and (len(group) + 1) * len(d[0]) > stage["tokens"]:
                groups.append(group)
                group = []
            group.append(d)
        r.shuffle(groups)
        for g in groups:
            queue.put(batch(g))


def source(path, seed, stages, now):
    """(queue, process): the process makes batches of the stage that the shared number `now` says."""
    queue = multiprocessing.Queue(48)
    process = multiprocessing.Process(target=work, args=(queue, path, seed, stages, now), daemon=True)
    process.start()
    return queue, process
