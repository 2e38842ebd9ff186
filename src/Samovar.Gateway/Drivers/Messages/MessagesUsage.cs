using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Adds up what the events of a Messages stream say of tokens.</summary>
/// <remarks>Figures are cumulative; a later event may leave some out, or say zero where an earlier one knew better.</remarks>
internal sealed class MessagesUsage
{
    private int _input, _cached, _written, _output;

    /// <summary>Null where the input was not said: no prompt has no tokens, so zeros are not a count either.</summary>
    public Usage? Usage => TokenCount.Whole(Known);

    /// <summary>All that was said; null where nothing was.</summary>
    /// <remarks>Here <c>input_tokens</c> counts only what is neither read from nor written to the cache.</remarks>
    public Usage? Known => _input + _cached + _written + _output == 0 ? null
        : new Usage(_input + _cached + _written, _cached, _output, 0) { CacheWriteTokens = _written };

    public void Read(RawJson usage)
    {
        Take(usage, "input_tokens"u8, ref _input);
        Take(usage, "cache_read_input_tokens"u8, ref _cached);
        Take(usage, "cache_creation_input_tokens"u8, ref _written);
        Take(usage, "output_tokens"u8, ref _output);
        if (TokenCount.Of(usage, "cache_creation_input_tokens"u8) is > 0) return;
        var (byLife, written) = (usage.Field("cache_creation"u8), 0L); // some say only how much of it is kept how long
        foreach (var (name, _) in byLife.Fields().Where(static field => field.Name.EndsWith("_input_tokens", StringComparison.Ordinal)))
            written += TokenCount.Of(byLife, Encoding.UTF8.GetBytes(name)) ?? 0;
        if (written is > 0 and <= TokenCount.CountMax) _written = (int)written;
    }

    private static void Take(RawJson usage, ReadOnlySpan<byte> name, ref int figure)
    {
        if (TokenCount.Of(usage, name) is > 0 and var said) figure = said;
    }
}
