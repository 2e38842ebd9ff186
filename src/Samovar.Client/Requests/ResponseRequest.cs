using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Client.Requests;

/// <summary>One turn as its caller wants it: what is new, and the settings in force. What it does not name is left to the server.</summary>
public sealed record ResponseRequest
{
    /// <summary>What is new since the response that the turn continues.</summary>
    public IReadOnlyList<RawJson> Input { get; init; } = [];
    public string? Model { get; init; }
    public string? Instructions { get; init; }

    /// <summary>JSON array of tools.</summary>
    public RawJson Tools { get; init; }

    /// <summary>A JSON string (<c>"auto"</c>) or object.</summary>
    public RawJson ToolChoice { get; init; }
    public bool? ParallelToolCalls { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? MaxOutputTokens { get; init; }

    /// <summary>JSON object: <c>{"format":…}</c>.</summary>
    public RawJson Text { get; init; }

    /// <summary>JSON object: <c>{"effort":…}</c>.</summary>
    public RawJson Reasoning { get; init; }

    /// <summary>Whether the server keeps the response beyond the connection; null: its own habit, mostly yes.</summary>
    public bool? Store { get; init; }

    /// <summary>A durable conversation of the server's, whose items come before the input; no response is continued beside it.</summary>
    public string? Conversation { get; init; }

    /// <summary>The turn is left to the server, and goes on whether its client is there or not; it needs a server that stores.</summary>
    public bool Background { get; init; }

    /// <summary>Fields that have no place above, written as they stand.</summary>
    public IReadOnlyDictionary<string, RawJson> More { get; init; } = new Dictionary<string, RawJson>(StringComparer.Ordinal);

    /// <summary>Whether settings are sent that the server could take over: it may not have kept all that is in them.</summary>
    internal bool NamesAll { get; init; }

    /// <summary>A turn of one user message.</summary>
    public static ResponseRequest Of(string userText) => new() { Input = [InputItems.User(userText)] };

    /// <summary>Every setting, all but the input, in an order that does not change.</summary>
    internal IReadOnlyList<KeyValuePair<string, RawJson>> Settings()
    {
        var fields = new List<KeyValuePair<string, RawJson>>();
        Add("model", Written(Model));
        Add("instructions", Written(Instructions));
        Add("tools", Tools);
        Add("tool_choice", ToolChoice);
        Add("parallel_tool_calls", Written(ParallelToolCalls));
        Add("temperature", Written(Temperature));
        Add("top_p", Written(TopP));
        Add("max_output_tokens", Written(MaxOutputTokens));
        Add("text", Text);
        Add("reasoning", Reasoning);
        Add("store", Written(Store));
        Add("conversation", Written(Conversation));
        foreach (var (name, value) in More) Add(name, value);
        return fields;

        void Add(string name, RawJson value)
        {
            if (!value.IsEmpty) fields.Add(new(name, value));
        }
    }

    private static RawJson Written<T>(T? value)
    {
        if (value is null) return default;
        return new RawJson(JsonBuffer.Bytes(value, static (json, value) =>
        {
            switch (value)
            {
                case string text: json.WriteStringValue(text); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case int number: json.WriteNumberValue(number); break;
                case double number: json.WriteNumberValue(number); break;
                default: throw new JsonException();
            }
        }));
    }
}
