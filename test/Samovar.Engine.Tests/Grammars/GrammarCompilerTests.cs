using Samovar.Engine.Grammars;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Testing.Engines;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>Grammars are compiled in their flows' turn, beside the engine.</summary>
public sealed class GrammarCompilerTests
{
    private static readonly FlowId Flood = new("flood"), Quiet = new("quiet");

    [Fact]
    public void Grammar_IsCompiledOnce_AndKeptByItsTextAndTriggers()
    {
        var compiler = new GrammarCompiler(new FakeTokenizer([]), new EngineOptions());
        var first = compiler.Compile("root ::= \"a\"", GrammarTriggers.None, CancellationToken.None);
        Assert.Same(first, compiler.Compile("root ::= \"a\"", GrammarTriggers.None, CancellationToken.None));
        Assert.NotSame(first, compiler.Compile("root ::= \"a\"", new(["a"]), CancellationToken.None));
        Assert.NotSame(first, compiler.Compile("root ::= \"b\"", GrammarTriggers.None, CancellationToken.None));
    }

    [Fact]
    public void Grammar_IsForgotten_WhenOthersNeedTheRoom()
    {
        var options = new EngineOptions { GrammarBytesMax = 1 << 17 };
        var compiler = new GrammarCompiler(new FakeTokenizer([]), options);
        var first = compiler.Compile("root ::= \"a\"", GrammarTriggers.None, CancellationToken.None);
        for (var other = 0; other < 64; other++) compiler.Compile($"root ::= \"b{other}\"", GrammarTriggers.None, CancellationToken.None);
        Assert.NotSame(first, compiler.Compile("root ::= \"a\"", GrammarTriggers.None, CancellationToken.None));
    }

    [Fact]
    public void OrdinaryGrammars_AreKeptByTheHundred_ForTheyWeighWhatTheyHold()
    {
        var compiler = new GrammarCompiler(new FakeTokenizer([]), new EngineOptions());
        var first = compiler.Compile(Object(0), GrammarTriggers.None, CancellationToken.None);
        for (var other = 1; other < 500; other++) compiler.Compile(Object(other), GrammarTriggers.None, CancellationToken.None);
        Assert.Same(first, compiler.Compile(Object(0), GrammarTriggers.None, CancellationToken.None));
    }

    [Fact]
    public void GrammarsInUse_AreBounded_AndLeaveAPartToAnotherFlow()
    {
        var options = new EngineOptions { GrammarBytesMax = 2 << 20 };
        var compiler = new GrammarCompiler(new FakeTokenizer([]), options);
        var used = new List<GrammarUse>();
        while (used.Count < 1000 && compiler.Use(Long(used.Count), GrammarTriggers.None, Flood) is { } use) used.Add(use);
        Assert.InRange(used.Count, 4, 999);
        Assert.InRange(used.Sum(use => use.Grammar.Bytes), options.GrammarBytesMax / 2, options.GrammarBytesMax);
        using (var again = compiler.Use(Long(0), GrammarTriggers.None, Flood))
            Assert.Same(used[0].Grammar, again!.Grammar); // it costs nothing more
        using (var quiet = compiler.Use(Long(5000), GrammarTriggers.None, Quiet)) Assert.NotNull(quiet);
        Assert.Null(compiler.Use(Long(6000), GrammarTriggers.None, Flood));
        used[1].Dispose();
        used[1].Dispose();
        using var next = compiler.Use(Long(6000), GrammarTriggers.None, Flood);
        Assert.NotNull(next);
        Assert.Null(compiler.Use(Long(6001), GrammarTriggers.None, Flood));
    }

    [Fact]
    public void LearnedBytes_AreCounted_WhenTheGrammarIsUsedAgain()
    {
        var grammars = new CompiledGrammars(1 << 20);
        var grammar = new GrammarCompiler(new FakeTokenizer([]), new EngineOptions())
            .Compile(Object(0), GrammarTriggers.None, CancellationToken.None);
        using (grammars.Use("", grammar, Quiet))
        {
            var before = (grammars.Bytes, Learned: grammar.Bytes);
            grammar.Learned.Keep(grammar.Learned.Start(null, new StepAllowance(1000)), new ulong[1000]);
            using (grammars.Use("", grammar, Quiet)) Assert.Equal(before.Bytes + grammar.Bytes - before.Learned, grammars.Bytes);
            Assert.True(grammar.Bytes >= before.Learned + 8000);
        }
    }

    [Fact]
    public void Vocabulary_IsLookedAtAgain_AfterAFailure()
    {
        var compiler = new GrammarCompiler(new FailingTokenizer(), new EngineOptions());
        Assert.Throws<TimeoutException>(() => compiler.Compile(Object(0), GrammarTriggers.None, CancellationToken.None));
        Assert.NotNull(compiler.Compile(Object(0), GrammarTriggers.None, CancellationToken.None));
    }

