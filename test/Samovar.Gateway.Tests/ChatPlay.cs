using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests;

/// <summary>
/// One turn against an upstream that says exactly what a test wants, and its outcome in one line: the items (<c>!</c> marks an incomplete
/// one), then how it ended.
/// </summary>
internal static class ChatPlay
{
    public const string Tools = ""","tools":[{"type":"function","name":"look","parameters":{"type":"object"}},""" +
        """{"type":"function","name":"add","parameters":{"type":"object"}},{"type":"custom","name":"patch"}]""";

    /// <summary>Tools of which one's name begins another's, and one's is twice the same.</summary>
    public const string MoreTools = ""","tools":[{"type":"function","name":"look"},{"type":"function","name":"look_up"},""" +
        """{"type":"function","name":"gogo"}]""";

    /// <summary>A chunk with this delta.</summary>
    public static string Delta(string delta, string? finish = null) =>
        $$"""{"choices":[{"index":0,"delta":{{delta}},"finish_reason":{{JsonSerializer.Serialize(finish)}}}]}""";

    public static string End(string finish) => Delta("{}", finish);

    /// <summary>A chunk with one piece of a call.</summary>
    public static string Call(int? index, string? id, string? name, string? arguments)
    {
        var fields = new List<string>();
        if (index is not null) fields.Add($"\"index\":{index}");
        if (id is not null) fields.Add($"\"id\":\"{id}\"");
        var function = new List<string>();
        if (name is not null) function.Add($"\"name\":\"{name}\"");
        if (arguments is not null) function.Add($"\"arguments\":{JsonSerializer.Serialize(arguments)}");
        return Delta($$"""{"tool_calls":[{{{string.Join(',', fields.Append($"\"function\":{{{string.Join(',', function)}}}"))}}}]}""");
    }

    public static Task<string> PlayAsync(params IEnumerable<string> chunks) => PlayAsync(RawAnswer.Of(chunks));

    public static async Task<string> PlayAsync(RawAnswer answer, string kind = "chat")
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = answer;
        using var gateway = new TestGateway(kind, upstream);
        return Outline(await gateway.TurnAsync(null, TestGateway.User("go"), Tools));
    }

    public static string Outline(TurnResult result)
    {
        var end = result.Events is [.., BackendEvent.Finished finished]
            ? finished.IncompleteReason is { } reason ? $"incomplete ({reason})" : "completed" : $"failed ({result.Error!.Kind.Status})";
        return string.Join(" | ", Output(result).Select(Line).Append(end));
    }

    /// <summary>The items of a turn's response.</summary>
    public static IReadOnlyList<Item> Output(TurnResult result)
    {
        var fold = new ResponseFold(new IdSource(), 100, static _ => { });
        foreach (var seen in result.Events.Where(seen => seen is not BackendEvent.Accepted)) fold.Add(seen);
        return fold.Output;
    }

    private static string Line(Item item)
    {
        var isIncomplete = item.Json.ToString().Contains("\"status\":\"incomplete\"", StringComparison.Ordinal);
        return (isIncomplete ? "!" : "") + item switch
        {
            FunctionCallItem call => $"{call.Name}({call.Arguments})",
            CustomToolCallItem call => $"{call.Name}<{call.Input}>",
            ReasoningItem thought => $"thought '{string.Concat(thought.Content)}'",
            MessageItem message => $"text '{string.Concat(message.Content.Select(part => part switch
            {
                ContentPart.Text text => text.Value,
                ContentPart.Refusal refusal => "refusal:" + refusal.Value,
                _ => "?",
            }))}'",
            _ => item.Type,
        };
    }
}
