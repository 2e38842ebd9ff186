using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Engine;
using Samovar.Protocol.Ids;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>The engine is ahead of what is read: an answer that ends before that is not what was sampled behind its end.</summary>
public sealed class OutputReadingTests
{
    public static TheoryData<string, string[], string[], int> Stopped => new()
    {
        { "Pocket", ["I", " ", "am", " ", "Pocket", ",", " a", " model"], ["I", " ", "am", " "], 5 },
        { "cket", ["I", " ", "am", " ", "Pocket", ",", " a", " model"], ["I", " ", "am", " ", "Pocket"], 5 },
        { "Pocket", ["I", " am", " Po", "Po", "cket", ",", " a"], ["I", " am", " Po"], 5 },
        { "Pocket", ["I", " am Po", "x", " Po", "ck", "et", ","], ["I", " am Po", "x", " Po"], 6 },
        { "I", ["I", " am"], [], 1 },
        { "é", ["a", "\u0001", "\u0002", "b"], ["a"], 3 },
    };

    [Theory, MemberData(nameof(Stopped))]
    public void Logprobs_AreOfTheAnswer_AndItsTokensAreCountedToItsEnd(string stop, string[] tokens, string[] named, int used)
    {
        for (var ahead = used; ahead <= tokens.Length; ahead++)
        {
            var (reading, text, logprobs) = Read([stop], tokens[..ahead]);
            Assert.Equal(stop, reading.StopSequence);
            Assert.Equal(named, logprobs);
            Assert.StartsWith(text, string.Concat(logprobs), StringComparison.Ordinal);
            Assert.Equal(used, reading.TokensOf(End(ahead)));
        }
    }

    [Fact]
    public void AnswerThatIsNotStopped_HasAllItsTokens()
    {
        string[] tokens = ["I", " ", "am", " Po", "cke", ".", " "];
        var (reading, text, logprobs) = Read(["Pocket"], tokens);
        Assert.Equal("I am Pocke. ", text);
        Assert.Equal(tokens, logprobs);
        Assert.Equal(tokens.Length + 1, reading.TokensOf(End(tokens.Length + 1)));
    }

    private static (OutputReading Reading, string Text, string[] Logprobs) Read(string[] stops, IEnumerable<string> tokens)
    {
        var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource());
        var stopping = new StopTexts(stops, sink);
        var dialect = new Talk(Families.ChatMl).Backend.Model.Writes;
        var tokenizer = new FakeTokenizer([]);
        var reading = new OutputReading(DialectChoice.Parser(dialect, stopping, 4096, ""), stopping, sink,
            new PieceText(tokenizer), new SpelledMarks(new MarkTokens(dialect, tokenizer)));
        List<BackendEvent> seen = [.. tokens.SelectMany(token => reading.Read(Step(token))), .. reading.End(isCut: false)];
        var deltas = seen.OfType<BackendEvent.Delta>().ToList();
        return (reading, string.Concat(deltas.Select(delta => delta.Text)), [.. deltas.Where(delta => !delta.Logprobs.Utf8.IsEmpty)
            .SelectMany(delta => JsonDocument.Parse(delta.Logprobs.Utf8).RootElement.EnumerateArray())
            .Select(one => one.GetProperty("token").GetString()!)]);
    }

    /// <summary>A token; the first two control characters are the halves of an é.</summary>
    private static TokenStep Step(string token) => new(
        1, token switch { "\u0001" => (byte[])[0xC3], "\u0002" => [0xA9], _ => Encoding.UTF8.GetBytes(token) }, IsEnd: false, -0.5f, []);

    private static EngineTurnEnd End(int tokens) => new()
    {
        Kind = EngineTurnEndKind.Cancelled, CachedTokens = 0, PrefilledTokens = 1, OutputTokens = tokens, Path = TokenPath.Empty,
    };
}
