using System.Text;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Chat;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>What the drivers of chat and Messages send is what the readers of both take: a history that goes out comes in again as the
/// same items.</summary>
public sealed class RoundTripTests
{
    private static readonly string[] Letters = ["a", " ", "\n", "\"", "\u00e4", "\\", "\ud83d\ude00", "</s>"];
    private const int Conversations = 400;
    private static readonly Dialect Thinking = new("thinking") { DeveloperRole = true, ReasoningField = "reasoning_content" };

    [Fact]
    public void ChatHistory_ComesBack_AsTheSameItems()
    {
        var random = new Random(11);
        for (var i = 0; i < Conversations; i++)
        {
            var items = Conversation(random, isSealed: false, roles: [Role.System, Role.Developer]);
            var sent = ChatMessages.For(null, new TurnContext(null, items), Thinking, ToolNames.Of([]),
                new CallMaker(Calls.Of("chat").Destination, static _ => "a"));
            var body = "{\"messages\":[" + string.Join(',', sent) + "]}";
            AssertSame(items, ChatRequestReader.Read(Encoding.UTF8.GetBytes(body), ProtocolLimits.Default), body);
        }
    }

    [Fact]
    public void MessagesHistory_ComesBack_AsTheSameItems()
    {
        var random = new Random(12);
        for (var i = 0; i < Conversations; i++)
        {
            var items = Conversation(random, isSealed: true, roles: [Role.System]);
            items.Add(Message(random, Role.User, texts: 1)); // what the assistant is to go on with is cut at its end
            var sent = MessageHistory.For(new TurnContext(null, items), ToolNames.Of([]));
            var body = "{\"system\":[" + string.Join(',', sent.SelectMany(run => run.System)) + "],\"messages\":["
                + string.Join(',', sent.SelectMany(run => run.Messages)) + "]}";
            AssertSame(items, MessagesRequestReader.Read(Encoding.UTF8.GetBytes(body), ProtocolLimits.Default), body);
        }
    }

    private static void AssertSame(IReadOnlyList<Item> items, TranslatedRequest read, string body)
    {
        var (expected, actual) = (items.Select(item => item.Json.ToString()), read.Request.Input.Select(item => item.Json.ToString()));
        Assert.True(expected.SequenceEqual(actual), $"{string.Join('\n', expected)}\n--\n{string.Join('\n', actual)}\n--\n{body}");
    }

    /// <summary>A conversation as such clients hold it: users speak, the assistant thinks, speaks and calls, tools answer.</summary>
    private static List<Item> Conversation(Random random, bool isSealed, Role[] roles)
    {
        var items = new List<Item>();
        for (var i = random.Next(3); i > 0; i--) items.Add(Message(random, roles[random.Next(roles.Length)], texts: 1));
        for (var turn = random.Next(1, 4); turn > 0; turn--)
        {
            items.Add(Message(random, Role.User, random.Next(1, 4)));
            var calls = random.Next(3);
            var seal = isSealed ? ThoughtSeal.Signed + "s" + random.Next() : null;
            if (random.Next(2) == 0) items.Add(InputItems.Reasoning(Text(random), seal));
            if (calls == 0 || random.Next(2) == 0) items.Add(Message(random, Role.Assistant, texts: 1));
            var ids = Enumerable.Range(0, calls).Select(_ => "call_" + random.Next()).ToList();
            items.AddRange(ids.Select(id => InputItems.FunctionCall(id, "f", $$"""{ "a" :{{random.Next()}}, "b":"\u00e9\n" }""",
                isSealed || random.Next(3) > 0 ? default
                    : RawJson.Of($$$"""{"google": {"thought_signature":"{{{random.Next()}}}/=="}}"""))));
            items.AddRange(ids.Select(id => InputItems.FunctionOutput(id, [Part(random)], isError: isSealed && random.Next(4) == 0)));
        }
        return items;
    }

    private static MessageItem Message(Random random, Role role, int texts) =>
        InputItems.Message(role, [.. Enumerable.Range(0, texts).Select(_ => Part(random))]);

    private static InputPart Part(Random random) => new(new ContentPart.Text(Text(random)));

    /// <summary>With a word in it: the Messages API takes no other, so they do not go there.</summary>
    private static string Text(Random random)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Letters[random.Next(Letters.Length)]));
        return string.IsNullOrWhiteSpace(text) ? text + Letters[0] : text;
    }
}
