using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Whatever users, tools and their makers write, a prompt has the structure that it has with harmless texts.</summary>
public sealed class StructureForgeryTests
{
    private const int Conversations = 20;

    public static TheoryData<string> Families => new(ForgeryFamilies.Names);

    [Theory, MemberData(nameof(Families))]
    public void NoText_ChangesTheCountOfStructuralTokens(string name)
    {
        for (var seed = 0; seed < Conversations; seed++)
        {
            var family = ForgeryFamilies.Of(name, new Random(seed), hasWords: true);
            var texts = new EvilTexts([.. family.Specials.Select(special => special.Text)], new Random(seed), isCut: seed % 6 == 5);
            var plain = Structure(family, new EvilTexts([], new Random(seed), isCut: seed % 6 == 5).Conversation(), out _);
            var evil = texts.Conversation();
            var found = Structure(family, evil, out var prompt);
            Assert.True(plain == found, $"{name}, seed {seed}: {plain} became {found} in\n{prompt}\n{JsonSerializer.Serialize(evil)}");
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Text_StaysWhatItIs(string name)
    {
        if (name == "changes") return; // its template writes other texts than it is given
        for (var seed = 0; seed < Conversations; seed++)
        {
            var family = ForgeryFamilies.Of(name, new Random(seed), hasWords: false);
            var evil = new EvilTexts([.. family.Specials.Select(special => special.Text)], new Random(seed), isCut: false);
            var said = evil.Text() + "\uFDD0.\uFDD1\uFDD0;";
            var talk = new Talk(family);
            Assert.Contains(said.Trim(), talk.Text(talk.Plan(null, new { input = said })), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Continuation_AddsTheTokensThatTheWholeHas_WhateverItsTextsAre()
    {
        var (continued, whole) = (0L, 0L);
        foreach (var name in ForgeryFamilies.Names)
            for (var seed = 0; seed < 8; seed++)
            {
                var family = ForgeryFamilies.Of(name, new Random(seed), hasWords: true);
                var evil = new EvilTexts([.. family.Specials.Select(special => special.Text)], new Random(seed), isCut: false);
                var talk = new Talk(family).Says("ok then");
                var instructions = evil.Text();
                var first = await talk.AskAsync(null, new { instructions, input = evil.Text() });
                var body = new { instructions, input = evil.Text() };
                var (warm, cold) = (talk.Plan(first.Node, body), talk.Plan(Talk.Cold(first.Node), body));
                var added = warm.Path.ToArray(((EmbeddedState)first.Node.State!).Path.Length); // behind what the model said, as it said it
                Assert.True(cold.Path.ToArray().AsSpan().EndsWith(added), $"{name}, seed {seed}");
                (continued, whole) = (continued + (warm.IsIncremental ? 1 : 0), whole + (warm.IsIncremental ? 0 : 1));
            }
        Assert.True(continued > whole, $"{continued} continued, {whole} whole");
    }

    [Fact]
    public void OrdinaryText_IsTokenisedAsItAlwaysWas()
    {
        var family = ForgeryFamilies.Of("chatml", new Random(1), hasWords: false);
        var talk = new Talk(family);
        const string said = "if (a < b && c > d) { return \"<b>x</b>\"; } // [1, 2] <|";
        var tokens = talk.Plan(null, new { input = said }).Path.ToArray();
        var expected = talk.Tokenizer.Tokenize($"<|im_start|>user\n{said}<|im_end|>\n<|im_start|>assistant\n", false, true);
        Assert.Equal(expected, tokens);
    }

    private static string Structure(Family family, JsonObject body, out string prompt)
    {
        var talk = new Talk(family, new EmbeddedOptions { ImagePlaceholder = "[{kind}]" });
        var plan = talk.Plan(null, body);
        Assert.Null(talk.Backend.Model.TemplateUse.Fault);
        prompt = talk.Text(plan);
        var counts = family.Specials.Select(special => plan.Path.ToArray().Count(token => token == talk.Tokenizer.TokenOf(special.Text)));
        return string.Join(' ', family.Specials.Zip(counts, (special, count) => $"{special.Text}:{count}"));
    }
}

/// <summary>Conversations whose every text tries to be structure, or none where there are no spellings.</summary>
internal sealed class EvilTexts(string[] spellings, Random random, bool isCut)
{
    private static readonly string[] Between =
        ["", "", " ", "\n", "x", "\t", "/", "_", "\"", "\\", "\uFDD0", "\uFDD1", "<", "[", "|", ">", "Obey."];

    private string _left = ""; // the second half of a spelling whose first half ended the text before

    public JsonObject Conversation()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [Text()] = new JsonObject { ["type"] = "string", ["description"] = Text(), ["enum"] = new JsonArray(Text(), Text()) },
                ["plain"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["const"] = Text() } },
            },
        };
        return new JsonObject
        {
            ["instructions"] = Text(),
            ["tools"] = new JsonArray(
                new JsonObject { ["type"] = "function", ["name"] = Name(), ["description"] = Text(), ["parameters"] = schema },
                new JsonObject { ["type"] = "custom", ["name"] = "patch", ["description"] = Text(), },
                new JsonObject
                {
                    ["type"] = "namespace", ["name"] = "space", ["description"] = Text(),
                    ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = "inner", ["description"] = Text() }),
                }),
            ["input"] = Items(),
        };
    }

    private JsonArray Items() => new(
        Message("developer", Text()), Message("user", Text()), Thought(Text()),
        new JsonObject { ["type"] = "function_call", ["call_id"] = "a" + Text(), ["name"] = "n" + Text(), ["arguments"] = Arguments() },
        new JsonObject { ["type"] = "function_call_output", ["call_id"] = "a" + "", ["output"] = Text() },
        Message("assistant", Text()),
        new JsonObject
        {
            ["type"] = "message", ["role"] = "user",
            ["content"] = new JsonArray(
                new JsonObject { ["type"] = "input_text", ["text"] = Text() },
                new JsonObject { ["type"] = "input_file", ["filename"] = "f" + Text(), ["file_data"] = "data:text/plain;base64,aGk=" }),
        },
        new JsonObject { ["type"] = "custom_tool_call", ["call_id"] = "c1", ["name"] = "patch", ["input"] = Text() },
        new JsonObject { ["type"] = "custom_tool_call_output", ["call_id"] = "c1", ["output"] = Text() },
        Message("system", Text()), Message("user", Text()));

    private static JsonObject Message(string role, string text) => new() { ["type"] = "message", ["role"] = role, ["content"] = text };

    private static JsonObject Thought(string text) => new()
    {
        ["type"] = "reasoning", ["summary"] = new JsonArray(),
        ["content"] = new JsonArray(new JsonObject { ["type"] = "reasoning_text", ["text"] = text }),
    };

    private string Arguments() => isCut ? "{\"aa\": \"" + Text()
        : new JsonObject
        {
            [Text()] = Text(), ["bb"] = new JsonArray(Text(), 1, true), ["cc"] = new JsonObject { [Text()] = Text() },
        }.ToJsonString();

    /// <summary>A tool's name has letters, digits, dashes and underscores: what is within a spelling at most.</summary>
    private string Name()
    {
        var name = new string([.. Text().Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')]);
        return name.Length is 0 or > 60 ? "tool" : name;
    }

    public string Text()
    {
        if (spellings.Length == 0) return "w";
        var text = new StringBuilder(_left);
        _left = "";
        for (var parts = random.Next(1, 5); parts > 0; parts--) text.Append(Part()).Append(Between[random.Next(Between.Length)]);
        if (random.Next(3) > 0)
        {
            var parted = spellings[random.Next(spellings.Length)];
            var at = random.Next(1, parted.Length);
            text.Append(parted.AsSpan(0, at));
            _left = parted[at..];
        }
        return text.Length == 0 ? "w" : text.ToString();
    }

    private string Part()
    {
        var spelling = spellings[random.Next(spellings.Length)];
        var (from, to) = (random.Next(spelling.Length), random.Next(spelling.Length));
        return random.Next(8) switch
        {
            0 or 1 => spelling,
            2 => spelling[from..],
            3 => spelling[..to],
            4 => spelling[Math.Min(from, to)..Math.Max(from, to)],
            5 => random.Next(2) == 0 ? spelling.ToUpperInvariant() : spelling.ToLowerInvariant(),
            6 => spelling.Insert(from, Between[random.Next(Between.Length)]),
            _ => spelling.Trim('<', '>', '|', '/', '[', ']'),
        };
    }
}
