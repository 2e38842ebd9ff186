"""libllama by ctypes, as much as it takes to check the export and to try the model without a server."""
import ctypes
import os

import numpy

PACKAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../native/node_modules/@node-llama-cpp")
LIBRARY = os.environ.get("LLAMA_LIBRARY", os.path.join(PACKAGES, "linux-x64/bins/linux-x64"))


class Batch(ctypes.Structure):
    _fields_ = [
        ("count", ctypes.c_int32),
        ("tokens", ctypes.c_void_p),
        ("embeddings", ctypes.c_void_p),
        ("positions", ctypes.c_void_p),
        ("sequence_counts", ctypes.c_void_p),
        ("sequences", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
    ]


class Opaque(ctypes.Structure):
    """A parameter struct of unknown length: passed in memory, so that more bytes than it has do no harm."""

    _fields_ = [("words", ctypes.c_int32 * 160)]


class Llama:
    def __init__(self, path, context=8192, threads=1):
        load = lambda name: ctypes.CDLL(os.path.join(LIBRARY, name), mode=ctypes.RTLD_GLOBAL)
        names = sorted(os.listdir(LIBRARY))
        pick = lambda start: next(n for n in names if n.startswith(start))
        load("libggml-base.so")
        ggml, self.lib = load(pick("libggml.")), load(pick("libllama."))
        ggml.ggml_backend_load_all_from_path(LIBRARY.encode())
        lib = self.lib
        self.quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda level, text, data: None)
        lib.llama_log_set(self.quiet, None)
        lib.llama_model_default_params.restype = lib.llama_context_default_params.restype = Opaque
        for name in ("llama_model_load_from_file", "llama_init_from_model", "llama_model_get_vocab", "llama_get_memory"):
            getattr(lib, name).restype = ctypes.c_void_p
        lib.llama_model_load_from_file.argtypes = [ctypes.c_char_p, Opaque]
        lib.llama_init_from_model.argtypes = [ctypes.c_void_p, Opaque]
        lib.llama_model_get_vocab.argtypes = lib.llama_get_memory.argtypes = [ctypes.c_void_p]
        lib.llama_decode.argtypes = [ctypes.c_void_p, Batch]
        lib.llama_get_logits_ith.restype = ctypes.POINTER(ctypes.c_float)
        lib.llama_get_logits_ith.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        lib.llama_memory_seq_rm.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32, ctypes.c_int32]
        lib.llama_memory_seq_rm.restype = ctypes.c_bool
        lib.llama_tokenize.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int32,
            ctypes.c_bool,
            ctypes.c_bool,
        ]
        lib.llama_batch_get_one.restype = Batch
        lib.llama_batch_get_one.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        lib.llama_vocab_n_tokens.argtypes = [ctypes.c_void_p]
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(path.encode(), lib.llama_model_default_params())
        if not self.model:
            raise SystemExit("libllama does not load " + path)
        self.vocab = lib.llama_model_get_vocab(self.model)
        self.size = lib.llama_vocab_n_tokens(self.vocab)
        parameters = lib.llama_context_default_params()
        words = (
            parameters.words
        )  # context, batch, micro batch, sequences, snapshots, outputs, outputs per sequence, threads, threads for batches
        words[0], words[1], words[2], words[7], words[8] = context, 512, 512, threads, threads
        self.context = lib.llama_init_from_model(self.model, parameters)
        if not self.context:
            raise SystemExit("no context")
        self.memory, self.past, self.limit = lib.llama_get_memory(self.context), [], context

    def tokenize(self, text):
        data = text.encode()
        out = (ctypes.c_int32 * (len(data) + 16))()
        n = self.lib.llama_tokenize(self.vocab, data, len(data), out, len(out), False, True)
        return list(out[:n])

    def feed(self, ids):
        """Brings the cache to exactly these tokens, decoding only what is new; the logits after the last."""
        same = 0
        while same < min(len(self.past), len(ids) - 1) and self.past[same] == ids[same]:
            same += 1
        if same < len(self.past):
            self.lib.llama_memory_seq_rm(self.memory, 0, same, -1)
        new = ids[same:]
        for at in range(0, len(new), 512):
            part = (ctypes.c_int32 * len(new[at : at + 512]))(*new[at : at + 512])
            if self.lib.llama_decode(self.context, self.lib.llama_batch_get_one(part, len(part))) != 0:
                raise RuntimeError("decode failed")
        self.past = list(ids)
        return numpy.ctypeslib.as_array(self.lib.llama_get_logits_ith(self.context, -1), (self.size,)).copy()

    def answer(self, ids, end, most=400):
        """Greedy tokens after these, without the end token."""
        out, logits = [], self.feed(ids)
        while len(out) < most:
            token = int(logits.argmax())
            if token == end:
                break
            out.append(token)
            logits = self.feed(ids + out)
        return out
