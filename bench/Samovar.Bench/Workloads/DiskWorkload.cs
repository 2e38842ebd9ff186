using System.Diagnostics;
using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;

namespace Samovar.Bench.Workloads;

/// <summary>What a context costs that comes back: from host memory, from files, after a restart, and computed again; and how long others'
/// tokens wait while it is written.</summary>
/// <param name="Models">By their names.</param>
/// <param name="Lengths">Tokens of a context.</param>
/// <param name="NextTokens">New tokens of the turn that goes on.</param>
/// <param name="Rounds">Each of all ways, one after the other.</param>
internal sealed record DiskWorkload(IReadOnlyList<(string Name, string Path)> Models, int[] Lengths, int NextTokens, int Rounds)
{
    private const int VocabularyUsed = 400, DecodedTokens = 200;
    private static readonly byte[] Secret = new byte[32];

    public async Task RunAsync()
    {
        var table = new Table("model", "tokens", "computed ms/1k", "memory ms/1k", "disk ms/1k", "bare read ms/1k", "written ms/1k",
            "cached after TERM", "after KILL", "first token warm ms", "after TERM / warm", "after KILL / warm");
        foreach (var (name, path) in Models)
            foreach (var tokens in Lengths) await MeasureAsync(name, path, tokens, table);
        var gaps = new Table("model", "interval without files p50 ms", "p95 ms", "max ms", "with files p50 ms", "p95 ms", "max ms");
        foreach (var (name, path) in Models) await MeasureGapsAsync(name, path, gaps);
    }

    private async Task MeasureAsync(string name, string path, int tokens, Table table)
    {
        var rounds = new List<Round>();
        for (var round = 0; round < Rounds; round++) rounds.Add(await MeasureAsync(path, tokens, round));
        string Each(Func<Round, double> of, int digits = 1) => Figures.ShowAll(rounds.Select(of), digits);
        table.Row(name, Figures.Show(tokens), Each(one => one.Computed), Each(one => one.Memory), Each(one => one.Disk),
            Each(one => one.Bare, 2), Each(one => one.Written), Each(one => one.TermShare, 3), Each(one => one.KillShare, 3),
            Each(one => one.WarmFirst), Each(one => one.TermFirst / one.WarmFirst, 2), Each(one => one.KillFirst / one.WarmFirst, 2));
    }

