using System.Text;
using System.Text.RegularExpressions;
using Samovar.Engine.Llama;
using Samovar.Engine.Sampling;

namespace Samovar.Engine.Tests.Sampling;

/// <summary>Texts that a turn must not write, however much its model wants to.</summary>
public sealed class ForbiddenTextsTests : IAsyncLifetime
{
    private const int CallOpen = 510, EndOfTurn = 509, EndOfText = 507; // of the tiny vocabulary
    private static readonly ForbiddenTexts Marks = new(["<tool_call", "</tool_call"], ["</think>"]);

    private readonly Random _random = new(11);
    private LlamaEngine _engine = null!;

    public ValueTask InitializeAsync()
    {
        _engine = EngineLab.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task TokenThatIsTheText_IsNotTaken_ThoughItIsByFarTheLikeliest(float temperature)
    {
        var bias = Bias((CallOpen, 500), (EndOfTurn, -1000), (EndOfText, -1000));
        var settings = new SamplingSettings { Temperature = temperature, Seed = 1, LogitBias = bias };
        var (_, wanted) = await RunAsync(settings);
        Assert.Contains(CallOpen, wanted.Select(step => step.Token)); // so the model wants it
        var (_, steps) = await RunAsync(settings with { Forbidden = Marks });
        Assert.Equal(40, steps.Count);
        Assert.DoesNotContain("<tool_call", Text(steps), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextOfSeveralTokens_IsNotCompleted_AndWhatStandsBeforeItStays()
    {
        var free = new SamplingSettings { Temperature = 0, LogitBias = EngineLab.NoEnd };
        var prompt = EngineLab.Prompt(_random, 20);
        var said = Text((await RunAsync(free, prompt)).Steps);
        var forbidden = Regex.Match(said, "[ -~]{4}").Value;
        Assert.NotEmpty(forbidden);
        var (_, steps) = await RunAsync(free with { Forbidden = new ForbiddenTexts([forbidden], []) }, prompt);
        Assert.DoesNotContain(forbidden, Text(steps), StringComparison.Ordinal);
        Assert.StartsWith(said[..said.IndexOf(forbidden, StringComparison.Ordinal)], Text(steps), StringComparison.Ordinal);
        var other = new ForbiddenTexts(["never written by this model"], []);
        Assert.Equal(said, Text((await RunAsync(free with { Forbidden = other }, prompt)).Steps)); // and nothing else changes
    }

    [Fact]
    public async Task Answer_DoesNotEndEmpty_WhereItWouldHaveBeenTheText()
    {
        var settings = new SamplingSettings { Temperature = 0, LogitBias = Bias((CallOpen, 1000), (EndOfTurn, 500)), Forbidden = Marks };
        var (end, steps) = await RunAsync(settings);
        Assert.Equal(EngineTurnEndKind.EndOfGeneration, end.Kind);
        Assert.False(string.IsNullOrWhiteSpace(Text(steps)));
        var (plain, nothing) = await RunAsync(settings with { LogitBias = Bias((EndOfTurn, 500)) });
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, ""), (plain.Kind, Text(nothing))); // what wanted nothing else may be empty
    }

    [Theory]
    [InlineData("hm</think>\n\n", true)] // a thought is no answer
    [InlineData("hm</think>\n\nI look.", false)]
    [InlineData("hm", false)]
    [InlineData(" \n", true)]
    public void End_IsRefused_OnlyWhereNothingIsSaidYet(string written, bool isRefused)
    {
        const int stop = 3;
        var gate = new TextBanGate(new TextBan(Marks, _engine.Tokenizer), [stop]);
        foreach (var token in _engine.Tokenizer.Tokenize(written, addSpecial: false, parseSpecial: false)) gate.Accept(token);
        Assert.False(gate.Refuses(EndOfTurn)); // nothing was refused so far
        Assert.True(gate.Refuses(CallOpen));
        Assert.Equal((isRefused, isRefused), (gate.Refuses(EndOfTurn), gate.Refuses(stop)));
        var mask = gate.Narrow(null);
        Assert.Equal((!isRefused, false), (IsIn(mask, EndOfTurn), IsIn(mask, CallOpen)));
        gate.Accept('a');
        Assert.False(gate.Refuses(EndOfTurn));

        static bool IsIn(ulong[] mask, int token) => (mask[token >> 6] >> (token & 63) & 1) != 0;
    }

    [Fact]
    public async Task GrammarThatAdmitsNothingElse_Wins()
    {
        var settings = new SamplingSettings { Temperature = 0, Grammar = """root ::= "<tool_call>" [a-z]""", Forbidden = Marks };
        var (_, steps) = await RunAsync(settings);
        Assert.Matches("^<tool_call>[a-z]$", Text(steps));
    }

    [Fact]
    public async Task GrammarAndForbiddenTexts_HoldTogether()
    {
        var settings = new SamplingSettings
        {
            Temperature = 0, Grammar = """root ::= "{" [ -z]{8,20} "}" """, Forbidden = Marks, LogitBias = Bias((CallOpen, 500)),
        };
        var (end, steps) = await RunAsync(settings);
        Assert.Equal(EngineTurnEndKind.EndOfGeneration, end.Kind);
        Assert.Matches("^\\{[ -z]{8,20}\\}$", Text(steps));
        Assert.DoesNotContain("<tool_call", Text(steps), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abcab", "xabcabab", 6)] // a beginning that comes again within itself
    [InlineData("aab", "aaab", 4)]
    [InlineData("é", "xé", 3)]
    [InlineData("ab", "xaxb", null)]
    public void Search_FindsATextWhereverItBegins(string text, string said, int? bytes)
    {
        var search = new TextSearch(new ForbiddenTexts([text], []));
        var written = Encoding.UTF8.GetBytes(said);
        Assert.Equal(bytes is not null, search.Forbids(TextSearch.Start, written));
        if (bytes is { } all) Assert.False(search.Forbids(TextSearch.Start, written.AsSpan(0, all - 1)));
    }

    [Fact]
    public void Search_FindsATextWithinAnother()
    {
        var search = new TextSearch(new ForbiddenTexts(["bc", "abcd"], ["c"]));
        Assert.True(search.Forbids(TextSearch.Start, "abc"u8)); // on the way to the longer one
    }

    private static Dictionary<int, float> Bias(params (int Token, float Value)[] biases) =>
        biases.ToDictionary(bias => bias.Token, bias => bias.Value);

    private async Task<(EngineTurnEnd End, List<TokenStep> Steps)> RunAsync(SamplingSettings settings, TokenPath? prompt = null) =>
        await EngineLab.RunAsync(_engine, EngineLab.Spec(prompt ?? EngineLab.Prompt(_random, 20), 40) with { Sampling = settings });

    private string Text(IEnumerable<TokenStep> steps) => Encoding.Latin1.GetString( // bytes as they are: a random model cuts characters
        [.. steps.Where(step => !step.IsEnd).SelectMany(step => _engine.Tokenizer.Piece(step.Token, special: true).ToArray())]);
}
