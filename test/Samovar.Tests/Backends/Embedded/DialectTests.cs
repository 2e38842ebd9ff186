using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Text, reasoning and calls are told apart in what models write, however it comes in pieces.</summary>
public sealed class DialectTests
{
    private static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(new
    {
        input = "", tools = new object[] { Talk.Function("find"), Talk.Function("open_it"), new { type = "custom", name = "patch" } },
    }).Tools!);

    public static TheoryData<string, string, string> Written => new()
    {
        { "hermes", "Hello there.\n", "text:Hello there.\n" },
        { "hermes", "<tool_call>\n{\"name\": \"find\", \"arguments\": {\"a\": 1.50}}\n</tool_call>", "find:{\"a\": 1.50}" },
        {
            "hermes",
            "I look.\n<tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_call>\n"
            + "<tool_call>{\"name\":\"open_it\",\"arguments\":{\"b\":\"}\\\"\"}}</tool_call>",
            "text:I look.|find:{}|open_it:{\"b\":\"}\\\"\"}"
        },
        { "hermes", "<think>\nhm\n</think>\n\nYes", "thought:hm|text:Yes" },
        { "hermes", "<think>hm", "thought:hm" },
        { "hermes", "a <think> b", "text:a <think> b" },
        { "hermes", "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"find\"}</tool_call>", "find:{\"a\": 1}" },
        { "hermes", "<tool_call>{\"name\": \"find\"}</tool_call> done", "find:{}|text:done" },
        { "hermes", "<tool_call>{\"name\": \"find\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "find:{\"a\": 1}" },
        { "hermes", "<tool_call>{\"name\": \"find\", \"arguments\": {\"a\": \"x\ny\"}}</tool_call>", "find:{\"a\": \"x\\u000ay\"}" },
        { "hermes", "<tool_call>{\"name\": \"patch\", \"arguments\": {\"input\": \"*** a\\n\"}}</tool_call>", "patch!*** a\n" },
        { "hermes", "<tool_call>{\"name\": \"rm\", \"arguments\": {}}</tool_call>",
            "text:<tool_call>{\"name\": \"rm\", \"arguments\": {}}</tool_call>" },
        { "hermes", "<tool_call>{oops}</tool_call>", "text:<tool_call>{oops}</tool_call>" },
        { "hermes", "<tool_call>nothing <tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_call>", "text:<tool_call>nothing|find:{}" },
        { "hermes", "<tool_call>{\"name\": \"find\", \"arguments\": {\"a\": tru!", "find:{\"a\": tru|text:!" },
        { "hermes", "<tool_call>{\"name\": \"find\", \"arg", "text:<tool_call>{\"name\": \"find\", \"arg" },
        { "hermes", "less < more <tool", "text:less < more <tool" },
        { "llama", "{\"name\": \"find\", \"parameters\": {\"a\": 1}}", "find:{\"a\": 1}" },
        { "llama", "<function=find>{\"a\": 1}</function>", "find:{\"a\": 1}" },
        { "llama", "Write <function=rm>{} or <function=.", "text:Write <function=rm>{} or <function=." },
        { "llama", "<|python_tag|>{\"name\": \"find\", \"parameters\": {}}; {\"name\": \"open_it\", \"parameters\": {}}",
            "find:{}|open_it:{}" },
        { "llama", "<|python_tag|>find.call(a=\"x\")", "find:{\"a\": \"x\"}" },
        { "llama", "<|python_tag|>rm.call(a=\"x\")", "text:<|python_tag|>rm.call(a=\"x\")" },
        { "llama", "<|python_tag|>[find(a=1), open_it()]", "find:{\"a\": 1}|open_it:{}" },
        { "llama", "{\"name\": \"find\", \"parameters\": {}}; {\"name\": \"open_it\", \"parameters\": {}}", "find:{}|open_it:{}" },
        { "llama", "{\"a\": 1} is JSON", "text:{\"a\": 1} is JSON" },
        { "llama", "It is {\"name\": \"find\", \"parameters\": {}}", "text:It is {\"name\": \"find\", \"parameters\": {}}" },
        { "json", " [{\"name\": \"find\", \"arguments\": {}}, {\"name\": \"open_it\", \"arguments\": {}}] ok",
            "find:{}|open_it:{}|text:ok" },
        { "json", "[1, 2]", "text:[1, 2]" },
        {
            "mistral",
            "[TOOL_CALLS] [{\"name\": \"find\", \"arguments\": {\"a\": 1}}, {\"name\": \"open_it\", \"arguments\": {}, \"id\": \"x\"}]"
            + "",
            "find:{\"a\": 1}|open_it:{}"
        },
        { "mistral", "So:[TOOL_CALLS]find[ARGS]{\"a\": 1}[TOOL_CALLS]open_it{}", "text:So:|find:{\"a\": 1}|open_it:{}" },
        { "mistral", "[TOOL_CALLS]none of it", "text:[TOOL_CALLS]none of it" },
        { "mistral", "[TOOL_CALLS] []", "text:[TOOL_CALLS] []" },
        { "harmony", "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.", "thought:hm|text:Yes." },
        { "harmony", "<|channel|>commentary to=functions.find <|constrain|>json<|message|>{\"a\":1}<|call|>", "find:{\"a\":1}" },
        { "harmony", "<|start|>assistant to=functions.open_it<|channel|>commentary json<|message|>{}", "open_it:{}" },
        { "harmony", "no channel at all", "text:no channel at all" },
        { "harmony", "<|channel|>final", "text:<|channel|>final" },
        {
            "deepseek",
            "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>find\n```json\n{\"a\": 1}\n```"
            + "<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>open_it<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "text:I look.|find:{\"a\": 1}|open_it:{}"
        },
        {
            "deepseek",
            "<|tool_calls_begin|><｜tool_call_begin｜>function<｜tool_sep｜>find\n```json\n{\"a\": 1}\n```<｜tool_call_end｜>"
            + "<｜tool call begin｜>open_it<｜tool sep｜>{}<｜tool call end｜><｜tool_calls_end｜>ok",
            "find:{\"a\": 1}|open_it:{}|text:ok"
        },
        { "deepseek", "<｜tool▁calls｜><｜tool▁call▁begin｜>find<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "find:{}" },
        { "deepseek", "<think>hm</think>Yes", "thought:hm|text:Yes" },
        { "deepseek", "<｜tool▁call▁begin｜>rm<｜tool▁sep｜>{}", "text:<｜tool▁call▁begin｜>rm<｜tool▁sep｜>{}" },
        { "plain", "<think>x</think><tool_call>{}", "thought:x|text:<tool_call>{}" },
    };

    [Theory, MemberData(nameof(Written))]
    public void Output_IsReadTheSame_HoweverItComesInPieces(string dialect, string written, string expected)
    {
        Assert.Equal(expected, Read(dialect, [written]));
        Assert.Equal(expected, Read(dialect, written.Select(one => one.ToString())));
        for (var cut = 1; cut < written.Length; cut++) Assert.Equal(expected, Read(dialect, [written[..cut], written[cut..]]));
    }

    [Theory]
    [InlineData("hermes"), InlineData("llama"), InlineData("mistral"), InlineData("harmony"), InlineData("deepseek"), InlineData("json"),
        InlineData("plain")]
    public void RandomOutput_NeverThrows_AndIsReadTheSameInAnyPieces(string dialect)
    {
        string[] words =
        [
            "<tool_call>", "</tool_call>", "<think>", "</think>", "{\"name\": \"find\", \"arguments\": ", "{\"name\": \"no\", ", "{", "}",
                "[", "]", "\"", ",", ": ",
            "{\"a\": 1}", "[TOOL_CALLS]", "[ARGS]", "find", "<|python_tag|>", "<|channel|>", "<|message|>", "analysis",
                " to=functions.find", "<|end|>", "<|start|>",
            "<|call|>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁begin｜>", "```json\n", "\n", " ", "\\",
                "x", "é", "1.5", "null", ";", "<", "\u0001",
        ];
        var random = new Random(17);
        for (var round = 0; round < 3000; round++)
        {
            var written = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => words[random.Next(words.Length)]));
            var whole = Read(dialect, [written]);
            Assert.True(whole == Read(dialect, Pieces(written, random)), $"{dialect}: {written}");
        }
    }

    [Fact]
    public void WhatClosesCalls_IsTheFamilys_WhereATemplateDoesNotShowIt()
    {
        var family = FixedDialects.Of(Dialect.DeepSeek);
        var learned = family with { Formats = [family.Formats[0] with { Close = "" }] };
        var joined = FixedDialects.Join(learned, Dialect.DeepSeek, isAnnounced: false, static _ => false);
        Assert.Equal(family.Formats[0].Close, joined.Formats[0].Close);
    }

    [Fact]
    public void QuotationAroundArguments_IsRead_WhereATemplateWritesNone()
    {
        var family = FixedDialects.Of(Dialect.DeepSeek);
        var spelling = new CallSpelling(
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "", "<｜tool▁calls▁end｜>");
        var learned = family with
        {
            Formats = [family.Formats[0] with { CallClose = "<｜tool▁call▁end｜>", Noise = [], Spelling = spelling }],
        };
        var joined = FixedDialects.Join(learned, Dialect.DeepSeek, isAnnounced: false, static _ => false);
        const string Fenced = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>lookup\n```json\n{\"q\": \"b\"}\n```"
            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
        Assert.Equal("call lookup: {\"q\":\"b\"}", DialectFixtures.Read(joined, "", Fenced.Select(one => one.ToString())));
        var plain = Fenced.Replace("\n```", "", StringComparison.Ordinal).Replace("json\n", "", StringComparison.Ordinal);
        Assert.Equal("call lookup: {\"q\":\"b\"}", DialectFixtures.Read(joined, "", [plain]));
    }

    [Fact]
    public void KeyOfAnArgument_IsOneWhateverWeakSignIsInIt()
    {
        var format = new CallFormat(ArgumentStyle.Keyed) { CallOpen = "<call>", Keyed = new("-", ":", "", "", "\n", false) };
        Assert.DoesNotContain("-", format.KeyEnds);
    }

    [Fact]
    public void ThoughtsBetweenTokensOfTheVocabulary_AreKnownByThem()
    {
        var joined = FixedDialects.Join(
            FixedDialects.Of(Dialect.Hermes), Dialect.Hermes, isAnnounced: false, static text => text == "<|inner_prefix|>");
        Assert.Contains(joined.Thoughts, part => (part.Open, part.Close) == ("<|inner_prefix|>", "<|inner_suffix|>"));
    }

    [Fact]
    public void Arguments_AreSentWhileTheyAreWritten()
    {
        var sink = new OutputSink(new CallRights(Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(Dialect.Hermes, sink, 4096, "");
        parser.Feed("Well <tool_call>{\"name\": \"find\", \"arguments\": {\"a\":");
        var seen = sink.Drain();
        Assert.IsType<BackendEvent.FunctionCallStarted>(seen[^2]);
        Assert.Equal("{\"a\":", Assert.IsType<BackendEvent.Delta>(seen[^1]).Text);
        parser.Feed(" \"x");
        Assert.Equal(" \"x", Assert.IsType<BackendEvent.Delta>(Assert.Single(sink.Drain())).Text);
        parser.Feed("\", \"b\": 7");
        Assert.Equal("\", \"b\": ", Assert.IsType<BackendEvent.Delta>(Assert.Single(sink.Drain())).Text);
        parser.Feed("0}"); // that it is a number shows at its end
        Assert.Equal("70}", Assert.IsType<BackendEvent.Delta>(Assert.Single(sink.Drain())).Text);
    }

    [Fact]
    public void Text_IsSentUpToTheFirstCharacterThatMayBeginACall()
    {
        var sink = new OutputSink(new CallRights(Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(Dialect.Hermes, sink, 4096, "");
        parser.Feed("one <tool_c");
        Assert.Equal("one", Assert.IsType<BackendEvent.Delta>(sink.Drain()[^1]).Text);
        parser.Feed("ake>");
        Assert.Equal(" <tool_cake>", Assert.IsType<BackendEvent.Delta>(Assert.Single(sink.Drain())).Text);
    }

    [Theory]
    [InlineData("pythonic", "[lookup(q=\"a\\ud83d\\ude00b\\U0001f600\\u00e9\\ude00\\ud83d!\", n='\\ud83d\\n')]",
        "{\"q\": \"a😀b😀é\ufffd\ufffd!\", \"n\": \"\ufffd\\n\"}")]
    [InlineData("pythonic", "[lookup(q='\\ud83d\\ude00', n='\\ud83d\\u0041')]", "{\"q\": \"😀\", \"n\": \"\ufffdA\"}")]
    public void PairThatIsWrittenByItsNumbers_IsSentWhole(string family, string written, string expected)
    {
        var dialect = new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, family))).Backend.Model.Writes;
        for (var piece = 1; piece <= written.Length; piece++)
        {
            var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource());
            var parser = DialectChoice.Parser(dialect, sink, 4096, "");
            var deltas = new List<string>();
            foreach (var chunk in written.Chunk(piece))
            {
                parser.Feed(new string(chunk));
                deltas.AddRange(sink.Drain().OfType<BackendEvent.Delta>().Select(delta => delta.Text));
            }
            parser.End();
            sink.End();
            deltas.AddRange(sink.Drain().OfType<BackendEvent.Delta>().Select(delta => delta.Text));
            Assert.Equal(expected, string.Concat(deltas.Select(AsSent)));
        }

        static string AsSent(string delta) => string.Concat(delta.EnumerateRunes()); // a half of a pair is lost
    }

    private static IEnumerable<string> Pieces(string text, Random random)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, 5), text.Length - at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    private static string Read(string dialect, IEnumerable<string> pieces)
    {
        var sink = new OutputSink(new CallRights(Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(Enum.Parse<Dialect>(dialect, ignoreCase: true), sink, 100, "");
        var events = new List<BackendEvent>();
        foreach (var piece in pieces)
        {
            parser.Feed(piece);
            events.AddRange(sink.Drain());
        }
        parser.End();
        sink.End();
        events.AddRange(sink.Drain());
        var seen = new System.Text.StringBuilder();
        foreach (var one in events)
            seen.Append(one switch
            {
                BackendEvent.MessageStarted => "|text:",
                BackendEvent.ReasoningStarted => "|thought:",
                BackendEvent.FunctionCallStarted call => $"|{call.Name}:",
                BackendEvent.CustomCallStarted call => $"|{call.Name}!",
                BackendEvent.Delta delta => delta.Text,
                _ => "",
            });
        return seen.ToString().TrimStart('|');
    }
}
