using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>What an error says in words, in any of the fields that upstreams put them in.</summary>
internal static class ErrorWords
{
    /// <summary>Null where the object says nothing.</summary>
    public static string? Of(RawJson body) => Said(body.Field("message"u8)) ?? Said(body.Field("msg"u8))
        ?? Said(body.Field("error_msg"u8)) ?? Said(body.Field("status_msg"u8));

    /// <summary>A text that says something: many proxies send all fields of an error, and those that they have nothing for empty.</summary>
    public static string? Said(RawJson value) => value.AsText() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>The letters and digits of a code, in small ones: each provider has its own way to write it.</summary>
    public static string Plain(string code) =>
        string.Concat(code.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));
}
