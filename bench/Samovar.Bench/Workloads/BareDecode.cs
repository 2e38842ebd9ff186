using Samovar.Engine.Native;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Nothing but libllama: the same context shape, the same number of tokens behind the same depth, and the first token's logits.
/// </summary>
internal sealed class BareDecode : IDisposable
{
    private const int BatchTokens = 512;
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;

    public BareDecode(string model, int contextTokens, int streams)
    {
        LlamaLibrary.Load(null);
        _model = new LlamaModel(model, gpuLayers: 0);
        _context = new LlamaContext(_model, new ContextShape(contextTokens, streams, BatchTokens, Environment.ProcessorCount, "f16"));
    }

    /// <summary>
    /// Time to decode so many tokens at this depth and to choose the likeliest next one. The depth itself is built outside of the clock.
    /// </summary>
    public TimeSpan Measure(int depth, int added)
    {
        if (_context.Length(0) > depth) _context.Truncate(0, depth);
        Decode(_context.Length(0), depth - _context.Length(0));
        var started = TimeProvider.System.GetTimestamp();
        var last = Decode(depth, added);
        var best = 0;
        var logits = _context.Logits(last);
        for (var token = 1; token < logits.Length; token++)
            if (logits[token] > logits[best]) best = token;
        return TimeProvider.System.GetElapsedTime(started);
    }

    private int Decode(int position, int count)
    {
        var last = 0;
        for (var done = 0; done < count;)
        {
            _context.ClearBatch();
            for (; done < count && _context.BatchCount < BatchTokens; done++)
                last = _context.Add(100 + (position + done) * 7 % 1000, position + done, 0, done == count - 1);
            if (_context.Decode() != DecodeResult.Done) throw new InvalidOperationException("libllama could not decode.");
        }
        return last;
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }
}
