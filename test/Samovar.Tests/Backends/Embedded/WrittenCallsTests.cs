using System.Text.Json;
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
                        ["deep"] = new { type = "boolean" }, ["tags"] = new { type = "array" },
                        ["meta"] = new { type = "object" },
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

    public static TheoryData<string, string, string> Written
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var row in DialectFixtures.Written.EnumerateArray())
                rows.Add(Text(row, "family"), Text(row, "written"), Text(row, "read"));
            return rows;
        }
    }

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

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static string[] Words(ModelDialect dialect, string says) =>
    [
        .. dialect.Formats.SelectMany(format => (string[])
        [
            format.Open, format.CallOpen, format.CallClose, format.Close, format.HeadEnd, format.Keyed.Open, format.Keyed.Between,
            format.Keyed.Close,
        ]),
        .. dialect.Thoughts.Concat(dialect.Answers).SelectMany(part => (string[])[part.Open, part.Close]),
        says, says[..(says.Length / 2)], says[(says.Length / 2)..], "write", "stop", "path", "{", "}", "[", "]", "(", ")", "=", "\"", "'",
        ",", "\n", " ", "```\n", "x", "3", "-", "0", "r", "<", "é", "\"arguments\": {\"path\": ",
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
