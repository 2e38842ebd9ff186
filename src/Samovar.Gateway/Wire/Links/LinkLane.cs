using Samovar.Chains;
using Samovar.Client;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Links;

/// <summary>What lanes are on.</summary>
internal interface ILinkHome
{
    /// <summary>It can be spoken over, or will be.</summary>
    bool IsOpen { get; }
}

/// <summary>A chain's place on a link: what continues its newest response needs its new items alone.</summary>
/// <param name="link">Where it is.</param>
/// <param name="lane">What speaks for it there.</param>
internal sealed class LinkLane(ILinkHome link, ResponsesLane lane) : IHeldSocket
{
    private readonly Lock _gate = new();
    private bool _isTaken = true; // it is made for a turn
    private string? _newest;

    public ResponsesLane Lane => lane;

    /// <summary>What the newest turn was asked with: equal settings are kept once.</summary>
    public IReadOnlyDictionary<string, RawJson> Settings { get; set; } = new Dictionary<string, RawJson>(StringComparer.Ordinal);

    public bool IsIdle { get { lock (_gate) return !_isTaken; } }

    public bool IsRotated => false;

    public bool Holds(string responseId)
    {
        lock (_gate) return _newest == responseId && link.IsOpen;
    }

    /// <summary>Takes it for a turn that continues its newest response; false where it is another's, or has gone on.</summary>
    public bool TryTake(ILinkHome wanted, string responseId)
    {
        lock (_gate)
        {
            if (_isTaken || wanted != link || !link.IsOpen || _newest != responseId) return false;
            return _isTaken = true;
        }
    }

    /// <summary>Its turn is over.</summary>
    public void GiveBack()
    {
        lock (_gate) (_isTaken, _newest) = (false, lane.NewestId);
    }

    public void LetGo(BackendState owner) { /* nothing is open for it alone */ }
}
