using Samovar.Engine.Native;

namespace Samovar.Bench.Workloads;

/// <summary>What libllama alone takes for batches of some sizes behind some depths: the least of many runs, sizes in turn.</summary>
internal sealed class BareBatches : IDisposable
{
    private const int BatchTokens = 512, LengthMax = 62;
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private int _filled;

    /// <summary>Whether the processor's time counts, which other work on the machine changes less.</summary>
    public bool CountsProcessor { get; init; }

    public BareBatches(string model, int contextTokens = 4096)
    {
        LlamaLibrary.Load(null);
        _model = new LlamaModel(model, gpuLayers: 0);
        _context = new LlamaContext(_model, new ContextShape(contextTokens, 2, BatchTokens, Environment.ProcessorCount, "f16")
        {
            DraftTokens = LengthMax,
        });
        _context.Own();
    }

    /// <summary>Milliseconds of a batch with each number of threads and tokens: the least of the runs, which take turns.</summary>
    public double[] Measure(int depth, (int Threads, int Size)[] batches, int runs)
    {
        Fill(depth);
        var least = new double[batches.Length];
        Array.Fill(least, double.PositiveInfinity);
        for (var run = 0; run < runs; run++)
            for (var at = 0; at < batches.Length; at++)
            {
                _ = Compute(depth, batches[at]); // the graph of another size is made anew
                least[at] = Math.Min(least[at], Math.Min(Compute(depth, batches[at]), Compute(depth, batches[at])));
            }
        return least;
    }

    private double Compute(int depth, (int Threads, int Size) batch)
    {
        _context.Truncate(0, depth);
        _context.ClearBatch();
        for (var at = 0; at < batch.Size; at++) _context.Add(100 + at * 7 % 1000, depth + at, 0, output: batch.Size <= LengthMax);
        var (began, used) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        Decode(batch.Threads);
        _context.Wait();
        return (CountsProcessor ? Environment.CpuUsage.TotalTime - used : TimeProvider.System.GetElapsedTime(began)).TotalMilliseconds;
    }

    private void Decode(int threads)
    {
        if (_context.Decode(threads) != DecodeResult.Done) throw new InvalidOperationException("libllama could not decode.");
    }

    private void Fill(int depth)
    {
        _context.Truncate(0, Math.Min(_filled, depth));
        for (var done = Math.Min(_filled, depth); done < depth;)
        {
            _context.ClearBatch();
            for (; done < depth && _context.BatchCount < BatchTokens; done++)
                _context.Add(100 + done * 7 % 1000, done, 0, output: false);
            Decode(Environment.ProcessorCount);
        }
        _filled = depth;
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }
}
