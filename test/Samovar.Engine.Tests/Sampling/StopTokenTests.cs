using System.Text;
using Samovar.Engine.Llama;

namespace Samovar.Engine.Tests.Sampling;

/// <summary>A turn that is held to a grammar ends with a stop token where its text may end, however much its model wants to
/// before.</summary>
public sealed class StopTokenTests : IAsyncLifetime
{
    private readonly Random _random = new(7);
    private LlamaEngine _plain = null!, _drafting = null!;

    public ValueTask InitializeAsync()
    {
        _plain = EngineLab.Start();
        _drafting = EngineLab.Start(options => (options.DraftTokensMax, options.DraftPolicy) = (16, "always"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _drafting.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TextInQuotes_IsNotCutWithinThem_AndEndsBehindThem(bool drafts)
    {
        var (kind, said, isEnd) = await RunAsync(drafts, "q", "root ::= \"\\\"\" [a-z]{3,} \"\\\"\"", likely: "\"");
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, true), (kind, isEnd));
        Assert.Matches("^\"[a-z]{3,}\"q$", said);
        Assert.Equal(said.Length - 1, said.IndexOf('q', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TextThatIsWhole_IsNotGoneOnWith(bool drafts) =>
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, "xq", true), await RunAsync(drafts, "q", "root ::= \"x\" (\",\" \"x\")*"));

    /// <summary>As a format does whose calls end with a token of their own.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TextThatEndsWithTheToken_EndsWithIt(bool drafts) =>
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, "xyq", true), await RunAsync(drafts, "q", "root ::= \"x\" [qy] \"q\""));

    private async Task<(EngineTurnEndKind Kind, string Said, bool IsEnd)> RunAsync(
        bool drafts, string stop, string grammar, string? likely = null)
    {
        var engine = drafts ? _drafting : _plain;
        var bias = new Dictionary<int, float>(EngineLab.NoEnd) { [TokenOf(stop)] = 100 };
        if (likely is not null) bias[TokenOf(likely)] = 50;
        var spec = EngineLab.Spec(EngineLab.Prompt(_random, 30), 60) with
        {
            Sampling = new SamplingSettings { Temperature = 0, LogitBias = bias, Grammar = grammar }, StopTokens = [TokenOf(stop)],
        };
        var (end, steps) = await EngineLab.RunAsync(engine, spec);
        return (end.Kind, Encoding.UTF8.GetString([.. steps.SelectMany(step => step.Piece.ToArray())]), steps[^1].IsEnd);

        int TokenOf(string text) => Assert.Single(engine.Tokenizer.Tokenize(text, addSpecial: false, parseSpecial: false));
    }
}
