"""Batches made in a process of their own: documents of like length side by side, so that little is padding."""
import math
import multiprocessing
import random
import signal

import numpy

import words
from corpus import pieces
from tokenizer import Tokenizer

TASK = 220  # tokens of a task, about
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


def batch(documents):
    """(ids, positions, targets, weights), each [b, t]."""
    t = (max(len(d[0]) for d in documents) - 1 + 15) // 16 * 16
    ids, positions, targets = (numpy.zeros((len(documents), t), dtype=numpy.int64) for _ in range(3))
    weights = numpy.zeros((len(documents), t), dtype=numpy.float32)
    for i, (x, w, p) in enumerate(documents):
        n = len(x) - 1
        ids[i, :n], targets[i, :n], weights[i, :n], positions[i, :n] = x[:-1], x[1:], w[1:], p[:-1]
    return ids, positions, targets, weights


def documents(path, seed, stages, now):
    """Documents for ever, of the stage that the shared number `now` says; for a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tokenizer, r = Tokenizer.load(path), random.Random(seed)
    words.cover(tokenizer.tokens)
    while True:
        yield document(tokenizer, r, stages[now.value])


def fill(queue, path, seed, stages, now, size):
    """Puts batches of about `size` tokens into the queue for ever."""
    made, r = documents(path, seed, stages, now), random.Random(seed)
    while True:
        pool, tokens = [], 0
        while tokens < 60 * size:
            pool.append(next(made))
            tokens += len(pool[-1][0])
        pool.sort(key=lambda d: len(d[0]))
        groups, group = [], []
        for d in pool:
            if group and (len(group) + 1) * len(d[0]) > size:
                groups.append(group)
                group = []
            group.append(d)
        r.shuffle(groups)
        for g in groups:
            queue.put(batch(g))


def fill_rows(queue, path, seed, stages, now, size):
    """Puts rows of just `size` tokens into the queue for ever: (ids, positions, weights of what follows, where documents begin, and the end);
    the short ones come first."""
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


def source(filling, path, seed, stages, size, processes=1, waiting=48):
    """(queue, stage, processes): the processes put what `filling` makes into the queue, from the stage that the shared number says."""
    queue, now = multiprocessing.Queue(waiting), multiprocessing.Value("l", 0)
    makers = [
        multiprocessing.Process(target=filling, args=(queue, path, f"{seed} {i}", stages, now, size), daemon=True)
        for i in range(processes)
    ]
    for maker in makers:
        maker.start()
    return queue, now, makers
