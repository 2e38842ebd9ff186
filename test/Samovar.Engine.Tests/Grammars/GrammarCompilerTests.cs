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
        var first = compiler.Compile("root ::= \"a\"", [], CancellationToken.None);
        Assert.Same(first, compiler.Compile("root ::= \"a\"", [], CancellationToken.None));
        Assert.NotSame(first, compiler.Compile("root ::= \"a\"", ["a"], CancellationToken.None));
        Assert.NotSame(first, compiler.Compile("root ::= \"b\"", [], CancellationToken.None));
    }

    [Fact]
    public void Grammar_IsForgotten_WhenOthersNeedTheRoom()
    {
        var options = new EngineOptions { GrammarLearnedBytesMax = 1 << 16, GrammarBytesMax = 3 << 16 };
        var compiler = new GrammarCompiler(new FakeTokenizer([]), options);
        var first = compiler.Compile("root ::= \"a\"", [], CancellationToken.None);
        for (var other = 0; other < 4; other++) compiler.Compile($"root ::= \"b{other}\"", [], CancellationToken.None);
        Assert.NotSame(first, compiler.Compile("root ::= \"a\"", [], CancellationToken.None));
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

    private static Task<EngineAdmission?> Prepare(GrammarCompiler compiler, FlowId flow, int at, CancellationToken turn = default) =>
        compiler.PrepareAsync(FormattableString.Invariant($"root ::= \"{at}\""), [], flow, turn).AsTask();

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