    private async Task<Round> MeasureAsync(string path, int tokens, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-disk-");
        try
        {
            var (state, killed) = (Path.Combine(folder.FullName, "state"), Path.Combine(folder.FullName, "killed"));
            var prompt = Prompt(seed, tokens);
            TokenPath next;
            EngineTurnEnd computed, memory, warm;
            TimeSpan written;
            await using (var engine = Load(path, state))
            {
                computed = await RunAsync(engine, prompt, isStored: true);
                next = Next(computed.Path, seed + 100);
                var began = TimeProvider.System.GetTimestamp();
                while (engine.Counters.DiskWrites == 0 || WrittenTo(state) < BytesOf(engine, tokens)) await Task.Yield();
                written = TimeProvider.System.GetElapsedTime(began);
                Copy(state, killed);
                warm = await RunAsync(engine, next);
                for (var other = 0; other < 2; other++) await RunAsync(engine, Prompt(seed + 200 + other, 64)); // take its stream
                memory = await RunAsync(engine, Next(computed.Path, seed + 300));
            }
            var bare = Bare(killed);
            var (term, _) = await AgainAsync(path, state, next);
            var (kill, disk) = await AgainAsync(path, killed, next);
            return new Round
            {
                Computed = PerThousand(computed.FirstToken.TotalMilliseconds, tokens),
                Memory = PerThousand(memory.Restored.TotalMilliseconds, tokens),
                Disk = PerThousand(disk, tokens), Bare = PerThousand(bare, tokens),
                Written = PerThousand(written.TotalMilliseconds, tokens),
                TermShare = Share(term, computed), KillShare = Share(kill, computed), WarmFirst = warm.FirstToken.TotalMilliseconds,
                TermFirst = term.FirstToken.TotalMilliseconds, KillFirst = kill.FirstToken.TotalMilliseconds,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The first turn of a new engine, and how long its state took from the files into a stream.</summary>
    private static async Task<(EngineTurnEnd End, double Milliseconds)> AgainAsync(string path, string folder, TokenPath next)
    {
        await using var engine = Load(path, folder);
        await RunAsync(engine, Prompt(999, 32)); // its first batch makes what batches need
        var end = await RunAsync(engine, next);
        return (end, end.Queued.TotalMilliseconds);
    }

    /// <summary>The intervals of a turn's tokens while another conversation's turns end and are written.</summary>
    private static async Task MeasureGapsAsync(string name, string path, Table table)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-bench-disk-");
        try
        {
            var all = new List<double>[] { [], [] };
            for (var round = 0; round < 4; round++)
                foreach (var hasFiles in new[] { false, true })
                    all[hasFiles ? 1 : 0].AddRange(await GapsAsync(path, hasFiles ? Path.Combine(folder.FullName, $"{round}") : null));
            var shares = new[] { 0.5, 0.95, 1 };
            table.Row([name, .. all.SelectMany(gaps => shares.Select(share => Figures.Show(Figures.Percentile(gaps, share), 1)))]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<double>> GapsAsync(string path, string? folder)
    {
        await using var engine = Load(path, folder, TimeSpan.FromMilliseconds(200));
        await RunAsync(engine, Prompt(1, 1024), isStored: true); // waits to be written when the other runs
        var admitted = (EngineAdmission.Admitted)engine.Begin(Spec(Prompt(2, 64), isStored: true, DecodedTokens));
        var (gaps, last) = (new List<double>(), 0L);
        while (await admitted.Turn.Steps.WaitToReadAsync(CancellationToken.None))
            while (admitted.Turn.Steps.TryRead(out _))
            {
                var now = Stopwatch.GetTimestamp();
                if (last != 0) gaps.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
                last = now;
            }
        return gaps;
    }

    private static LlamaEngine Load(string path, string? folder, TimeSpan? saveMax = null) => LlamaEngine.Load(
        new EngineOptions
        {
            ModelPath = path, ContextTokens = 8192, Streams = 2, DiskBytesMax = folder is null ? 0 : 16L << 30, DiskPath = folder ?? "none",
            DiskSaveDelay = TimeSpan.Zero, DiskSaveMax = saveMax ?? TimeSpan.FromSeconds(10), DraftTokensMax = 0,
        },
        TimeProvider.System, secrets: [Secret]);

    private static EngineTurnSpec Spec(TokenPath prompt, bool isStored, int output) => new()
    {
        Namespace = "bench", Prompt = prompt, OutputTokensMax = output, IsStored = isStored,
        Sampling = new SamplingSettings { Temperature = 0 },
    };

    private static async Task<EngineTurnEnd> RunAsync(LlamaEngine engine, TokenPath prompt, bool isStored = false)
    {
        var turn = ((EngineAdmission.Admitted)engine.Begin(Spec(prompt, isStored, 2))).Turn;
        while (await turn.Steps.WaitToReadAsync(CancellationToken.None))
            while (turn.Steps.TryRead(out _)) { }
        return await turn.Ended;
    }

    private static TokenPath Prompt(int seed, int tokens)
    {
        var random = new Random(seed);
        return TokenPath.Empty.Append(Enumerable.Range(0, tokens).Select(_ => random.Next(10, VocabularyUsed)).ToArray());
    }

    private TokenPath Next(TokenPath path, int seed) =>
        TokenPath.Empty.Append(path.ToArray()).Append(Prompt(seed, NextTokens).ToArray());

    private static long BytesOf(LlamaEngine engine, int tokens) => engine.Model.StateBytesPerToken * tokens;

    /// <summary>Bytes of the files that are whole: what is being written has another name until then.</summary>
    private static long WrittenTo(string folder) => new DirectoryInfo(folder).EnumerateFiles("*.rows").Sum(file => file.Length);

    /// <summary>What a process that is killed now leaves, but for the file that it is writing.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Select(Path.GetFileName))
            if (file is not (null or "lock") && !file.EndsWith(".writing", StringComparison.Ordinal))
                File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }

    /// <summary>The same bytes with nothing done to them.</summary>
    private static double Bare(string folder)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var file in Directory.EnumerateFiles(folder, "*.rows")) File.ReadAllBytes(file);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static double PerThousand(double milliseconds, int tokens) => milliseconds * 1000 / tokens;

    private static double Share(EngineTurnEnd end, EngineTurnEnd before) => (double)end.CachedTokens / (before.Path.Length - 1);

    /// <summary>One of each, in milliseconds: moves for each thousand tokens.</summary>
    private sealed record Round
    {
        public double Computed { get; init; }
        public double Memory { get; init; }
        public double Disk { get; init; }
        public double Bare { get; init; }
        public double Written { get; init; }
        public double TermShare { get; init; }
        public double KillShare { get; init; }
        public double WarmFirst { get; init; }
        public double TermFirst { get; init; }
        public double KillFirst { get; init; }
    }
}
