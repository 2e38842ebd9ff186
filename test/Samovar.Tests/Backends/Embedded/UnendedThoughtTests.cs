using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Ids;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A model that calls without having ended its thought has called; one that thinks of a call has not.</summary>
public sealed class UnendedThoughtTests
{
    private const int HeadCharsMax = 1024;
    private const string Thought = "I should look.";

    /// <summary>Families that think aloud, and whose calls have a mark.</summary>
    public static TheoryData<string> Families => new(DialectFixtures.All.GetProperty("families").EnumerateArray()
        .Where(family => family.GetProperty("outputs").TryGetProperty("thought_call", out _))
        .Select(family => family.GetProperty("name").GetString()!).Where(name => !name.StartsWith("gpt-oss", StringComparison.Ordinal)));

    [Theory, MemberData(nameof(Families))]
    public void CallBehindAThoughtThatWasNotEnded_IsACall(string name)
    {
        var family = new Thinking(name);
        family.Reads(Thought + "\n" + family.Call, $"reasoning: {Thought}\n{family.Called}");
    }

    [Theory, MemberData(nameof(Families))]
    public void MarkThatAThoughtSpeaksOf_IsThought(string name)
    {
        var family = new Thinking(name);
        foreach (var mark in family.Marks)
        {
            var thought = $"I may write {mark} here, or {mark}{mark} or\n{mark}\nnothing.";
            family.Reads(thought, "reasoning: " + thought);
            family.Reads($"{thought}{family.Close}\n\nYes.", $"reasoning: {thought}\ntext: Yes.");
            family.Reads($"{mark} it is.{family.Close}\n\nYes.", $"reasoning: {mark} it is.\ntext: Yes.");
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void CallThatAThoughtDrafts_IsNotMade(string name)
    {
        var family = new Thinking(name);
        if (family.IsToken) return; // it ends the thought
        var draft = $"{Thought} As in {family.Call.Trim()}";
        family.Reads($"{draft}{family.Close}\n\n{family.Call}", $"reasoning: {draft}\n{family.Called}");
        family.Reads($"{draft}{family.Close}\n\nYes.", $"reasoning: {draft}\ntext: Yes.");
        family.Reads($"{draft} or so.", $"reasoning: {draft} or so.");
        family.Reads($"{draft} or so. Now:\n{family.Call}", $"reasoning: {draft} or so. Now:\n{family.Called}");
    }

    /// <summary>Behind the calls that ended it the model ends its thought after all.</summary>
    [Theory, MemberData(nameof(Families))]
    public void EndOfAThoughtThatACallHasEnded_IsNoAnswer(string name)
    {
        var family = new Thinking(name);
        family.Reads(family.Call + family.Close, family.Called);
        family.Reads($"{family.Call}\n{family.Close}\n\nYes.", family.Called + "\ntext: Yes.");
        if (!family.IsToken) return; // it was thought
        family.Reads($"{Thought}\n{family.Call}{family.Close}", $"reasoning: {Thought}\n{family.Called}");
        family.Reads($"{Thought}\n{family.Call}{family.Close}Yes.", $"reasoning: {Thought}\n{family.Called}\ntext: Yes.");
    }

    [Fact]
    public void DraftThatDoesNotEnd_IsNotKeptWithoutBound_AndCostsWhatItIsLong()
    {
        var family = new Thinking("Qwen3");
        const string head = "<tool_call>{\"name\": \"lookup\", \"arguments\": {\"q\": \"";
        foreach (var written in (string[])
        [
            head + new string('x', 600_000), Thought + head + new string('x', 600_000), Thought + Repeat(head),
            Thought + Repeat(head + "\"}} so "),
        ])
        {
            var read = family.Read(written, piece: 4096);
            Assert.Equal(read, family.Read(written, piece: 7));
            Assert.StartsWith(written.StartsWith(head, StringComparison.Ordinal) ? "call lookup: " : "reasoning: " + Thought, read,
                StringComparison.Ordinal);
        }

        static string Repeat(string unit) => string.Concat(Enumerable.Repeat(unit, 6000));
    }

    /// <summary>A draft that looked for drafts within itself would read all that is left once more for each of them.</summary>
    [Theory, InlineData(24), InlineData(3000)]
    public void CallsThatAThoughtRepeats_EachBeforeAnotherThought_AreReadOnce(int count)
    {
        var family = new Thinking("Qwen3");
        const string unit = "<tool_call>{\"name\": \"lookup\", \"arguments\": {}}</tool_call><think>";
        var written = $"{Thought}{string.Concat(Enumerable.Repeat(unit, count))} so";
        var read = family.Read(written, piece: 4096);
        Assert.StartsWith("reasoning: " + Thought, read, StringComparison.Ordinal);
        Assert.Equal(read, family.Read(written, piece: 7));
    }

    [Fact]
    public void LimitWithinADraft_LosesNothingOfTheThought()
    {
        var family = new Thinking("Qwen3");
        var read = family.Cut($"{Thought} As in {family.Call[..40]}");
        Assert.Equal($"reasoning: {Thought} As in {family.Call[..40]}", read);
    }

    private sealed class Thinking
    {
        private readonly ModelDialect _dialect;
        private readonly PartMarks _part;

        public Thinking(string name)
        {
            var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
            _dialect = new Talk(DialectFixtures.Family(family)).Backend.Model.Writes;
            _part = _dialect.Thoughts[0];
            Marks = [.. MarkTable.Of(_dialect).CallTexts.Where(mark => mark.Length > 0)];
            var call = family.GetProperty("outputs").GetProperty("call").GetString()!;
            Call = call[Marks.Select(mark => call.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0).Min()..];
            Called = DialectFixtures.Read(_dialect, "", [Call]);
        }

        public string Call { get; }

        public string Called { get; }

        public string Close => _part.Close;

        public string[] Marks { get; }

        public bool IsToken => Marks.Any(mark => Call.Contains(mark, StringComparison.Ordinal) && MarkText.IsToken(mark));

        /// <summary>Behind a prompt that began a thought, in whatever pieces.</summary>
        public void Reads(string written, string expected)
        {
            Assert.Equal(expected, DialectFixtures.Read(_dialect, _part.Open, [written]));
            Assert.Equal(expected, DialectFixtures.Read(_dialect, _part.Open, written.Select(one => one.ToString())));
            for (var cut = 1; cut < written.Length; cut++)
                Assert.Equal(expected, DialectFixtures.Read(_dialect, _part.Open, [written[..cut], written[cut..]]));
        }

        /// <summary>In pieces of so many characters, of which few may wait, and each is looked at a few times.</summary>
        public string Read(string written, int piece)
        {
            var (sink, parser) = Parser();
            var events = new List<BackendEvent>();
            foreach (var part in written.Chunk(piece))
            {
                parser.Feed(new string(part));
                events.AddRange(sink.Drain());
                Assert.InRange(parser.HeldChars, 0, (64 * HeadCharsMax) + piece);
            }
            parser.End();
            sink.End();
            Assert.InRange(parser.CharsRead, 0, (600L + piece) * written.Length);
            return DialectFixtures.Lines([.. events, .. sink.Drain()]);
        }

        public string Cut(string written)
        {
            var (sink, parser) = Parser();
            sink.IsCut = true;
            parser.Feed(written);
            parser.Cut();
            sink.End(isTextWhole: !parser.LeftMarkup);
            return DialectFixtures.Lines(sink.Drain());
        }

        private (OutputSink Sink, OutputParser Parser) Parser()
        {
            var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource());
            return (sink, DialectChoice.Parser(_dialect, sink, HeadCharsMax, _part.Open));
        }
    }
}
