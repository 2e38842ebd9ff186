using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Prefixes;

/// <summary>A prefix as the server shows it.</summary>
internal sealed record PrefixAnswer
{
    public string Id { get; init; } = "";
    public string? Name { get; init; }
    public string Model { get; init; } = "";
    public string Origin { get; init; } = "";
    public string Status { get; init; } = "";
    public string Tier { get; init; } = "";
    public long Tokens { get; init; }
    public long Bytes { get; init; }
    public PrefixUsers Users { get; init; } = new(0, 0);
    public long? Turns { get; init; }
    public long Hits { get; init; }
    public long? LastUsedAt { get; init; }
    public long? KeepSeconds { get; init; }
    public PrefixWarmed? Warmed { get; init; }

    /// <summary>Null where it cannot be read.</summary>
    public static PrefixAnswer? Read(byte[] json)
    {
        try { return JsonSerializer.Deserialize(json, PrefixAnswerJson.Default.PrefixAnswer); }
        catch (JsonException) { return null; }
    }
}

internal sealed record PrefixUsers(int Sessions, int Running);

internal sealed record PrefixWarmed(int CachedTokens, int ComputedTokens, string From);

internal sealed record PrefixList
{
    public IReadOnlyList<PrefixAnswer> Data { get; init; } = [];

    /// <summary>Null where it cannot be read.</summary>
    public static PrefixList? Read(byte[] json)
    {
        try { return JsonSerializer.Deserialize(json, PrefixAnswerJson.Default.PrefixList); }
        catch (JsonException) { return null; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PrefixAnswer))]
[JsonSerializable(typeof(PrefixList))]
internal sealed partial class PrefixAnswerJson : JsonSerializerContext;
