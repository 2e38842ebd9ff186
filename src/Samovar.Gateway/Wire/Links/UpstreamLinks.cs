using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Wire.Links;

/// <summary>The links to all destinations, one for each tenant there: what one is told late must not reach another.</summary>
/// <remarks>A turn that began under an older configuration may need a link to what is no longer there: both go together.</remarks>
internal sealed class UpstreamLinks(UpstreamOptions options, int requestBytesMax, WireMeter meter, IdSource ids) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Origin, TenantId Tenant), UpstreamLink> _links = [];
    private IReadOnlySet<string>? _inForce; // null: all, nothing was reloaded yet
    private bool _isClosed;

    public int Count { get { lock (_lock) return _links.Count; } }

    /// <summary>The link that a turn goes over, which it has to <see cref="End"/>.</summary>
    /// <exception cref="UpstreamException">There are too many, and turns run on all of them.</exception>
    public UpstreamLink Begin(UpstreamCall call)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var place = PlaceOf(call);
            if (!_links.TryGetValue(place, out var link))
            {
                MakeRoom();
                _links[place] = link = new UpstreamLink(call, options, requestBytesMax, meter, ids);
            }
            link.UsedAt = call.Time.GetTimestamp();
            link.Begin();
            return link;
        }
    }

    /// <summary>The turn of <see cref="Begin"/> is over.</summary>
    public void End(UpstreamCall call, UpstreamLink link)
    {
        lock (_lock)
        {
            link.End();
            var place = PlaceOf(call);
            if (link.Turns == 0 && !IsInForce(place.Origin) && _links.ContainsKey(place)) Close(new(place, link));
        }
    }

    /// <summary>Closes what leads to destinations that are no longer there, or no longer the same.</summary>
    public void KeepOnly(IReadOnlySet<string> origins)
    {
        lock (_lock)
        {
            _inForce = origins;
            foreach (var gone in _links.Where(pair => !IsInForce(pair.Key.Origin) && pair.Value.Turns == 0).ToList()) Close(gone);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var link in _links.ToList()) Close(link);
        }
    }

    private static (string Origin, TenantId Tenant) PlaceOf(UpstreamCall call) => (call.Destination.Origin, call.Turn.Tenant);

    private bool IsInForce(string origin) => _inForce?.Contains(origin) != false;

    private void MakeRoom()
    {
        if (_links.Count < options.LinksMax) return;
        var idle = _links.Where(pair => pair.Value.Turns == 0).ToList();
        if (idle.Count == 0)
            throw new UpstreamException(new UpstreamFault(FaultKind.NoRoom, $"There are {options.LinksMax} links with turns already."));
        Close(idle.MinBy(pair => pair.Value.UsedAt));
    }

    private void Close(KeyValuePair<(string, TenantId), UpstreamLink> link)
    {
        _links.Remove(link.Key);
        link.Value.Dispose();
    }
}