    [Fact]
    public async Task CancelledTurn_PushesNobodyOut()
    {
        var tokenizer = new HeldTokenizer();
        var compiler = new GrammarCompiler(tokenizer, new EngineOptions { QueueMax = 2, GrammarCompilesMax = 1 });
        var running = Prepare(compiler, Flood, 0);
        await Soon.In(tokenizer.Asked);
        var waiting = Enumerable.Range(1, 2).Select(at => Prepare(compiler, Flood, at)).ToList();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(Prepare(compiler, Quiet, 9, new CancellationToken(true))));
        tokenizer.Release();
        foreach (var prepared in (Task<EngineAdmission?>[])[running, .. waiting]) Assert.Null(await Soon.In(prepared));
    }

    [Fact]
    public async Task Flood_GivesWay_ToAnotherFlow()
    {
        var tokenizer = new HeldTokenizer();
        var compiler = new GrammarCompiler(tokenizer, new EngineOptions { QueueMax = 3, GrammarCompilesMax = 1 });
        var running = Prepare(compiler, Flood, 0);
        await Soon.In(tokenizer.Asked);
        var waiting = Enumerable.Range(1, 3).Select(at => Prepare(compiler, Flood, at)).ToList();
        var quiet = Prepare(compiler, Quiet, 9);
        Assert.IsType<EngineAdmission.Busy>(await Soon.In(waiting[^1]));
        Assert.IsType<EngineAdmission.Busy>(await Soon.In(Prepare(compiler, Flood, 10)));
        tokenizer.Release();
        foreach (var prepared in (Task<EngineAdmission?>[])[running, quiet, .. waiting[..^1]]) Assert.Null(await Soon.In(prepared));
    }

    [Fact]
    public async Task Cancel_EndsTheWait()
    {
        var tokenizer = new HeldTokenizer();
        var compiler = new GrammarCompiler(tokenizer, new EngineOptions { GrammarCompilesMax = 1 });
        var running = Prepare(compiler, Flood, 0);
        await Soon.In(tokenizer.Asked);
        using var turn = new CancellationTokenSource();
        var waiting = Prepare(compiler, Quiet, 1, turn.Token);
        await turn.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(waiting));
        tokenizer.Release();
        Assert.Null(await Soon.In(running));
        Assert.Null(await Soon.In(Prepare(compiler, Quiet, 1)));
    }

    private static string Object(int at) => FormattableString.Invariant(
        $"root ::= [{{] \"key{at}:\" text ([,] \"more{at}:\" text)? [}}]\ntext ::= [a-z ]*");

    private static string Long(int at) => FormattableString.Invariant($"root ::= \"{at}{new string('x', 5000)}\"");

    private static Task<EngineAdmission?> Prepare(GrammarCompiler compiler, FlowId flow, int at, CancellationToken turn = default) =>
        compiler.PrepareAsync(FormattableString.Invariant($"root ::= \"{at}\""), GrammarTriggers.None, flow, turn).AsTask();

    /// <summary>Fails the first who looks at it.</summary>
    private sealed class FailingTokenizer : ITokenizer
    {
        private readonly FakeTokenizer _inner = new([]);
        private int _asked;

        public int VocabularySize => _asked++ > 0 ? _inner.VocabularySize : throw new TimeoutException();
        public int? BeginOfText => null;
        public int? EndOfTurn => null;
        public bool AddsBeginOfText => false;

        public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial) =>
            _inner.Tokenize(text, addSpecial, parseSpecial);
        public ReadOnlyMemory<byte> Piece(int token, bool special = false) => _inner.Piece(token, special);
        public bool IsEndOfGeneration(int token) => false;
        public bool IsControl(int token) => false;
    }

    /// <summary>Lets nobody look at the vocabulary before it is released: a compilation that takes its time.</summary>
    private sealed class HeldTokenizer : ITokenizer
    {
        private readonly FakeTokenizer _inner = new([]);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new();

        public Task Asked => _asked.Task;
        public int VocabularySize => Held(_inner.VocabularySize);
        public int? BeginOfText => null;
        public int? EndOfTurn => null;
        public bool AddsBeginOfText => false;

        public void Release() => _released.TrySetResult();

        public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial) =>
            _inner.Tokenize(text, addSpecial, parseSpecial);
        public ReadOnlyMemory<byte> Piece(int token, bool special = false) => _inner.Piece(token, special);
        public bool IsEndOfGeneration(int token) => false;
        public bool IsControl(int token) => false;

        private int Held(int size)
        {
            _asked.TrySetResult();
            _released.Task.Wait(Soon.Token);
            return size;
        }
    }
}
