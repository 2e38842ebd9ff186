using Samovar.Backends;
using Samovar.Protocol.Responses;

namespace Samovar.Tools;

/// <summary>What the cache did for a response of several rounds, which all write to the same report.</summary>
internal sealed class RoundsCache
{
    private CacheDetails? _details;
    private string? _miss;
    private bool _hasBegun;

    /// <summary>What came of the comparison that the client asked for: the first round's, whose prompt is the request's own.</summary>
    public CacheDiagnostics? Compared { get; private set; }

    /// <summary>A round has ended: from here on the report is of all rounds so far.</summary>
    /// <param name="report">What its backend has noted.</param>
    /// <param name="compared">What its backend says of the comparison.</param>
    public void Add(BackendReport report, CacheDiagnostics? compared)
    {
        if (!_hasBegun) (_hasBegun, Compared) = (true, compared);
        _miss ??= report.MissCause;
        if (!ReferenceEquals(report.Cache, _details) && report.Cache is { } next) _details = _details?.Then(next) ?? next;
        Report(report);
    }

    /// <summary>Says it again, whatever a round that came to no end has noted since.</summary>
    public void Report(BackendReport report) => (report.MissCause, report.Cache) = (_miss ?? report.MissCause, _details ?? report.Cache);
}
