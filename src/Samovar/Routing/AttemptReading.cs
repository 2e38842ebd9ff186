using Samovar.Backends;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Protocol.Responses;

namespace Samovar.Routing;

/// <summary>One attempt as those see it who count: when it began, when it first said something, what it used.</summary>
internal sealed class AttemptReading(UpstreamCall call, string pool, TimeProvider time)
{
    /// <summary>Outcomes besides the names of faults.</summary>
    public const string Well = "ok", Cancelled = "cancelled";
    private readonly long _beganAt = time.GetTimestamp();

    public UpstreamCall Call { get; } = call;
    public string Pool { get; } = pool;

    /// <summary>The model as the upstream calls it in its answer; null before there is one.</summary>
    public string? Model { get; private set; }
    public TimeSpan? FirstOutput { get; private set; }
    public Usage Usage { get; private set; } = Usage.Zero;
    public TimeSpan Took => time.GetElapsedTime(_beganAt);
    public DateTimeOffset EndedAt => time.GetUtcNow();

    public void Note(BackendEvent told)
    {
        switch (told)
        {
            case BackendEvent.Accepted accepted: Model = accepted.Model; break;
            case BackendEvent.Finished finished: Usage = finished.Usage; break;
            default: FirstOutput ??= Took; break;
        }
    }
}
