using System.Text.Json.Nodes;

namespace Samovar.Templates.Tests.Differential;

/// <summary>Random values for the names that random templates read.</summary>
internal sealed class RandomContexts(Random random)
{
    private static readonly string[] Texts =
    [
        "", "a", "abc", "Hello World", "  padded\t", "line one\nline two\n", "a/b/c", "x,y,,z", "<b>bold & 'quoted'</b>", "Straße",
            "ΑΣ İ ǆ",
        "😀 smile 😀", "naïve-café", "3", "-12", "4.5e2", "0x1F", "1_000", "{\"a\": 1}", "{}", "%s and %d", "tab\there", "ALL CAPS",
            "don't stop",
        "www.example.com and me@example.org (https://a.b.co/x?y=1).", "aa bb-cc dd--ee ffffffffffffffffffffff", "日本語 text", "a\r\nb\u2028c",
        "\u001cedge\u00a0", "user", "assistant", "tool", "\"quote\"", "back\\slash", "x\u0007\u200b",
    ];

    private static readonly string[] Words = ["alpha", "Beta", "gamma", "delta", "Alpha", "beta", "ÿ", "_x", "Zeta9", ""];

    public JsonObject Next() => new()
    {
        ["s"] = Text(),
        ["t"] = Text(),
        ["n"] = Whole(),
        ["k"] = random.Next(-3, 6),
        ["f"] = Fraction(),
        ["yes"] = true,
        ["no"] = false,
        ["nil"] = null,
        ["big"] = JsonNode.Parse(random.Next(3) == 0 ? "12345678901234567890123" : "-9223372036854775809"),
        ["xs"] = List(() => JsonValue.Create(random.Next(-4, 9))),
        ["words"] = List(() => JsonValue.Create(Word())),
        ["mixed"] = List(Any),
        ["rows"] = List(Row),
        ["m"] = Map(),
        ["deep"] = Deep(3),
    };

    public string Text() => Texts[random.Next(Texts.Length)];

    public string Word() => Words[random.Next(Words.Length)];

    private JsonNode Whole() => random.Next(5) switch { 0 => 0, 1 => random.Next(-1000, 1000), 2 => random.Next(100_000), _ =>
        random.Next(-9, 30) };

    private JsonNode Fraction() => random.Next(6) switch
    {
        0 => 2.5, 1 => -0.125, 2 => random.NextDouble() * 1e6, 3 => JsonNode.Parse("1e-07")!, 4 => Math.Round(random.NextDouble() * 100,
            2), _ => 3.75,
    };

    private JsonNode? Any() => random.Next(8) switch
    {
        0 => null, 1 => random.Next(2) == 0, 2 => Whole(), 3 => Fraction(), 4 => Text(), 5 => List(() =>
            JsonValue.Create(random.Next(5))), 6 => Map(), _ => Word(),
    };

    private JsonArray List(Func<JsonNode?> item)
    {
        var list = new JsonArray();
        for (var left = random.Next(6); left > 0; left--)
            list.Add(item());
        return list;
    }

    private JsonObject Row()
    {
        var row = new JsonObject { ["role"] = random.Next(3) switch { 0 => "user", 1 => "assistant", _ => "tool" },
            ["n"] = random.Next(5) };
        if (random.Next(3) > 0)
            row["name"] = Word();
        if (random.Next(4) > 0)
            row["content"] = random.Next(5) == 0 ? null : Text();
        if (random.Next(3) == 0)
            row["items"] = List(() => JsonValue.Create(random.Next(5)));
        return row;
    }

    private JsonObject Map()
    {
        var map = new JsonObject();
        foreach (var key in new[] { "a", "b", "Key", "items", "x y" })
        {
            if (random.Next(2) == 0)
                map[key] = random.Next(4) switch { 0 => null, 1 => random.Next(50), 2 => Text(), _ => List(() =>
                    JsonValue.Create(Word())) };
        }
        return map;
    }

    private JsonObject Deep(int depth)
    {
        var children = new JsonArray();
        for (var left = depth == 0 ? 0 : random.Next(3); left > 0; left--)
            children.Add(Deep(depth - 1));
        return new JsonObject { ["n"] = Word(), ["c"] = children };
    }
}
