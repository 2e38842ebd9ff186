using System.Buffers;
using Samovar.Protocol.Ids;

namespace Samovar.Protocol.Items;

/// <summary>
/// Names the items that a model wrote in one go, where a response has several goes with results of tools between them:
/// <c>mcp_ROUND_CALL</c>, <c>msg_ROUND_1</c>. So whoever reads the items later knows which calls were made together.
/// </summary>
public readonly record struct RoundId(string Value)
{
    private const int Length = 12;
    private static readonly SearchValues<char> Letters = SearchValues.Create("0123456789abcdef");

    public static RoundId New(IdSource ids) => new(ids.Next()[^Length..]);

    /// <summary>The id of an item of this round.</summary>
    /// <param name="prefix">What kind of item it is, with its line: <c>mcp_</c>.</param>
    /// <param name="rest">Which one of the round.</param>
    public string Name(string prefix, string rest) => $"{prefix}{Value}_{rest}";

    /// <summary>The round that an id names; null where it names none.</summary>
    public static RoundId? Of(string? id) => Find(id) is { } at ? new RoundId(id!.Substring(at, Length)) : null;

    /// <summary>What an id says behind its round; the whole id where it names none.</summary>
    public static string RestOf(string id) => Find(id) is { } at ? id[(at + Length + 1)..] : id;

    private static int? Find(string? id)
    {
        if (id is null || id.IndexOf('_', StringComparison.Ordinal) is not (>= 0 and var line)) return null;
        var at = line + 1;
        return id.Length > at + Length && id[at + Length] == '_' && id.AsSpan(at, Length).IndexOfAnyExcept(Letters) < 0
            ? at : null;
    }
}
