using Samovar.Bench.Clients;

namespace Samovar.Bench.Transport;

/// <summary>What a turn brought, whatever it came over.</summary>
internal sealed record TransportAnswer
{
    public string? ResponseId { get; init; }

    /// <summary>Ids of the calls that wait for a result.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>What was said, as a client without state sends it back.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];

    /// <summary>Bytes of the API's JSON, each way.</summary>
    public long JsonUp { get; init; }
    public long JsonDown { get; init; }
    public int InputTokens { get; init; }
    public int CachedTokens { get; init; }
    public int OutputTokens { get; init; }
    public TimeSpan? FirstOutput { get; init; }
    public TimeSpan Total { get; init; }
    public string? Error { get; init; }

    public static TransportAnswer Of(TurnFigures figures) => new()
    {
        ResponseId = figures.ResponseId, Calls = figures.Calls, Output = figures.Output, JsonUp = figures.BytesUp,
        JsonDown = figures.BytesDown, InputTokens = figures.InputTokens, CachedTokens = figures.CachedTokens,
        OutputTokens = figures.OutputTokens, FirstOutput = figures.FirstOutput, Total = figures.Total, Error = figures.Error,
    };
}
