using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Wherever a limit cuts an answer off, no client reads markup as text, and a call has no more than the model wrote.</summary>
public sealed class CutOutputTests
{
    private const string Arguments = "{\"a\": \"Zürich <b>\", \"n\": 30}";

    private static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(new
    {
        input = "", tools = new object[] { Talk.Function("find"), Talk.Function("find_more"), new { type = "custom", name = "patch" } },
    }).Tools!);

    /// <summary>An answer of each form that each dialect knows: what it says, and its calls.</summary>
    public static TheoryData<string, string, string> Answers => new()
    {
        { "hermes", $"I look.\n<tool_call>\n{{\"name\": \"find\", \"arguments\": {Arguments}}}\n</tool_call>", "I look.|find" },
        { "hermes", $"<think>\nhm\n</think>\n\n<tool_call>{{\"name\":\"find\",\"arguments\":{Arguments}}}</tool_call>\n"
            + $"<tool_call>{{\"name\":\"find_more\",\"arguments\":{Arguments}}}</tool_call>", "|find|find_more" },
        { "hermes", $"<tool_call>{{\"arguments\": {Arguments}, \"name\": \"find\"}}</tool_call>", "|find" },
        { "hermes", "<tool_call>{\"name\": \"find\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "|find" },
        { "hermes", "<tool_call>{\"name\": \"patch\", \"arguments\": {\"input\": \"*** a\\n\"}}</tool_call>", "|patch" },
        { "llama", $"{{\"name\": \"find\", \"parameters\": {Arguments}}}", "|find" },
        { "llama", $"{{\"type\": \"function\", \"name\": \"find\", \"parameters\": {Arguments}}}", "|find" },
        { "llama", $"<|python_tag|>{{\"name\": \"find\", \"parameters\": {Arguments}}}; "
            + "{\"name\": \"find_more\", \"parameters\": {}}",
            "|find|find_more" },
        { "json", $"<think>hm</think> [{{\"name\": \"find\", \"arguments\": {Arguments}}}, "
            + "{\"name\": \"find_more\", \"arguments\": {}}]", "|find|find_more" },
        { "mistral", $"So:[TOOL_CALLS] [{{\"name\": \"find\", \"arguments\": {Arguments}, \"id\": \"abcdefghi\"}}, "
            + $"{{\"name\": \"find_more\", \"arguments\": {Arguments}}}]", "So:|find|find_more" },
        { "mistral", $"[THINK]hm[/THINK]So:[TOOL_CALLS]find[CALL_ID]abcdefghi[ARGS]{Arguments}[TOOL_CALLS]find_more[ARGS]{{}}",
            "So:|find|find_more" },
        { "harmony", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|end|>", "Yes." },
        { "harmony", $"<|channel|>commentary to=functions.find <|constrain|>json<|message|>{Arguments}<|call|>", "|find" },
        { "harmony", $" to=functions.find<|channel|>commentary json<|message|>{Arguments}<|call|>", "|find" },
        { "deepseek", "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>find\n```json\n" + Arguments
            + "\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>find_more<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "I look.|find|find_more" },
        { "deepseek", $"<think>hm</think>Yes<｜tool▁call▁begin｜>find<｜tool▁sep｜>{Arguments}<｜tool▁call▁end｜>", "Yes|find" },
    };

    [Theory, MemberData(nameof(Answers))]
    public void CutAnswer_HasNoMarkupAsText_AndOnlyWhatWasWritten(string dialect, string written, string expected)
    {
        var (text, names) = (expected.Split('|')[0], expected.Split('|')[1..]);
        Assert.Equal(names, Read(dialect, [written], isCut: false).Calls.Select(call => call.Name));
        for (var cut = 0; cut <= written.Length; cut++)
        {
            var answer = Read(dialect, [written[..cut]], isCut: true);
            Assert.True(text.StartsWith(answer.Text.TrimEnd(), StringComparison.Ordinal), $"{written[..cut]} is read as {answer.Text}");
            Assert.True("hm".StartsWith(answer.Thought.TrimEnd(), StringComparison.Ordinal), $"{written[..cut]} thinks {answer.Thought}");
            Assert.Equal(names.Take(answer.Calls.Count), answer.Calls.Select(call => call.Name));
            foreach (var (name, arguments) in answer.Calls) AssertIsBeginning(name, arguments, written[..cut]);
            Assert.Equal(answer.ToString(), Read(dialect, written[..cut].Select(one => one.ToString()), isCut: true).ToString());
        }
    }

    [Theory]
    [InlineData("hermes", "<tool_call>{\"name\": \"fi"), InlineData("hermes", "Well <tool_c"), InlineData("llama", "{\"name\": \"fi")]
    [InlineData("mistral", "[TOOL_CALLS] ["), InlineData("mistral", "[TOOL_CALLS]fi"), InlineData("json", "[{")]
    [InlineData("deepseek", "<｜tool▁call▁begin｜>fi")]
    public void BeginningOfACall_IsNotShown_AlsoWhereNothingMayBeCalled(string dialect, string written) =>
        Assert.Equal(written.Split(' ')[0] == "Well" ? "Well" : "",
            Read(dialect, [written], isCut: true, names: new HashSet<string>()).Text.TrimEnd());

    [Theory]
    [InlineData("llama", "{\"city\": \"Zür"), InlineData("json", "{\"name\": \"Zür"), InlineData("json", "[1, 2")]
    [InlineData("hermes", "<tool_call>{\"name\": \"rm\", \"arg")]
    public void CutText_IsKept_WhereItCannotBecomeACall(string dialect, string written) =>
        Assert.Equal(written, Read(dialect, [written], isCut: true).Text);

    [Fact]
    public void Call_IsReported_OnceItsNameIsKnown()
    {
        var call = Assert.Single(Read("hermes", ["<tool_call>{\"name\": \"find\""], isCut: true).Calls);
        Assert.Equal(("find", ""), call);
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"find\", \"arguments\": {\"a\": 1}}</tool_call>", ItemStatus.Completed)]
    [InlineData("<tool_call>{\"name\": \"find\", \"arguments\": {\"a\": 1", ItemStatus.Incomplete)]
    [InlineData("<tool_call>{\"name\": \"find\", \"arguments\": {\"a\": 1!", ItemStatus.Incomplete)]
    public async Task Call_IsCompleted_OnlyWhereTheModelWroteItsEnd(string written, ItemStatus status)
    {
        var request = new { input = "go", tools = new[] { Talk.Function("find") } };
        var seen = await new Talk(Families.ChatMl).Says(written).AskAsync(null, request);
        Assert.Null(seen.Finished.IncompleteReason);
        Assert.Equal(status, seen.Events.OfType<BackendEvent.ItemDone>().First().Status);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task ContinuationOfACutCall_HasTheTokensOfAColdOne(bool nameIsKnown)
    {
        var talk = new Talk(Families.ChatMl);
        object[] tools = [Talk.Function("find")];
        var written = "Well.\n<tool_call>\n{\"name\": \"find\", \"arguments\": {\"a\": 12}}\n</tool_call>";
        var beginning = written.Split(nameIsKnown ? "2}" : "nd\"")[0];
        var tokens = talk.Tokenizer.Tokenize(beginning, addSpecial: false, parseSpecial: true).Length;
        var cut = await talk.Says(written).AskAsync(null, new { input = "go", tools, max_output_tokens = tokens });
        Assert.Equal("max_output_tokens", cut.Finished.IncompleteReason);
        Assert.Equal("Well.", cut.Text<BackendEvent.MessageStarted>());
        Assert.Equal(nameIsKnown ? 2 : 1, cut.Items.Count);
        Assert.IsNotType<BackendEvent.ItemDone>(cut.Events[^2]); // what the limit cut off stays open: it ends incomplete
        var more = new { tools, input = nameIsKnown
            ? new[] { Talk.Output(((FunctionCallItem)cut.Items[1]).CallId, "1"), Talk.User("go on") } : [Talk.User("go on")] };
        var warm = talk.Plan(cut.Node, more);
        Assert.Equal(talk.Text(talk.Plan(Talk.Cold(cut.Node), more)), talk.Text(warm));
        Assert.DoesNotContain(nameIsKnown ? "\"a\": 1<" : "\"fi<", talk.Text(warm), StringComparison.Ordinal);
    }

    [Theory, InlineData(5000), InlineData(200_000)]
    public void LongArguments_ThatStandBeforeTheName_AreTheCalls(int chars)
    {
        const int HeadCharsMax = 4096;
        var arguments = $"{{\"a\": \"{new string('x', chars)}\"}}";
        var written = $"<tool_call>{{\"arguments\": {arguments}, \"name\": \"find\"}}</tool_call>";
        var named = written.IndexOf("find\"", StringComparison.Ordinal) + "find\"".Length;
        Assert.Equal(("find", arguments), Assert.Single(Cut(written, written.Length, isCut: false).Calls));
        Assert.Equal(("find", arguments), Assert.Single(Cut(written, 7, isCut: false).Calls));
        for (var cut = named; cut <= written.Length; cut++)
            Assert.Equal(("find", arguments), Assert.Single(Cut(written[..cut], 5000, isCut: true).Calls));
        foreach (var cut in (int[])[100, chars / 2, chars, named - 12, named - 8, named - 1])
        {
            var answer = Cut(written[..cut], 5000, isCut: true);
            Assert.Equal(("", 0), (answer.Text, answer.Calls.Count));
        }

        static Answer Cut(string written, int piece, bool isCut) =>
            Read("hermes", written.Chunk(piece).Select(chunk => new string(chunk)), isCut, headCharsMax: HeadCharsMax);
    }

    private static void AssertIsBeginning(string name, string arguments, string written)
    {
        if (name == "patch")
        {
            Assert.True("*** a\n".StartsWith(arguments, StringComparison.Ordinal), $"{written} has input {arguments}");
            return;
        }
        using var closed = JsonDocument.Parse(CutObject.Close(arguments));
        foreach (var property in closed.RootElement.EnumerateObject())
            Assert.True(property.Name switch
            {
                "a" when property.Value.ValueKind == JsonValueKind.String =>
                    "Zürich <b>".StartsWith(property.Value.GetString()!, StringComparison.Ordinal),
                "a" => property.Value.GetInt32() == 1,
                "n" => property.Value.GetInt32() == 30,
                _ => false,
            }, $"{written} has arguments {arguments}");
    }

    private static Answer Read(
        string dialect, IEnumerable<string> pieces, bool isCut, IReadOnlySet<string>? names = null, int headCharsMax = 100)
    {
        var sink = new OutputSink(new CallRights(Catalog, names, ParallelCalls: true), new IdSource()) { IsCut = isCut };
        var parser = DialectChoice.Parser(Enum.Parse<Dialect>(dialect, ignoreCase: true), sink, headCharsMax, "");
        foreach (var piece in pieces) parser.Feed(piece);
        if (isCut) parser.Cut();
        else parser.End();
        sink.End(isTextWhole: !parser.LeftMarkup);
        var answer = new Answer();
        StringBuilder? open = null;
        foreach (var seen in sink.Drain())
            open = answer.Add(seen, open);
        return answer;
    }

    private sealed class Answer
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _thought = new();
        private readonly List<(string Name, StringBuilder Arguments)> _calls = [];

        public string Text => _text.ToString();
        public string Thought => _thought.ToString();
        public IReadOnlyList<(string Name, string Arguments)> Calls => [.. _calls.Select(call => (call.Name, call.Arguments.ToString()))];

        public StringBuilder? Add(BackendEvent seen, StringBuilder? open)
        {
            switch (seen)
            {
                case BackendEvent.MessageStarted: return _text;
                case BackendEvent.ReasoningStarted: return _thought;
                case BackendEvent.FunctionCallStarted call: return Call(call.Name);
                case BackendEvent.CustomCallStarted call: return Call(call.Name);
                case BackendEvent.Delta delta: open!.Append(delta.Text); break;
            }
            return open;
        }

        public override string ToString() => $"{_thought}|{_text}|{string.Join('|', Calls)}";

        private StringBuilder Call(string name)
        {
            _calls.Add((name, new StringBuilder()));
            return _calls[^1].Arguments;
        }
    }
}
