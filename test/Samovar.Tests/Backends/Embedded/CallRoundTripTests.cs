using System.Text.Encodings.Web;
using System.Text.Json;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What is written as a family writes calls is read as the same call again, whatever its arguments are.</summary>
public sealed class CallRoundTripTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Texts =
    [
        "", "x", " ", " both sides ", "true", "None", "3", "-1.5e3", "null",
        "{\"a\": 1}", "[1, 2]", "\"quoted\"", "'single'", "two\nlines\n", "\n",
        "a <b> & \"c\" 'd'", "back\\slash \\n \\u0041", "日本語 é 😀", "```json\n{}\n```",
        "a, b=c: d; (e) [f] {g}", "# no comment", "\t",
        "<parameter=x>", "key: value", "http://x.y/?a=1&b=2", "C:\\new\\table", "\u2028", "ends with quote\"", "ends with backslash\\",
    ];

    private static readonly string[] Others =
    [
        "0", "-7", "3.25", "1e3", "true", "false", "null", "[]", "{}", "[1,2,3]", "[\"a, b\",\"c\\\"d\"]", "{\"k\":\"v\"}",
        "{\"deep\":{\"list\":[{\"x\":null,\"y\":true},[[]],\"}\"]},\"n\":-1}", "[true,false,null]", "{\"a b\":\"c=d\"}",
    ];

    private static readonly ToolCatalog Catalog = ToolCatalog.Empty.With(Talk.Request(new
    {
        input = "",
        tools = new object[]
        {
            new
            {
                type = "function", name = "write_it", parameters = new
                {
                    type = "object",
                    properties = new Dictionary<string, object>
                    {
                        ["text"] = new { type = "string" },
                        ["any"] = new { type = new[] { "number", "boolean", "null", "array", "object" } },
                        ["maybe"] = new { anyOf = new object[] { new { type = "string" }, new { type = "null" } } },
                        ["last"] = new { type = "string" },
                        ["odd/~ name"] = new { allOf = new object[] { new { type = "string" }, new { description = "x" } } },
                        ["odd"] = Reference("#/properties/odd~1~0%20name"),
                        ["first"] = Reference("#/properties/maybe/anyOf/0"),
                        ["loose"] = new { anyOf = new object[] { new { type = "string" }, new { } } },
                        ["self"] = new { anyOf = new object[] { Reference("#"), new { type = "string" } } },
                    },
                },
            },
            new { type = "function", name = "stop-now", parameters = new { type = "object", properties = new { } } },
        },
    }).Tools!);

    public static TheoryData<string> Families => new(DialectFixtures.All.GetProperty("families").EnumerateArray()
        .Where(family => family.GetProperty("outputs").TryGetProperty("call", out _))
        .Select(family => family.GetProperty("name").GetString()!).Where(name => !name.StartsWith("gpt-oss", StringComparison.Ordinal)));

    [Theory, MemberData(nameof(Families))]
    public void Call_IsReadAsItWasWritten(string name)
    {
        var talk = new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name)));
        var (dialect, control) = (talk.Backend.Model.Writes, talk.Backend.Model.Control);
        var writer = CallWriter.Of(dialect)!;
        var faults = new List<string>();
        foreach (var arguments in Arguments())
        {
            PromptCall[] calls = [new("call000a1", "write_it", arguments)];
            Check(calls, "");
            if (dialect.Written!.Spelling!.Separator is not null) Check([.. calls, new("call000a2", "stop-now", "{}"), .. calls], "");
        }
        Check([new("call000a1", "stop-now", "{}")], "");
        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n" + string.Join("\n", faults.Take(6)));

        void Check(PromptCall[] calls, string before)
        {
            var written = before + MarkedText.Read(writer.Write(calls, control)).Text;
            var expected = string.Join('\n', calls.Select(call =>
                DialectFixtures.Call(call.Name, JsonDocument.Parse(call.Arguments).RootElement)));
            foreach (var piece in (int[])[1, 3, 100_000])
            {
                var read = DialectFixtures.Read(dialect, "", written.Chunk(piece).Select(chunk => new string(chunk)), Catalog);
                if (read != expected) faults.Add($"{piece}: {written}\n  is read as\n{read}\n  and was\n{expected}");
            }
        }
    }

    private static IEnumerable<string> Arguments()
    {
        foreach (var text in Texts)
        {
            var json = JsonSerializer.Serialize(text, Plain);
            yield return $"{{\"text\": {json}, \"last\": \"end\"}}";
            yield return $"{{\"last\": {json}}}";
        }
        foreach (var other in Others)
        {
            yield return $"{{\"any\": {other}, \"text\": \"t\"}}";
            yield return $"{{\"text\": \"t\", \"any\": {other}}}";
        }
        yield return "{\"maybe\": null}";
        yield return "{\"maybe\": \"x\"}";
        yield return "{\"odd\": \"3\", \"first\": \"null\"}";
        yield return "{\"loose\": {\"a\": [1]}, \"self\": {\"text\": \"x\"}}";
        yield return "{}";
    }

    private static Dictionary<string, string> Reference(string to) => new() { ["$ref"] = to };
}
