using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>A context: the streams' cells, the batch that is decoded into them, and the logits that come out. One thread at a
/// time.</summary>
internal sealed unsafe class LlamaContext : IDisposable
{
    private const int NoSlot = 1;
    private readonly LlamaModel _model;
    private readonly nint _memory;
    private readonly nint _pool;
    private readonly int _capacity;
    private readonly int _vocabulary;
    private readonly int _threadsMax;
    private nint _handle;
    private int _threads;
    private NativeBatch _batch;
    private int* _sequences;

    public LlamaContext(LlamaModel model, ContextShape shape)
    {
        var parameters = ContextCalls.llama_context_default_params();
        parameters.ContextTokens = checked((uint)shape.ContextTokens * (uint)shape.Streams);
        parameters.BatchTokens = parameters.MicroBatchTokens = (uint)shape.BatchTokens;
        parameters.SequencesMax = (uint)shape.Streams;
        parameters.OutputsMax = (uint)Math.Min(shape.BatchTokens, shape.Streams + shape.DraftTokens);
        parameters.Threads = parameters.BatchThreads = shape.Threads;
        parameters.KeyType = parameters.ValueType = KvTypes.Of(shape.KvType);
        parameters.UnifiedKv = 0;
        parameters.NoPerf = 1;
        LlamaLibrary.TakeError();
        _handle = ContextCalls.llama_init_from_model(model.Handle, parameters);
        if (_handle == 0) throw new EngineLoadException($"libllama cannot make a context: {LlamaLibrary.TakeError()}");
        _memory = ContextCalls.llama_get_memory(_handle);
        _pool = NewPool(shape.Threads);
        if (_pool != 0) ContextCalls.llama_attach_threadpool(_handle, _pool, _pool);
        _vocabulary = VocabCalls.llama_vocab_n_tokens(model.Vocabulary);
        _capacity = shape.BatchTokens;
        _threads = _threadsMax = shape.Threads;
        AllocateBatch();
        _model = model;
        model.Uses(1);
    }

    /// <summary>Cells of one stream.</summary>
    public int CellsPerStream => (int)ContextCalls.llama_n_ctx_seq(_handle);

    /// <summary>Tokens in the batch that is being put together.</summary>
    public int BatchCount => _batch.Count;

    public void ClearBatch() => _batch.Count = 0;

    /// <summary>Adds a token to the batch and says its index, by which <see cref="Logits"/> knows it.</summary>
    public int Add(int token, int position, int stream, bool output)
    {
        var index = _batch.Count;
        if (index >= _capacity) throw new InvalidOperationException("The batch is full.");
        _batch.Tokens[index] = token;
        _batch.Positions[index] = position;
        _sequences[index] = stream;
        _batch.Outputs[index] = output ? (byte)1 : (byte)0;
        _batch.Count = index + 1;
        return index;
    }

    /// <summary>Makes the calling thread the one that decodes: it computes along with the pool's and is kept apart from them.</summary>
    public void Own() => CoreAffinity.PlaceCaller(_threadsMax);

    /// <summary>Decodes the batch with that many threads.</summary>
    public DecodeResult Decode(int threads)
    {
        if (threads != _threads) ContextCalls.llama_set_n_threads(_handle, threads, threads);
        _threads = threads;
        return Decode();
    }

    /// <summary>Decodes the batch.</summary>
    public DecodeResult Decode() => ContextCalls.llama_decode(_handle, _batch) switch
    {
        0 => DecodeResult.Done,
        NoSlot => DecodeResult.NoRoom,
        -1 => DecodeResult.Invalid,
        _ => DecodeResult.Broken,
    };

    /// <summary>Waits until what was decoded is computed, where a device still works on it.</summary>
    public void Wait() => ContextCalls.llama_synchronize(_handle);

    /// <summary>The logits of a batch entry that asked for output; valid until the next decode.</summary>
    public Span<float> Logits(int index)
    {
        var logits = ContextCalls.llama_get_logits_ith(_handle, index);
        return logits == null ? default : new Span<float>(logits, _vocabulary);
    }

