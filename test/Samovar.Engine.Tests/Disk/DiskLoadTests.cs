using Samovar.Engine.Disk;
using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Disk;

/// <summary>State reaches files, and comes back from them, while turns run without a pause.</summary>
public sealed class DiskLoadTests : IDisposable
{
    private const int OutputTokens = 3300, LongTokens = 30_000;
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private readonly DiskLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("llama", true)]
    [InlineData("llama", false)]
    [InlineData("qwen35", false)]
    [InlineData("gemma3", false)]
    public async Task HotStream_IsWritten_WhileTurnsRun(string architecture, bool goesOn)
    {
        TokenPath ended;
        string killed;
        await using (var engine = _lab.Start(architecture, Busy))
        {
            var other = new Endless(engine, DiskLab.Prompt(9, 50));
            var (one, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(1, 600)));
            ended = one.Path;
            var more = goesOn ? new Endless(engine, DiskLab.Again(one.Path, 2, 30), one.Pin, isStored: true) : null;
            var leaf = engine.Streams.Slots.Single(slot => slot.Leaf is { IsStored: true });
            await Soon.UntilAsync(() => IsWritten(leaf.Leaf!, goesOn || !engine.Model.WantsMarks));
            killed = _lab.Copy();
            if (more is not null) await more.DisposeAsync();
            await other.DisposeAsync();
        }
        await using var second = _lab.Start(architecture, folder: killed);
        var (end, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(DiskLab.Again(ended, 2, 30), isStored: false));
        Assert.Equal(CacheSource.Disk, end.Source);
        Assert.InRange(end.CachedTokens, ended.Length - 1, ended.Length + 30);
        await using var cold = _lab.Start(architecture, options => options.DiskBytesMax = 0);
        ExactLab.AssertSame((await DiskLab.RunAsync(cold, DiskLab.Spec(DiskLab.Again(ended, 2, 30)))).Steps, steps);
    }

    [Fact]
    public async Task ParkedState_IsWritten_WhileTurnsRun()
    {
        await using var engine = _lab.Start("llama", Busy);
        await using var other = new Endless(engine, DiskLab.Prompt(9, 50));
        for (var session = 0; session < 4; session++) await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Prompt(session, 300)));
        await Soon.UntilAsync(() => engine.Counters.DiskWrites >= 4);
    }

    [Fact]
    public async Task AnnouncedTurn_FindsItsState_InMemory()
    {
        EngineTurnEnd one;
        await using (var first = _lab.Start("llama")) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 600)))).End;
        await using var engine = _lab.Start("llama");
        engine.Files!.Expect("b", one.Path); // has none
        engine.Files.Expect("a", one.Path);
        await Soon.UntilAsync(() => engine.Counters.ParkedBytes > 0 && engine.Counters.DiskTokens >= one.Path.Length - 1);
        var reads = engine.Counters.DiskReads;
        var (end, _) = await DiskLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(one.Path, 2, 30)));
        Assert.Equal((CacheSource.Disk, reads), (end.Source, engine.Counters.DiskReads));
        Assert.InRange(end.CachedTokens, one.Path.Length - 1, one.Path.Length);
    }

    [Fact]
    public async Task TurnThatWaitsForAStream_IsReadMeanwhile()
    {
        static void Long(EngineOptions options) => options.ContextTokens = 2 * LongTokens;
        EngineTurnEnd one;
        await using (var first = _lab.Start("llama", Long)) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 600)))).End;
        await using var engine = _lab.Start("llama", Long);
        await using var eight = new Endless(engine, DiskLab.Prompt(8, 50), output: LongTokens);
        await using var nine = new Endless(engine, DiskLab.Prompt(9, 50), output: LongTokens);
        await Soon.UntilAsync(() => engine.Counters.StreamsBusy == 2);
        var waiting = EngineLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(one.Path, 2, 30)));
        await Soon.UntilAsync(() => engine.Counters.DiskTokens >= one.Path.Length - 1);
        Assert.False(waiting.IsCompleted);
        await eight.DisposeAsync();
        await nine.DisposeAsync();
        Assert.Equal(CacheSource.Disk, (await waiting).End.Source);
    }

    [Fact]
    public async Task StateThatWasReadAheadAndHasGoneAgain_IsReadOnceMore()
    {
        var time = new ManualTime();
        void Long(EngineOptions options) => (options.ContextTokens, options.DiskWaitMax) = (2 * LongTokens, TimeSpan.FromSeconds(10));
        EngineTurnEnd one;
        await using (var first = _lab.Start("llama", Long)) one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 600)))).End;
        await using var engine = _lab.Start("llama", Long, time: time);
        await using var eight = new Endless(engine, DiskLab.Prompt(8, 50), output: LongTokens);
        await using var nine = new Endless(engine, DiskLab.Prompt(9, 50), output: LongTokens);
        await Soon.UntilAsync(() => engine.Counters.StreamsBusy == 2);
        var waiting = EngineLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(one.Path, 2, 30)));
        await Soon.UntilAsync(() => engine.Counters.DiskTokens >= one.Path.Length - 1);
        time.Advance(TimeSpan.FromSeconds(11)); // longer than any waits for the disk
        await EngineAudit.AskAsync(engine, engine.Store.Clear); // others needed the room
        await eight.DisposeAsync();
        await nine.DisposeAsync();
        var (end, _) = await Soon.In(waiting);
        Assert.Equal(CacheSource.Disk, end.Source);
        Assert.InRange(end.CachedTokens, one.Path.Length - 1, one.Path.Length);
    }

    [Fact]
    public async Task TurnsThatWait_AreReadAhead_ForAPartOfHostMemory()
    {
        const int Turns = 6;
        static void Long(EngineOptions options) => options.ContextTokens = 2 * LongTokens;
        var paths = new List<TokenPath>();
        var chainBytes = 0L;
        await using (var first = _lab.Start("llama", Long))
            for (var session = 0; session < Turns; session++)
            {
                paths.Add((await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(session, 600)))).End.Path);
                chainBytes = (long)first.Model.StateBytesPerToken * paths[0].Length;
            }
        await using var engine = _lab.Start("llama", options =>
        {
            Long(options);
            options.ParkedBytesMax = 5 * chainBytes; // two go into its half
        }, time: new ManualTime()); // then no disk is slower than computing
        await using var eight = new Endless(engine, DiskLab.Prompt(8, 50), output: LongTokens);
        await using var nine = new Endless(engine, DiskLab.Prompt(9, 50), output: LongTokens);
        await Soon.UntilAsync(() => engine.Counters.StreamsBusy == 2);
        var waiting = paths.ConvertAll(path => EngineLab.RunAsync(engine, DiskLab.Spec(DiskLab.Again(path, 2, 30))));
        await Soon.UntilAsync(() => engine.Counters.TurnsQueued == Turns && engine.Counters.DiskTokens >= 2 * (paths[0].Length - 1));
        for (var round = 0; round < 3; round++) await EngineAudit.AskAsync(engine, static () => { });
        Assert.InRange(engine.Counters.DiskTokens, 1, 2 * paths[0].Length);
        Assert.Equal(0, engine.Counters.Evictions);
        await eight.DisposeAsync();
        await nine.DisposeAsync();
        Assert.All(await Soon.In(Task.WhenAll(waiting)), turn => Assert.Equal(CacheSource.Disk, turn.End.Source));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("falcon-h1")]
    public async Task LongState_IsInSeveralFiles_AndComesBackWhole(string architecture)
    {
        static void Small(EngineOptions options) => options.DiskPieceBytesMax = 1 << 16;
        EngineTurnEnd one;
        await using (var first = _lab.Start(architecture, Small))
            one = (await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, 1500)))).End;
        Assert.True(_lab.Files.Count(file => file.EndsWith(".rows", StringComparison.Ordinal)) >= 4);
        await using var engine = _lab.Start(architecture, Small);
        var prompt = DiskLab.Again(one.Path, 2, 30);
        var (end, steps) = await DiskLab.RunAsync(engine, DiskLab.Spec(prompt));
        Assert.InRange(end.CachedTokens, one.Path.Length - 1, one.Path.Length);
        await using var cold = _lab.Start(architecture, options => options.DiskBytesMax = 0);
        ExactLab.AssertSame((await DiskLab.RunAsync(cold, DiskLab.Spec(prompt))).Steps, steps);
        EngineAudit.Check(engine);
    }

    private static void Busy(EngineOptions options) =>
        (options.DiskSaveDelay, options.DiskSaveMax) = (Never, TimeSpan.FromMilliseconds(200));

    private static bool IsWritten(Segment leaf, bool rowsOnly) => !rowsOnly ? leaf.CheckpointCopy is DiskPiece { IsWritten: true }
        : PathOf(leaf).Where(at => at.Owners is not null).ToList() is { Count: > 0 } owned
            && owned.TrueForAll(at => at.RowsCopy is DiskPiece { IsWritten: true });

    private static IEnumerable<Segment> PathOf(Segment leaf)
    {
        for (var at = leaf; at is { Parent: not null }; at = at.Parent) yield return at;
    }

    /// <summary>One turn at a time from one prompt, again and again until it is disposed: however slow the disk is, a turn runs.</summary>
    private sealed class Endless : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Endless(
            LlamaEngine engine, TokenPath prompt, SequencePin? pin = null, bool isStored = false, int output = OutputTokens) =>
            _running = RunAsync(engine, DiskLab.Spec(prompt, pin, isStored, output: output));

        public async ValueTask DisposeAsync()
        {
            if (_running.IsCompleted) return;
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }

        private async Task RunAsync(LlamaEngine engine, EngineTurnSpec spec)
        {
            while (!_stop.IsCancellationRequested)
            {
                var turn = EngineLab.Begin(engine, spec);
                await using (_stop.Token.Register(turn.Cancel))
                    while (await turn.Steps.WaitToReadAsync(CancellationToken.None))
                        while (turn.Steps.TryRead(out _)) { }
                await turn.Ended;
            }
        }
    }
}
