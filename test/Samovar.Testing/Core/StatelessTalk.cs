using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Testing.Core;

/// <summary>How a client that keeps the state itself writes down what the model said.</summary>
internal enum Rewriting
{
    /// <summary>Byte for byte.</summary>
    Verbatim,

    /// <summary>Without ids, states, annotations, log-probabilities and phases.</summary>
    Bare,

    /// <summary>Bare, and a message's content as one string.</summary>
    AsText,

    /// <summary>Bare, its fields the other way round.</summary>
    Reversed,

    /// <summary>Bare, and reasoning left out.</summary>
    WithoutReasoning,

    /// <summary>Bare, the arguments of calls written again from what was parsed: with other white space, keys in another order.</summary>
    Respelled,
}

/// <summary>A conversation that a client keeps and resends whole with every request.</summary>
internal sealed class StatelessTalk(Rewriting rewriting)
{
    private static readonly string[] Decorations = ["id", "status", "annotations", "logprobs", "phase"];

    private readonly List<JsonNode> _items = [];

    /// <summary>More top-level fields.</summary>
    public JsonObject Settings { get; init; } = new() { ["store"] = false };

    public IReadOnlyList<JsonNode> Items => _items;

    public StatelessTalk Fork(Rewriting other)
    {
        var fork = new StatelessTalk(other) { Settings = (JsonObject)Settings.DeepClone() };
        fork._items.AddRange(_items.Select(item => item.DeepClone()));
        return fork;
    }

    public CreateRequest Ask(string text)
    {
        _items.Add(new JsonObject { ["role"] = "user", ["content"] = text });
        return Request();
    }

    /// <summary>Answers every open call.</summary>
    public CreateRequest Answer(string output)
    {
        var answered = _items.Select(item => (string?)item["call_id"]).Where(id => id is not null).GroupBy(id => id)
            .Where(group => group.Count() == 1).Select(group => group.Key).ToList();
        foreach (var id in answered)
            _items.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = id, ["output"] = output });
        return Request();
    }

    public CreateRequest Request()
    {
        var body = (JsonObject)Settings.DeepClone();
        body["input"] = new JsonArray([.. _items.Select(item => item.DeepClone())]);
        return CreateRequestReader.Read(JsonSerializer.SerializeToUtf8Bytes(body), CreateRequestOrigin.Http, ProtocolLimits.Default);
    }

    public void Learn(SeenEvents seen)
    {
        foreach (var item in seen.Output)
            if (Written(JsonNode.Parse(item.GetRawText())!.AsObject()) is { } written) _items.Add(written);
    }

    public bool HasOpenCalls => _items.Count > 0 && (string?)_items[^1]["type"] == "function_call";

    private JsonObject? Written(JsonObject item)
    {
        if (rewriting == Rewriting.Verbatim) return item;
        if (rewriting == Rewriting.WithoutReasoning && (string?)item["type"] == "reasoning") return null;
        foreach (var part in item["content"] as JsonArray ?? []) Undecorate(part!.AsObject());
        Undecorate(item);
        if (rewriting == Rewriting.Respelled && item["arguments"] is { } arguments) item["arguments"] = Respelled((string)arguments!);
        if (rewriting == Rewriting.AsText && (string?)item["type"] == "message") item["content"] = (string?)item["content"]![0]!["text"];
        return rewriting == Rewriting.Reversed
            ? new(item.Reverse().Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))) : item;
    }

    private static string Respelled(string arguments)
    {
        var fields = JsonNode.Parse(arguments)!.AsObject();
        return "{ " + string.Join(" ,\n", fields.Reverse().Select(field => $"{JsonSerializer.Serialize(field.Key)} :  " +
            (field.Value?.ToJsonString() ?? "null"))) + " }";
    }

    private static void Undecorate(JsonObject item)
    {
        foreach (var name in Decorations) item.Remove(name);
    }
}

/// <summary>What an item says, in one line: how tests compare contexts, without the code that they test.</summary>
internal static class Said
{
    public static string By(string json) => By(JsonNode.Parse(json)!);

    public static string By(JsonNode item) => (string?)item["type"] switch
    {
        null or "message" => $"{item["role"]}: {Text(item["content"])}",
        "function_call" => $"call {item["call_id"]} {item["namespace"]} {item["name"]} {Parsed(item["arguments"])}",
        "function_call_output" => $"output {item["call_id"]} {Text(item["output"])}",
        "reasoning" => $"thought {Text(item["summary"])} {Text(item["content"])} {item["encrypted_content"]}",
        var other => $"{other} {item.ToJsonString()}",
    };

    private static string Parsed(JsonNode? arguments) => string.Join(',', JsonNode.Parse((string)arguments!)!.AsObject()
        .OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value?.ToJsonString()}"));

    private static string Text(JsonNode? content) =>
        content is JsonArray parts ? string.Join('|', parts.Select(part => (string?)part!["text"])) : (string?)content ?? "";
}