    /// <summary>Cuts a stream's tokens off from a position on.</summary>
    public bool Truncate(int stream, int length) => ContextCalls.llama_memory_seq_rm(_memory, stream, length, -1) != 0;

    /// <summary>Drops a stream's tokens in front of a position; only for a stream that is saved and then emptied.</summary>
    public bool DropFront(int stream, int length) => length == 0 || ContextCalls.llama_memory_seq_rm(_memory, stream, 0, length) != 0;

    /// <summary>Empties a stream.</summary>
    public void Empty(int stream) => ContextCalls.llama_memory_seq_rm(_memory, stream, -1, -1);

    /// <summary>Tokens that a stream holds, by its highest position.</summary>
    public int Length(int stream) => ContextCalls.llama_memory_seq_pos_max(_memory, stream) + 1;

    /// <summary>The lowest position that every layer of a stream still has; -1 where it is empty.</summary>
    public int First(int stream) => ContextCalls.llama_memory_seq_pos_min(_memory, stream);

    public long StateSize(int stream, StatePart part = StatePart.Whole) =>
        (long)ContextCalls.llama_state_seq_get_size_ext(_handle, stream, (uint)part);

    /// <summary>Writes a stream's state; the bytes written, 0 for a failure.</summary>
    public long SaveState(int stream, byte* target, long size, StatePart part = StatePart.Whole) =>
        (long)ContextCalls.llama_state_seq_get_data_ext(_handle, target, (nuint)size, stream, (uint)part);

    /// <summary>Replaces a stream's content, or that part of it; after false what the stream holds is not certain.</summary>
    public bool LoadState(int stream, byte* source, long size, StatePart part = StatePart.Whole) =>
        ContextCalls.llama_state_seq_set_data_ext(_handle, source, (nuint)size, stream, (uint)part) == (nuint)size;

    public void Dispose()
    {
        if (_handle == 0) return;
        if (_pool != 0) ContextCalls.llama_detach_threadpool(_handle);
        ContextCalls.llama_free(_handle);
        GgmlCalls.FreeThreadPool(_pool);
        _handle = 0;
        _model.Uses(-1);
        NativeMemory.Free(_batch.Tokens);
        NativeMemory.Free(_batch.Positions);
        NativeMemory.Free(_batch.SequenceCounts);
        NativeMemory.Free(_batch.SequenceIds);
        NativeMemory.Free(_batch.Outputs);
        NativeMemory.Free(_sequences);
    }

    private nint NewPool(int threads)
    {
        if (threads <= 1) return 0;
        try
        {
            return CoreAffinity.NewPool(threads, () => GgmlCalls.NewThreadPool(threads));
        }
        catch
        {
            ContextCalls.llama_free(_handle); // nobody else has it yet
            throw;
        }
    }

    private void AllocateBatch()
    {
        var count = (nuint)_capacity;
        _sequences = (int*)NativeMemory.Alloc(count, sizeof(int));
        _batch.Tokens = (int*)NativeMemory.Alloc(count, sizeof(int));
        _batch.Positions = (int*)NativeMemory.Alloc(count, sizeof(int));
        _batch.SequenceCounts = (int*)NativeMemory.Alloc(count, sizeof(int));
        _batch.SequenceIds = (int**)NativeMemory.Alloc(count, (nuint)sizeof(int*));
        _batch.Outputs = (byte*)NativeMemory.Alloc(count);
        for (var index = 0; index < _capacity; index++)
        {
            _batch.SequenceCounts[index] = 1;
            _batch.SequenceIds[index] = _sequences + index;
        }
    }
}

/// <summary>What a decode answered.</summary>
internal enum DecodeResult
{
    Done,

    /// <summary>No cells for this batch; nothing changed, a smaller one may fit.</summary>
    NoRoom,

    /// <summary>The batch itself is wrong (a token or a position); nothing changed.</summary>
    Invalid,

    /// <summary>Failed midway: the streams of the batch hold an unknown part of it.</summary>
    Broken,
}

/// <summary>How much of a stream's state is moved, as libllama's flags say it.</summary>
internal enum StatePart
{
    Whole,

    /// <summary>What its tail alone decides: the rows within windows, or the recurrent state.</summary>
    AtEnd,
}
