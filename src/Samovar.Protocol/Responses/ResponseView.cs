using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>What Samovar reads of another server's Response object.</summary>
public sealed record ResponseView
{
    public ResponseId? Id { get; init; }

    /// <summary>Null where it is missing or a word not known here.</summary>
    public ResponseStatus? Status { get; init; }
    public string? Model { get; init; }
    public ResponseId? PreviousResponseId { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public IReadOnlyList<Item> Output { get; init; } = [];

    /// <summary>Whether <c>output</c> was there at all: some servers leave it out of the terminal event.</summary>
    public bool HasOutput { get; init; }
    public Usage? Usage { get; init; }
    public ResponseError? Error { get; init; }
    public string? IncompleteReason { get; init; }
    public string? StopSequence { get; init; }
    public string? StopReason { get; init; }
    public RawJson AppliedEdits { get; init; }
    public RawJson MessagesEnd { get; init; }
    public string? ServiceTier { get; init; }
    public CacheDiagnostics? CacheDiagnostics { get; init; }

    /// <summary>The whole object.</summary>
    public RawJson Json { get; init; }

    /// <summary>A response that was made here, without its JSON.</summary>
    public static ResponseView Of(Response response) => new()
    {
        Id = response.Id,
        Status = response.Status,
        Model = response.Model,
        PreviousResponseId = response.PreviousResponseId,
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(response.CreatedAt.ToUnixTimeSeconds()),
        Output = response.Output,
        HasOutput = true,
        Usage = response.Usage,
        Error = response.Error,
        IncompleteReason = response.IncompleteReason,
        StopSequence = response.StopSequence,
        StopReason = response.StopReason,
        AppliedEdits = response.AppliedEdits,
        MessagesEnd = response.MessagesEnd,
        ServiceTier = ResponseWriter.ServiceTierOf(response.Request),
        CacheDiagnostics = response.CacheDiagnostics,
    };
}
