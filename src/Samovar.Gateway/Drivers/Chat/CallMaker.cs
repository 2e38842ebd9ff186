using Samovar.Chains;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Whether a chat upstream gets back what the maker of a call said beside it: only where it is that maker.</summary>
/// <param name="destination">Who gets the history.</param>
/// <param name="makerOf">Who made a call that a client brought; null where that is not known.</param>
internal sealed class CallMaker(Destination destination, Func<Item, string?> makerOf)
{
    private const string All = "/all";
    private readonly bool _isGoogle = destination.BaseUrl.Host.EndsWith(".googleapis.com", StringComparison.OrdinalIgnoreCase);

    public CallMaker(UpstreamCall call) : this(call.Destination, call.MakerOf) { }

    /// <param name="node">The response whose item it is; null for what is new.</param>
    public bool Is(Item call, ChainNode? node)
    {
        if (destination.Dialect.IsSamovar) return true; // which judges what lies beyond it
        if (_isGoogle && CallExtra.Of(call).Field("google"u8).IsObject) return true; // whichever account of it made the call
        var isOwn = node?.Output.Any(made => ReferenceEquals(made, call)) == true;
        return (isOwn ? (node!.State as UpstreamState)?.Destination : makerOf(call)) == destination.Name;
    }

    /// <summary>What a response's written form depends on beside the dialect: which of its calls have what was said beside them. Nothing
    /// for most, and the same for all accounts of a maker.</summary>
    public string FormOf(ChainNode node)
    {
        var (has, goes) = (0, 0);
        foreach (var item in node.Input.Concat(node.Output))
        {
            if (!CallExtra.Has(item)) continue;
            has++;
            if (Is(item, node)) goes++;
        }
        return goes == 0 ? "" : goes == has ? All : "/" + destination.Name;
    }
}
