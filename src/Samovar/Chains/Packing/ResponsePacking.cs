using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Chains.Packing;

/// <summary>A response's own facts as bytes: all of its last snapshot but the settings that it echoes and its items.</summary>
internal static class ResponsePacking
{
    private const byte BackgroundBit = 0x80, ConversationBit = 0x40, StopReasonBit = 0x20; // of the status

    private enum Diagnostics : byte { None, Hit, Miss, ComparisonNotFound, Unavailable }

    public static void Write(PackWriter to, Response response)
    {
        to.Text(response.Id.Value);
        to.Signed(response.CreatedAt.UtcTicks);
        to.Signed(response.CompletedAt?.UtcTicks ?? 0);
        to.Byte((byte)((byte)response.Status | (response.IsBackground ? BackgroundBit : 0)
            | (response.Conversation is not null ? ConversationBit : 0) | (response.StopReason is not null ? StopReasonBit : 0)));
        if (response.Conversation is { } conversation) to.Text(conversation.Value);
        if (response.StopReason is { } reason) to.Text(reason);
        to.Text(response.Model);
        to.OptionalText(response.PreviousResponseId?.Value);
        to.OptionalText(response.IncompleteReason);
        to.OptionalText(response.StopSequence);
        WriteSampling(to, response.Sampling);
        WriteError(to, response.Error);
        WriteUsage(to, response.Usage);
        WriteDiagnostics(to, response.CacheDiagnostics);
    }

    /// <summary>With its settings and items, read before. What it repeats of its parent is the parent's own.</summary>
    public static Response Read(ref PackReader from, StoredEcho echo, IReadOnlyList<Item> output, ChainNode? parent)
    {
        var id = new ResponseId(from.Text());
        var (created, completed) = (from.Signed(), from.Signed());
        var said = from.Byte();
        var status = (ResponseStatus)(said & ~(BackgroundBit | ConversationBit | StopReasonBit));
        ConversationId? conversation = (said & ConversationBit) == 0 ? null : new ConversationId(from.Text());
        var reason = (said & StopReasonBit) == 0 ? null : from.Text();
        var model = from.Text();
        var previous = from.OptionalText();
        return new Response
        {
            Request = echo.Settings,
            Instructions = echo.Instructions,
            Tools = echo.Tools,
            Output = output,
            Id = id,
            CreatedAt = new DateTimeOffset(created, TimeSpan.Zero),
            CompletedAt = completed == 0 ? null : new DateTimeOffset(completed, TimeSpan.Zero),
            Status = Enum.IsDefined(status) ? status : throw new InvalidDataException("an unknown status"),
            Model = parent?.Response.Model is { } before && before == model ? before : model,
            PreviousResponseId = previous is null ? null : parent?.Id.Value == previous ? parent.Id : new ResponseId(previous),
            Conversation = parent?.Response.Conversation is { } same && same == conversation ? same : conversation,
            IncompleteReason = from.OptionalText(),
            StopSequence = from.OptionalText(),
            StopReason = reason,
            IsBackground = (said & BackgroundBit) != 0,
            Sampling = ReadSampling(ref from, parent?.Response.Sampling),
            Error = from.Flag() ? new ResponseError(from.Text(), from.Text()) : null,
            Usage = ReadUsage(ref from),
            CacheDiagnostics = ReadDiagnostics(ref from),
        };
    }

    private static void WriteSampling(PackWriter to, DefaultSampling? sampling)
    {
        to.Flag(sampling is not null);
        if (sampling is null) return;
        to.Double(sampling.Temperature);
        to.Double(sampling.TopP);
    }

    private static DefaultSampling? ReadSampling(ref PackReader from, DefaultSampling? parents)
    {
        if (!from.Flag()) return null;
        var read = new DefaultSampling(from.Double(), from.Double());
        return read == parents ? parents : read;
    }

    private static void WriteError(PackWriter to, ResponseError? error)
    {
        to.Flag(error is not null);
        if (error is null) return;
        to.Text(error.Code);
        to.Text(error.Message);
    }

    private static void WriteUsage(PackWriter to, Usage? usage)
    {
        to.Flag(usage is not null);
        if (usage is null) return;
        to.Signed(usage.InputTokens);
        to.Signed(usage.CachedTokens);
        to.Signed(usage.OutputTokens);
        to.Signed(usage.ReasoningTokens);
        to.Signed(usage.CacheWriteTokens);
    }

    private static Usage? ReadUsage(ref PackReader from)
    {
        if (!from.Flag()) return null;
        return new Usage((int)from.Signed(), (int)from.Signed(), (int)from.Signed(), (int)from.Signed())
        {
            CacheWriteTokens = (int)from.Signed(),
        };
    }

    private static void WriteDiagnostics(PackWriter to, CacheDiagnostics? diagnostics)
    {
        to.Byte((byte)(diagnostics switch
        {
            null => Diagnostics.None,
            CacheDiagnostics.Hit => Diagnostics.Hit,
            CacheDiagnostics.Miss => Diagnostics.Miss,
            CacheDiagnostics.ComparisonNotFound => Diagnostics.ComparisonNotFound,
            _ => Diagnostics.Unavailable,
        }));
        if (diagnostics is not CacheDiagnostics.Miss miss) return;
        to.Signed(miss.MissedTokens);
        to.Text(miss.Reason);
        to.Signed(miss.ReusableTokens ?? -1);
    }

    private static CacheDiagnostics? ReadDiagnostics(ref PackReader from) => (Diagnostics)from.Byte() switch
    {
        Diagnostics.None => null,
        Diagnostics.Hit => new CacheDiagnostics.Hit(),
        Diagnostics.Miss => new CacheDiagnostics.Miss(
            (int)from.Signed(), from.Text(), from.Signed() is >= 0 and var reusable ? (int)reusable : null),
        Diagnostics.ComparisonNotFound => new CacheDiagnostics.ComparisonNotFound(),
        _ => new CacheDiagnostics.Unavailable(),
    };
}
