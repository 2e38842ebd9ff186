using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Calls as models really write them: with other spaces, without some closings, with marks inside of values.</summary>
public sealed class WrittenCallsTests
{
    private static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(new
    {
        input = "",
        tools = new object[]
        {
            new
            {
                type = "function", name = "write", parameters = new
                {
                    type = "object",
                    properties = new Dictionary<string, object>
                    {
                        ["path"] = new { type = "string" }, ["text"] = new { type = "string" }, ["mode"] = new { type = "integer" },
                        ["deep"] = new { type = "boolean" }, ["tags"] = new { type = "array" }, ["meta"] = new { type = "object" },
                        ["note"] = new { anyOf = new object[] { new { type = "string" }, new { type = "null" } } },
                        ["code"] = new Dictionary<string, object> { ["enum"] = new[] { "1", "2" } },
                    },
                    required = new[] { "path" },
                },
            },
            new { type = "function", name = "stop", parameters = new { type = "object", properties = new { } } },
            new { type = "custom", name = "patch" },
        },
    }).Tools!);

    public static TheoryData<string, string, string> Written => new()
    {
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=text>\n</parameter>\n</function>\n\n</parameter>\n</function>\n</tool_call>",
            "call write: {\"path\":\"a.txt\",\"text\":\"</parameter>\\n</function>\\n\"}" },
        { "xml-function", "<tool_call><function=write><parameter=path>a b</parameter><parameter=text>\n\n x\n\n</parameter></function></tool_call>",
            "call write: {\"path\":\"a b\",\"text\":\"\\n x\\n\"}" },
        { "xml-function", "<function=write>\n<parameter=path>\nx\n</parameter>\n<parameter=mode>\n420\n</parameter>\n</function>\n</tool_call>\nDone.",
            "call write: {\"path\":\"x\",\"mode\":420}\ntext: Done." },
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\nx\n</parameter>\n<parameter=deep>\nTrue\n</parameter>\n<parameter=tags>\n[\"a\", 1]\n</parameter>",
            "call write: {\"path\":\"x\",\"deep\":true,\"tags\":[\"a\",1]}" },
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\nx\n</function>\n</tool_call>", "call write: {\"path\":\"x\"}" },
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\nx", "call write: {\"path\":\"x\"}" },
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\n5\n</parameter>\n<parameter=note>\nnull\n</parameter>\n<parameter=code>\n1\n</parameter>\n<parameter=other>\n{\"a\": 1}\n</parameter>\n</function>\n</tool_call>",
            "call write: {\"path\":\"5\",\"note\":null,\"code\":\"1\",\"other\":{\"a\":1}}" },
        { "xml-function", "<tool_call>\n<function=stop>\n</function>\n</tool_call>", "call stop: {}" },
        { "xml-function", "<tool_call>\n<function=patch>\n<parameter=input>\n*** \"a\"\n+ <b>\n</parameter>\n</function>\n</tool_call>", "custom patch: *** \"a\"\n+ <b>" },
        { "xml-function", "One.\n<tool_call>\n<function=stop>\n</function>\n</tool_call>\nTwo.\n<tool_call>\n<function=stop>\n</function>\n</tool_call>\nThree.",
            "text: One.\ncall stop: {}\ntext: Two.\ncall stop: {}\ntext: Three." },
        { "xml-function", "<tool_call>\n<function=rm>\n<parameter=path>\n/\n</parameter>\n</function>\n</tool_call>",
            "text: <tool_call>\n<function=rm>\n<parameter=path>\n/\n</parameter>\n</function>\n</tool_call>" },
        { "xml-function", "Write it so:\n```\n<tool_call>\n<function=stop>\n</function>\n</tool_call>\n```\nNow.",
            "text: Write it so:\n```\n<tool_call>\n<function=stop>\n</function>\n</tool_call>\n```\nNow." },
        { "xml-function", "Use `<tool_call>` for it.", "text: Use `<tool_call>` for it." },
        { "xml-function", "<tool_call>\n{\"name\": \"stop\", \"arguments\": {}}\n</tool_call>", "call stop: {}" },
        { "xml-function", "<tool_call>\n<function=write>\n<parameter=path>\na\n</parameter>\n<parameter=meta>\n{'a': [1, None]}\n</parameter>\n</function>\n</tool_call>",
            "call write: {\"path\":\"a\",\"meta\":{\"a\":[1,null]}}" },
        { "arg-key", "<tool_call>write<arg_key>path</arg_key><arg_value>a</arg_value>\n<arg_key>mode</arg_key>\n<arg_value>7</arg_value></tool_call>",
            "call write: {\"path\":\"a\",\"mode\":7}" },
        { "arg-key", "<tool_call>stop</tool_call><tool_call>stop\n</tool_call>", "call stop: {}\ncall stop: {}" },
        { "arg-key", "<tool_call>write\n<arg_key>path</arg_key>\n<arg_value>a</arg_value> b</arg_value>\n</tool_call>", "call write: {\"path\":\"a</arg_value> b\"}" },
        { "minimax-invoke", "<minimax:tool_call>\n<invoke name=\"write\">\n<parameter name=\"path\"><![CDATA[a</parameter>]]></parameter>\n</invoke>\n<invoke name=\"stop\">\n</invoke>\n</minimax:tool_call>",
            "call write: {\"path\":\"a</parameter>\"}\ncall stop: {}" },
        { "dsml", "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"write\">\n<｜DSML｜parameter name=\"path\" string=\"true\">12</｜DSML｜parameter>\n<｜DSML｜parameter name=\"other\" string=\"false\">[1, {}]</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
            "call write: {\"path\":\"12\",\"other\":[1,{}]}" },
        { "pythonic", "[write(path='it\\'s', text=\"\"\"a \"q\"\nb\"\"\", deep=True, tags=[1, 'x', (2, None)], meta={'k': {'v': -1.5e3}},), stop()]",
            "call write: {\"path\":\"it's\",\"text\":\"a \\\"q\\\"\\nb\",\"deep\":true,\"tags\":[1,\"x\",[2,null]],\"meta\":{\"k\":{\"v\":-1.5e3}}}\ncall stop: {}" },
        { "pythonic", "[write(\"a\", mode=3)]", "call write: {\"path\":\"a\",\"mode\":3}" },
        { "pythonic", "write(path=\"a, b)\")", "call write: {\"path\":\"a, b)\"}" },
        { "pythonic", "See:\n[stop()]", "text: See:\ncall stop: {}" },
        { "pythonic", "[1, 2] is a list", "text: [1, 2] is a list" },
        { "pythonic", "[rm(path=\"/\")]", "text: [rm(path=\"/\")]" },
        { "pythonic-between-tokens", "So.<|tool_call_start|>[stop(), write(path=\"<|tool_call_end|>\")]<|tool_call_end|>Then.",
            "text: So.\ncall stop: {}\ncall write: {\"path\":\"<|tool_call_end|>\"}\ntext: Then." },
        { "gemma4-call", "<|tool_call>call:write{path:<|\"|>a\"},b<|\"|>,deep:false,meta:{x:[1,{y:<|\"|>z<|\"|>}],n:null}}<tool_call|><|tool_call>call:stop{}<tool_call|>",
            "call write: {\"path\":\"a\\\"},b\",\"deep\":false,\"meta\":{\"x\":[1,{\"y\":\"z\"}],\"n\":null}}\ncall stop: {}" },
        { "token-and-list", "<|tool_call|> [ {\"arguments\": {\"path\": \"<|tool_call|>[\"}, \"name\": \"write\"} , {\"name\":\"stop\"} ]\nok",
            "call write: {\"path\":\"<|tool_call|>[\"}\ncall stop: {}\ntext: ok" },
        { "token-and-list", "<|tool_call|>{\"name\": \"stop\", \"arguments\": {}}", "call stop: {}" },
        { "token-and-list", "<|tool_call|>[{\"name\": \"stop\", \"arguments\": {oops}}]", "call stop: no JSON: {\ntext: oops}}]" },
        { "token-and-list", "<|tool_call|>[{\"type\": \"function\", \"function\": {\"name\": \"stop\", \"arguments\": \"{}\"}}]", "call stop: {}" },
        { "action-list", "<|START_RESPONSE|>Hello.<|END_RESPONSE|>", "text: Hello." },
        { "action-list", "<|START_THINKING|>hm<|END_THINKING|><|START_ACTION|>[\n{\"tool_name\": \"stop\", \"parameters\": {}}]", "reasoning: hm\ncall stop: {}" },
        { "kimi-section", "<|tool_calls_section_begin|><|tool_call_begin|>functions.stop:3 <|tool_call_argument_begin|> {} <|tool_call_end|><|tool_call_begin|>write<|tool_call_argument_begin|>{\"path\": \"<|tool_call_end|>\"}<|tool_call_end|><|tool_calls_section_end|>",
            "call stop: {}\ncall write: {\"path\":\"<|tool_call_end|>\"}" },
        { "own-call-id", "Well.[TOOL_CALLS]stop[CALL_ID]abcdefghi[ARGS]{}[TOOL_CALLS]write[ARGS]{\"path\": \"[ARGS]\"}",
            "text: Well.\ncall stop: {}\ncall write: {\"path\":\"[ARGS]\"}" },
        { "announced-and-read", "{\"name\": \"stop\", \"parameters\": {}}", "call stop: {}" },
        { "part-end-is-no-stop", "<|part|>sayHello.<|shut|><|part|>call<tool_call>{\"name\": \"stop\", \"arguments\": {}}</tool_call><|shut|>", "text: Hello.\ncall stop: {}" },
    };

    [Theory, MemberData(nameof(Written))]
    public void Call_IsRead_HoweverItIsCut(string fixture, string written, string expected)
    {
        var dialect = new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, fixture))).Backend.Model.Writes;
        Assert.Equal(expected, Read(dialect, [written]));
        Assert.Equal(expected, Read(dialect, written.Select(one => one.ToString())));
        for (var cut = 1; cut < written.Length; cut++) Assert.Equal(expected, Read(dialect, [written[..cut], written[cut..]]));
    }

    [Fact]
    public void RandomOutput_IsReadTheSameInAnyPieces_InEveryDialect()
    {
        var random = new Random(23);
        foreach (var fixture in DialectFixtures.Turns.EnumerateArray())
        {
            var dialect = new Talk(DialectFixtures.Family(fixture)).Backend.Model.Writes;
            var words = Words(dialect, fixture.GetProperty("says").GetString()!);
            for (var round = 0; round < 800; round++)
            {
                var written = string.Concat(Enumerable.Range(0, random.Next(1, 16)).Select(_ => words[random.Next(words.Length)]));
                Assert.True(Read(dialect, [written]) == Read(dialect, Pieces(written, random)), $"{dialect.Name}: {written}");
            }
        }
    }

    private static string[] Words(ModelDialect dialect, string says) =>
    [
        .. dialect.Formats.SelectMany(format => (string[])[format.Open, format.CallOpen, format.CallClose, format.Close, format.HeadEnd, format.Keyed.Open,
            format.Keyed.Between, format.Keyed.Close]),
        .. dialect.Thoughts.SelectMany(part => (string[])[part.Open, part.Close]), .. dialect.Answers.SelectMany(part => (string[])[part.Open, part.Close]),
        says, says[..(says.Length / 2)], says[(says.Length / 2)..], "write", "stop", "path", "{", "}", "[", "]", "(", ")", "=", "\"", "'", ",", "\n", " ", "```\n", "x", "3", "<", "é",
        "{\"name\": \"stop\", \"arguments\": {}}", "stop()",
    ];

    private static IEnumerable<string> Pieces(string text, Random random)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, 5), text.Length - at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    private static string Read(ModelDialect dialect, IEnumerable<string> pieces) => DialectFixtures.Read(dialect, "", pieces, Catalog);
}
