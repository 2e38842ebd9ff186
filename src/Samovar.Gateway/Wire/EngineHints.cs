using Samovar.Gateway.Json;
using Samovar.Gateway.Wire.Bodies;

namespace Samovar.Gateway.Wire;

/// <summary>
/// Tells engines and their routers whose a turn is, and how urgent, each in its own words: one table. Providers are told nothing of it.
/// </summary>
internal static class EngineHints
{
    private enum Priorities { None, LowFirst, HighFirst, Nested }

    /// <param name="Session">The header for the conversation.</param>
    /// <param name="Parent">The one for whose work it does.</param>
    /// <param name="Final">The one that says <c>true</c> where nothing follows.</param>
    /// <param name="Priority">How a number says what is urgent.</param>
    private sealed record Row(string Session, string? Parent, string? Final, Priorities Priority);

    private static readonly Dictionary<string, Row> Rows = new(StringComparer.Ordinal)
    {
        ["samovar"] = new("x-samovar-session", "x-parent-session-id", "x-samovar-final", Priorities.None), // it takes service_tier itself
        ["dynamo"] = new("x-dynamo-session-id", "x-dynamo-parent-session-id", "x-dynamo-session-final", Priorities.Nested),
        ["vllm"] = new("x-session-id", null, null, Priorities.LowFirst),
        ["sglang"] = new("x-smg-routing-key", null, null, Priorities.HighFirst),
    };

    /// <summary>Of one request alone: the headers of a socket would stand for all conversations that it serves.</summary>
    public static void WriteHeaders(UpstreamCall call, Action<string, string> header)
    {
        if (call.Lineage is not { } lineage || !Rows.TryGetValue(call.Destination.Dialect.Name, out var row)) return;
        header(row.Session, lineage.Session);
        if (row.Parent is { } parent && lineage.Parent is { } caller) header(parent, caller);
        if (row.Final is { } final && call.Turn.Request.IsFinal) header(final, "true");
    }

    /// <summary>
    /// What a client's <c>service_tier</c> or a background turn means to an engine that orders its turns; only where the operator says
    /// that it
    /// does, for engines that do not refuse the field.
    /// </summary>
    public static void WritePriority(UpstreamBody body, UpstreamCall call)
    {
        if (!call.Destination.Options.PassesPriority || !Rows.TryGetValue(call.Destination.Dialect.Name, out var row)) return;
        var request = call.Turn.Request;
        var urgency = request.ServiceTier == "priority" ? 1 : request.ServiceTier == "flex" || request.Background ? -1 : 0;
        if (urgency == 0 || request.Has("priority") || request.Has("nvext")) return;
        if (row.Priority == Priorities.Nested)
            body.Field("nvext", JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartObject("agent_hints"u8);
                writer.WriteNumber("priority"u8, urgency);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }));
        else if (row.Priority != Priorities.None)
        {
            var said = row.Priority == Priorities.LowFirst ? -urgency : urgency;
            body.Field("priority", JsonBytes.Write(writer => writer.WriteNumberValue(said)));
        }
    }
}
