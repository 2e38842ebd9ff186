using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Attempts;

/// <summary>Whole items of an upstream, which must not be larger than what a client could send back.</summary>
internal static class ItemBounds
{
    private static readonly int BytesMax = ProtocolLimits.Default.FrameBytesMax;

    /// <summary>What is wrong with an event's item; null where nothing is, or it has none.</summary>
    public static UpstreamFault? FaultOf(BackendEvent told)
    {
        var item = told switch
        {
            BackendEvent.ItemDone done => done.Whole,
            BackendEvent.CarriedItem carried => carried.Item,
            BackendEvent.CarriedStarted begun => begun.Item,
            _ => default,
        };
        return item.Utf8.Length <= BytesMax ? null
            : new UpstreamFault(FaultKind.TooLarge, $"One of its items was larger than {BytesMax} bytes.");
    }
}
