using Samovar.Bench.Reports;
using Samovar.Engine.Native;
using Samovar.Engine.States;
using Samovar.Engine.Tokens;

namespace Samovar.Bench.Workloads.Fairness;

/// <summary>
/// What saving a stream's whole state and setting it again takes: libllama does each in one call, so no round can divide it, and all who
/// speak wait for it once.
/// </summary>
/// <remarks>The state is made up: copies of one token's rows, as many as are asked for.</remarks>
internal sealed unsafe record CopiesWorkload(string Model, int[] Tokens, int Runs)
{
    public void Run()
    {
        LlamaLibrary.Load(null);
        using var model = new LlamaModel(Model, gpuLayers: 0);
        var table = new Table("tokens", "MB", "save ms", "keep ms", "park ms", "put together ms", "set ms", "restore ms");
        foreach (var tokens in Tokens) Measure(model, tokens, table);
    }

    private void Measure(LlamaModel model, int tokens, Table table)
    {
        using var context = new LlamaContext(model, new ContextShape(tokens, 1, 512, Environment.ProcessorCount, "f16"));
        var tokenizer = new Tokenizer(model.Vocabulary, new UseGate(nameof(CopiesWorkload)), model.Metadata("tokenizer.ggml.pre"));
        if (LayoutProbe.Learn(context, tokenizer, streams: 1).Layout is not { } layout)
            throw new InvalidOperationException("This model's state has no rows.");
        using var saved = new ScratchMemory();
        using var spliced = new ScratchMemory();
        var rows = StateRows.Copy(layout, OneRow(context, layout, saved));
        var parts = new List<RowSlice>();
        for (var token = 0; token < tokens; token++) rows.AddTo(parts, 1);
        var (size, least) = (layout.Size(tokens), Enumerable.Repeat(double.PositiveInfinity, 4).ToArray());
        for (var run = 0; run < Runs; run++)
        {
            Take(0, () => layout.Splice(spliced.Take(size), 0, parts));
            context.Empty(0);
            Take(1, () => Check(context.LoadState(0, spliced.Take(size), size) && context.Length(0) == tokens));
            spliced.Release();
            Take(2, () => Check(context.SaveState(0, saved.Take(size), size) == size));
            var kept = rows;
            Take(3, () => kept = StateRows.Copy(layout, layout.Open(saved.Take(size), size, 0, tokens)!.Value));
            saved.Release();
            if (run > 0) rows.Free();
            parts.Clear();
            (rows = kept).AddTo(parts, tokens);
        }
        rows.Free();
        table.Row(Figures.Show(tokens), Figures.Show(size / 1e6, 1), Figures.Show(least[2], 1), Figures.Show(least[3], 1),
            Figures.Show(least[2] + least[3], 1), Figures.Show(least[0], 1), Figures.Show(least[1], 1),
            Figures.Show(least[0] + least[1], 1));

        void Take(int step, Action work)
        {
            var began = TimeProvider.System.GetTimestamp();
            work();
            least[step] = Math.Min(least[step], TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private static RowSlice OneRow(LlamaContext context, StateLayout layout, ScratchMemory saved)
    {
        context.ClearBatch();
        context.Add(0, 0, 0, output: true);
        Check(context.Decode(threads: 1) == DecodeResult.Done);
        var size = context.StateSize(0);
        Check(context.SaveState(0, saved.Take(size), size) == size);
        return layout.Open(saved.Take(size), size, 0, 1)!.Value;
    }

    private static void Check(bool isDone)
    {
        if (!isDone) throw new InvalidOperationException("libllama could not do it.");
    }
}
