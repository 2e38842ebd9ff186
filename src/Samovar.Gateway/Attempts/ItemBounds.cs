using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Attempts;

/// <summary>Whole items of an upstream, which must not be larger, or nested deeper, than what a client could send back.</summary>
internal static class ItemBounds
{
    private const int LevelsAbove = 2; // in a request: the request, its input
    private const int LevelsAboveExtra = 5; // in one of Chat Completions: the request, its messages, the message, its calls, the call
    private static readonly ProtocolLimits Limits = ProtocolLimits.Default.ForRequests();
    private static readonly ProtocolLimits OfExtra = Limits with { DepthMax = Limits.DepthMax - LevelsAboveExtra };
    private static readonly ProtocolLimits OfItem = Limits with { DepthMax = Limits.DepthMax - LevelsAbove };

    /// <summary>What is wrong with an event's item; null where nothing is, or it has none.</summary>
    public static UpstreamFault? FaultOf(BackendEvent reported)
    {
        var item = reported switch
        {
            BackendEvent.ItemDone done => done.Whole.Utf8,
            BackendEvent.CarriedItem carried => carried.Item.Utf8,
            BackendEvent.CarriedStarted begun => begun.Item.Utf8,
            _ => default,
        };
        if (reported is BackendEvent.ItemDone { Extra: { IsEmpty: false } extra })
            return FaultOf(extra.Utf8, OfExtra) ?? FaultOf(item, OfItem);
        return FaultOf(item, OfItem);
    }

    private static UpstreamFault? FaultOf(ReadOnlyMemory<byte> item, ProtocolLimits limits)
    {
        if (item.Length > Limits.FrameBytesMax)
            return new UpstreamFault(FaultKind.TooLarge, $"One of its items was larger than {Limits.FrameBytesMax} bytes.");
        return JsonDepth.IsBeyond(item, limits)
            ? new UpstreamFault(FaultKind.Malformed, "One of its items was nested too deep.") : null;
    }
}
