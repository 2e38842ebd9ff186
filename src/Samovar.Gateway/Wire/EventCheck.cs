using System.Text.Unicode;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire;

/// <summary>What every event of an upstream must be before anybody reads it, wherever in it the reader looks.</summary>
internal static class EventCheck
{
    private static readonly int LevelsMax = ProtocolLimits.Default.DepthMax;

    /// <summary>The event, if it is UTF-8, nested no deeper than an answer may be, and no JSON but an object.</summary>
    /// <exception cref="UpstreamException">It is not.</exception>
    public static RawJson Checked(ReadOnlyMemory<byte> data)
    {
        var text = data.Span;
        if (!Utf8.IsValid(text)) throw Malformed("what is no UTF-8");
        if (IsOtherValue(text.TrimStart(" \t\r\n"u8))) throw Malformed("JSON that is not an object");
        if (JsonDepth.IsBeyond(text, LevelsMax)) throw Malformed("JSON that is nested too deep");
        return new RawJson(data);
    }

    private static bool IsOtherValue(ReadOnlySpan<byte> text) =>
        text is [(byte)'"' or (byte)'[' or (byte)'-' or >= (byte)'0' and <= (byte)'9', ..]
        || text.StartsWith("null"u8) || text.StartsWith("true"u8) || text.StartsWith("false"u8);

    private static UpstreamException Malformed(string what) => new(new UpstreamFault(FaultKind.Malformed, $"The upstream sent {what}."));
}
