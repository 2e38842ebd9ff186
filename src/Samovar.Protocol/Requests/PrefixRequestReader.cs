using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>The body of <c>POST /v1/samovar/prefixes</c>: a request whose start is to be warmed, and how it is to be kept.</summary>
public static class PrefixRequestReader
{
    private const int KeepCharsMax = 32;

    /// <summary>What <c>protocol</c> may say.</summary>
    public const string Responses = "responses", Chat = "chat_completions", Messages = "messages";
    private static readonly string[] Protocols = [Responses, Chat, Messages];

    private static readonly FieldTable<PrefixRequest> Fields = new(
        ("request", static (ref json, draft) => draft.Request = json.ObjectRaw()),
        ("protocol", static (ref json, draft) => draft.Protocol = json.OptionalWord(Protocols)),
        ("model", static (ref json, draft) => draft.Model = json.OptionalName()),
        ("name", static (ref json, draft) => draft.Name = json.OptionalName()),
        ("store", static (ref json, draft) => draft.Store = json.OptionalBool()),
        ("keep", static (ref json, draft) => draft.Keep = KeepOf(ref json)));

    /// <exception cref="ApiException">A field may not be so; <c>Param</c> is its path.</exception>
    public static PrefixRequest Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            var json = new JsonCursor(utf8, limits);
            json.Read();
            var draft = new PrefixRequest();
            json.Object(Fields, draft);
            json.ReadEnd();
            return draft.Request.IsEmpty ? throw new ApiException(MissingParameter, "request", "request") : draft;
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    /// <summary>
    /// Which protocol a body is of that does not say so: what only one of them has decides. A plain conversation with nothing of its
    /// protocol's own means the same in both that have <c>messages</c>.
    /// </summary>
    /// <exception cref="ApiException">It is no JSON.</exception>
    public static string ProtocolOf(RawJson body, ProtocolLimits limits)
    {
        if (!body.IsObject) return Responses; // whose reader says what is wrong with it
        try
        {
            return ProtocolOf(body);
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, body.Utf8, limits);
        }
    }

    private static string ProtocolOf(RawJson body)
    {
        if (!body.Field("messages"u8).IsSet()) return Responses;
        if (body.Field("system"u8).IsSet() || body.Field("anthropic_version"u8).IsSet() || body.Field("thinking"u8).IsSet())
            return Messages;
        if (body.Field("tools"u8) is { IsArray: true } tools && tools.Elements() is [var tool, ..])
            return tool.Field("function"u8).IsSet() ? Chat : Messages;
        return Chat;
    }

    /// <summary><c>90s</c>, <c>30m</c>, <c>1h</c> or <c>2d</c>, or a number of seconds; null where it is none of these.</summary>
    public static TimeSpan? TimeOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var seconds = text is "" ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        var digits = seconds > 0 ? text[..^1] : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= int.MaxValue / Math.Max(1, seconds) ? TimeSpan.FromSeconds(count * Math.Max(1, seconds)) : null;
    }

    private static TimeSpan? KeepOf(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        if (json.Token == JsonTokenType.Number) return TimeSpan.FromSeconds(json.OptionalInteger(0, int.MaxValue)!.Value);
        var text = json.Text(KeepCharsMax);
        return TimeOf(text) ?? throw json.Fail(InvalidValue, text, "a number of seconds, or one with its unit: '90s', '30m', '1h', '2d'");
    }
}

/// <summary>A start of conversations that is to be warmed.</summary>
public sealed record PrefixRequest
{
    /// <summary>The body of a request that begins so.</summary>
    public RawJson Request { get; internal set; }

    /// <summary>Which protocol that body is of; null: it shows.</summary>
    public string? Protocol { get; internal set; }

    /// <summary>The model, where it is not the one that the body names.</summary>
    public string? Model { get; internal set; }

    /// <summary>What its tenant calls it.</summary>
    public string? Name { get; internal set; }

    /// <summary>How long it is kept beyond its last use; null: as the server is set.</summary>
    public TimeSpan? Keep { get; internal set; }

    /// <summary>Whether its state may be written to a disk; null: as the body says.</summary>
    public bool? Store { get; internal set; }
}
