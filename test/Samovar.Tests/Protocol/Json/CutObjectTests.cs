using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Tests.Protocol.Json;

/// <summary>An object that stops anywhere has what can be read of it, and nothing that nobody wrote.</summary>
public sealed class CutObjectTests
{
    private const string Rich = """
        { "path" : "notes/a \"b\" \u00e9 \ud83d\ude00 😀.txt", "days": 12, "deep": {"list": [1.5e3, -2, true, "x", {"y": null}], "none": {}
          }, "off": false, "empty": "", "end": [[], [["z"]]] }
        """;

    [Theory]
    [InlineData("", "{}")]
    [InlineData("{", "{}")]
    [InlineData("{\"pa", "{}")]
    [InlineData("{\"path\": ", "{}")]
    [InlineData("{\"path\": \"", "{\"path\": \"\"}")]
    [InlineData("{\"path\": \"notes/lo", "{\"path\": \"notes/lo\"}")]
    [InlineData("{\"path\": \"a\\", "{\"path\": \"a\"}")]
    [InlineData("{\"path\": \"a\\ud83d", "{\"path\": \"a\"}")]
    [InlineData("{\"path\": \"a\\ud83d\\ude", "{\"path\": \"a\"}")]
    [InlineData("{\"path\": \"a\\ude00b\"}", "{\"path\": \"a\\ufffdb\"}")]
    [InlineData("{\"path\": \"a\\ud83d b\"}", "{\"path\": \"a\\ufffd b\"}")]
    [InlineData("{\"path\": \"a\\ud83d\"}", "{\"path\": \"a\\ufffd\"}")]
    [InlineData("{\"path\": \"a\\ud83d\\n\"}", "{\"path\": \"a\\ufffd\\n\"}")]
    [InlineData("{\"path\": \"a\\uD83D\\ud83d\\ude00\"}", "{\"path\": \"a\\ufffd\\ud83d\\ude00\"}")]
    [InlineData("{\"path\": \"a\\ud83d\\ud83d", "{\"path\": \"a\\ufffd\"}")]
    [InlineData("{\"\\ude00\\ud83d\": \"a\"}", "{\"\\ufffd\\ufffd\": \"a\"}")]
    [InlineData("{\"path\": \"a\", \"days\": 1", "{\"path\": \"a\"}")]
    [InlineData("{\"path\": \"a\", \"days\": 1,", "{\"path\": \"a\", \"days\": 1}")]
    [InlineData("{\"a\": tru!", "{}")]
    [InlineData("{\"a\": nul}", "{}")]
    [InlineData("{\"a\": 012}", "{}")]
    [InlineData("{\"a\": 1.e5}", "{}")]
    [InlineData("{\"a\": -0.5e+5}", "{\"a\": -0.5e+5}")]
    [InlineData("\u3000{\u00a0\"a\"\u3000:\u2028\"\u3000\",\u0085\"b\":\u00a01\f}", "{\"a\":\"\u3000\",\"b\":1}")]
    [InlineData("{\"a\": 1\u00a02}", "{\"a\": 1}")]
    [InlineData("{\"a\": [1, {\"b\": [\"c", "{\"a\": [1, {\"b\": [\"c\"]}]}")]
    [InlineData("{\"a\": \"x\ny\"}", "{\"a\": \"x\\u000ay\"}")]
    [InlineData("{\"a\": 1} and more", "{\"a\": 1}")]
    [InlineData("{\"a\": 1,}", "{\"a\": 1}")]
    [InlineData("{\"a\": [1}", "{\"a\": [1]}")]
    [InlineData("oops", "{}")]
    [InlineData("[1]", "{}")]
    [InlineData("\"text\"", "{}")]
    public void Object_IsClosedBehindWhatCanBeRead(string cut, string closed) => Assert.Equal(closed, CutObject.Close(cut));

    [Fact]
    public void WholeObject_IsPassedOnUnchanged()
    {
        Assert.Equal(Rich.Trim(), CutObject.Close(Rich).Trim());
        Assert.Equal("", End(Rich));
    }

    [Fact]
    public void CutObject_HoldsOnlyWhatTheWholeHas_WhereverItIsCut()
    {
        using var whole = JsonDocument.Parse(Rich);
        for (var cut = 0; cut < Rich.Length; cut++)
        {
            using var closed = JsonDocument.Parse(CutObject.Close(Rich[..cut]));
            Within(closed.RootElement, whole.RootElement, Rich[..cut]);
        }
    }

    [Fact]
    public void Pieces_MakeUpWhatTheWholeTextDoes_HoweverTheyCome()
    {
        var random = new Random(5);
        var signs = "{}[]\",:\\u0d8e1+E-.tnfx \n" + string.Concat(Enumerable.Range(0, char.MaxValue).Select(one => (char)one)
            .Where(char.IsWhiteSpace));
        for (var round = 0; round < 5000; round++)
        {
            var text = round % 2 == 0 ? Rich[..random.Next(Rich.Length)]
                : "{" + string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => signs[random.Next(signs.Length)]));
            var pieces = new CutObject();
            var passed = "";
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(random.Next(1, 6), text.Length - at);
                passed += pieces.Add(text.Substring(at, length));
                at += length;
            }
            passed += pieces.End();
            Assert.Equal(CutObject.Close(text), passed);
            using var _ = JsonDocument.Parse(passed);
        }
    }

    [Fact]
    public void Pieces_AreTheInputOfTheWholeCall_AlsoWithHalvesOfPairs()
    {
        var random = new Random(7);
        for (var round = 0; round < 5000; round++)
        {
            var text = "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(3) == 0
                ? $"\"{Halves(random)}\": [1, \"{Halves(random)}\"]" : $"\"{Halves(random)}\":\"{Halves(random)}\"")) + "}";
            if (random.Next(3) == 0) text = text[..random.Next(text.Length)];
            var pieces = new CutObject();
            var passed = string.Concat(text.Chunk(random.Next(1, 5)).Select(piece => pieces.Add(new string(piece)))) + pieces.End();
            Assert.Equal(ToolInput.Of(text).ToString(), passed);
        }
    }

    private static string Halves(Random random)
    {
        string[] signs = ["a", " ", "\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\n", "\\\\", "\\\"", "\\u0041", "é", "😀"];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => signs[random.Next(signs.Length)]));
    }

    private static string End(string text)
    {
        var whole = new CutObject();
        whole.Add(text);
        return whole.End();
    }

    private static void Within(JsonElement part, JsonElement whole, string cut)
    {
        Assert.True(part.ValueKind == whole.ValueKind, cut);
        switch (part.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in part.EnumerateObject()) Within(property.Value, whole.GetProperty(property.Name), cut);
                break;
            case JsonValueKind.Array:
                for (var at = 0; at < part.GetArrayLength(); at++) Within(part[at], whole[at], cut);
                break;
            case JsonValueKind.String: Assert.StartsWith(part.GetString()!, whole.GetString(), StringComparison.Ordinal); break;
            default: Assert.Equal(whole.GetRawText(), part.GetRawText()); break;
        }
    }
}
