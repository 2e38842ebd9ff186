using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using static Samovar.Gateway.Wire.Bodies.FieldUse;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>What happens to a request's field on its way to an upstream.</summary>
internal enum FieldUse
{
    /// <summary>Sent as it came.</summary>
    Forward,

    /// <summary>Sent as it came to providers; engines do not know it.</summary>
    Provider,

    /// <summary>Sent as it came to another Samovar, whose extension it is.</summary>
    Extension,

    /// <summary>Written anew: from what is in force, or under the upstream's own name.</summary>
    Own,

    /// <summary>Not understood there.</summary>
    Drop,
}

/// <summary>
/// One row for each field of a create request, one column for each protocol. A field without a row goes to upstreams that take unknown
/// ones.
/// </summary>
internal static class FieldTable
{
    private static readonly Dictionary<string, (FieldUse Responses, FieldUse Chat, FieldUse Messages)> Rows = new(StringComparer.Ordinal)
    {
        ["type"] = (Own, Own, Own),
        ["model"] = (Own, Own, Own),
        ["input"] = (Own, Own, Own),
        ["instructions"] = (Own, Own, Own),
        ["previous_response_id"] = (Own, Own, Own),
        ["store"] = (Own, Own, Own),
        ["stream"] = (Own, Own, Own),
        ["stream_options"] = (Own, Own, Own),
        ["stream_id"] = (Own, Own, Own),
        ["generate"] = (Own, Own, Own),
        ["tools"] = (Own, Own, Own),
        ["tool_choice"] = (Own, Own, Own),
        ["prompt_cache_key"] = (Own, Own, Own),
        ["prompt_cache_options"] = (Own, Drop, Drop), // comparison_response_id names a response of ours
        ["background"] = (Own, Own, Own),
        ["conversation"] = (Own, Own, Own),
        ["parallel_tool_calls"] = (Forward, Own, Own),
        ["max_output_tokens"] = (Forward, Own, Own),
        ["max_tool_calls"] = (Forward, Drop, Drop),
        ["temperature"] = (Forward, Forward, Own),
        ["top_p"] = (Forward, Forward, Own),
        ["top_logprobs"] = (Forward, Own, Drop),
        ["top_k"] = (Forward, Forward, Own),
        ["presence_penalty"] = (Forward, Forward, Drop),
        ["frequency_penalty"] = (Forward, Forward, Drop),
        ["stop"] = (Extension, Own, Own),
        ["seed"] = (Forward, Forward, Drop),
        ["reasoning"] = (Forward, Own, Own),
        ["text"] = (Forward, Own, Own),
        ["include"] = (Forward, Drop, Drop),
        ["truncation"] = (Forward, Drop, Drop),
        ["context_management"] = (Provider, Drop, Drop),
        ["metadata"] = (Forward, Drop, Drop), // chat: only beside store:true
        ["prompt"] = (Provider, Drop, Drop),
        ["prompt_cache_retention"] = (Provider, Provider, Drop),
        ["service_tier"] = (Forward, Provider, Drop),
        ["safety_identifier"] = (Provider, Provider, Own),
        ["user"] = (Forward, Forward, Own),
        ["moderation"] = (Provider, Drop, Drop),
        ["multi_agent"] = (Provider, Drop, Drop),
        ["access_programs"] = (Provider, Drop, Drop),
        ["image"] = (Provider, Drop, Drop),
        ["client_metadata"] = (Own, Drop, Drop),
    };

    /// <summary>The fields that have a row.</summary>
    public static IEnumerable<string> Names => Rows.Keys;

    public static FieldUse For(string field, Destination destination)
    {
        if (!Rows.TryGetValue(field, out var row)) return destination.Dialect.TakesUnknown && destination.Kind != DestinationKind.Messages
            ? Forward : Drop;
        var use = destination.Kind switch
        {
            DestinationKind.Chat => row.Chat,
            DestinationKind.Messages => row.Messages,
            _ => row.Responses,
        };
        return use switch
        {
            Provider => destination.Dialect.IsProvider ? Forward : Drop,
            Extension => destination.Dialect.IsSamovar ? Forward : Drop,
            _ => use,
        };
    }

    /// <summary>
    /// Writes the fields that are sent as they came; returns the names of those that are not understood and would have said something.
    /// </summary>
    public static IReadOnlyList<string> WriteForwarded(this UpstreamBody body, CreateRequest request, Destination destination)
    {
        List<string>? dropped = null;
        foreach (var (name, value) in request.Fields)
        {
            switch (For(name, destination))
            {
                case Forward: body.Field(name, value); break;
                case Drop when value.IsSet(): (dropped ??= []).Add(name); break;
            }
        }
        return dropped ?? [];
    }

    /// <summary>The field as it came; empty where the request has none.</summary>
    public static RawJson Field(this CreateRequest request, string name)
    {
        foreach (var (field, value) in request.Fields)
            if (field == name) return value;
        return default;
    }
}
