using Samovar.Protocol.Ids;

namespace Samovar.Client.Settings;

/// <summary>Which way a client takes to its server.</summary>
public enum TransportChoice
{
    /// <summary>A WebSocket, and HTTP with server-sent events where the server has none.</summary>
    Auto,
    WebSocket,
    Http,
}

/// <summary>How a connection behaves, and every bound that it keeps.</summary>
public sealed class ResponsesOptions
{
    public string? ApiKey { get; init; }

    /// <summary>Further headers of every request and of the upgrade.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
    public string UserAgent { get; init; } = "samovar-client/" + (typeof(ResponsesOptions).Assembly.GetName().Version?.ToString(3) ?? "0");
    public TransportChoice Transport { get; init; } = TransportChoice.Auto;

    /// <summary>Carries requests and upgrades; the caller's own, and not disposed here. Null: one of the connection's.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Whether a turn that a server without resumption lost midway is asked for once more. It may then be charged twice, so not
    /// unless somebody says so; what no server can have begun, or says itself that it does not have, is always asked for again.</summary>
    public bool RunsLostTurnsAgain { get; init; }

    /// <summary>Whether a server of plain HTTP goes on from responses. One that refuses to is found out; false for one that passes
    /// <c>previous_response_id</c> over without a word: each turn then sends everything.</summary>
    public bool KnowsChains { get; init; } = true;

    /// <summary>Whether frames are compressed where the server can. Who can put a part of a frame and sees how long it becomes may guess
    /// at its rest, so not where strangers' words and secrets share one; keys are in no frame.</summary>
    public bool Deflate { get; init; }

    public TimeSpan ConnectTimeMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a silent socket is pinged, and how long it may take to answer; then the link is lost.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(15);
    public TimeSpan PingTimeMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a turn may bring no event, and a stream no byte; then the link counts as lost, whatever pings say.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The age at which a socket is left between turns, before its server ends it in the middle of one (OpenAI's: 60 minutes). Not
    /// where turns can be resumed.</summary>
    public TimeSpan SocketAgeMax { get; init; } = TimeSpan.FromMinutes(55);

    /// <summary>Links that a turn tries in a row without an event having come. One that has brought other turns theirs does not count, as
    /// long as the turn itself has waited for less than <see cref="SilenceMax"/>.</summary>
    public int AttemptsMax { get; init; } = 8;

    /// <summary>How long a turn may be without a link, and without an event, before it is given up, however many links are tried
    /// meanwhile. Null: <see cref="AttemptsMax"/> says when, as it does of links that stand and bring it nothing for
    /// <see cref="SilenceMax"/>.</summary>
    public TimeSpan? LostTimeMax { get; init; }

    /// <summary>How long a Samovar is asked to go on with a turn whose link is lost; it may allow less. Null: as long as it does by
    /// itself.</summary>
    public TimeSpan? OrphanTime { get; init; }

    /// <summary>The pause where the server is not there; each further one is twice as long, up to <see cref="BackoffMax"/>, and between
    /// half and all of that, by chance. Where a link was cut the next one is tried at once.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(100);
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a turn is asked for again that the server had no room for, and the longest wait it may name for that.</summary>
    public int RefusalsMax { get; init; } = 4;
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often one turn may begin anew because the server no longer has it.</summary>
    public int RestartsMax { get; init; } = 2;

    /// <summary>Turns that run at once, and those that may wait for a place.</summary>
    public int TurnsMax { get; init; } = 16;
    public int WaitingMax { get; init; } = 64;

    /// <summary>Named lanes of one socket, beside its default lane; 0 for servers that have no lanes.</summary>
    public int LanesMax { get; init; } = 32;

    /// <summary>Bytes of one request.</summary>
    public int RequestBytesMax { get; init; } = 16 << 20;

    /// <summary>Bytes of one event or whole answer.</summary>
    public int EventBytesMax { get; init; } = 64 << 20;

    /// <summary>Events of one turn that came and were not taken yet; beyond it the socket is not read.</summary>
    public int EventsWaitingMax { get; init; } = 1024;

    /// <summary>Bytes of one conversation that are kept so that it can be sent whole; a longer one rests on the server alone.</summary>
    public int HistoryBytesMax { get; init; } = 16 << 20;

    /// <summary>How long words that steer may take to be answered.</summary>
    public TimeSpan SteerTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a goodbye may take.</summary>
    public TimeSpan CloseTimeMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often, and how many times, a response whose events are gone is asked for until it has ended.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
    public int PollsMax { get; init; } = 600;

    public TimeProvider Time { get; init; } = TimeProvider.System;
    public IdSource Ids { get; init; } = new();

    /// <summary>Spreads the pauses. Used under a lock.</summary>
    public Random Random { get; init; } = new();

    internal void Check()
    {
        Positive(AttemptsMax, nameof(AttemptsMax));
        Positive(TurnsMax, nameof(TurnsMax));
        Positive(RequestBytesMax, nameof(RequestBytesMax));
        Positive(EventBytesMax, nameof(EventBytesMax));
        Positive(EventsWaitingMax, nameof(EventsWaitingMax));
        Positive(PollsMax, nameof(PollsMax));
        foreach (var (count, name) in new[]
        {
            (RefusalsMax, nameof(RefusalsMax)), (RestartsMax, nameof(RestartsMax)), (WaitingMax, nameof(WaitingMax)),
            (LanesMax, nameof(LanesMax)), (HistoryBytesMax, nameof(HistoryBytesMax)),
        }) ArgumentOutOfRangeException.ThrowIfNegative(count, name);
        foreach (var (time, name) in new[]
        {
            (ConnectTimeMax, nameof(ConnectTimeMax)), (PingInterval, nameof(PingInterval)), (PingTimeMax, nameof(PingTimeMax)),
            (SilenceMax, nameof(SilenceMax)), (BackoffFirst, nameof(BackoffFirst)), (BackoffMax, nameof(BackoffMax)),
            (RetryAfterMax, nameof(RetryAfterMax)), (SteerTimeMax, nameof(SteerTimeMax)), (CloseTimeMax, nameof(CloseTimeMax)),
            (PollInterval, nameof(PollInterval)), (SocketAgeMax, nameof(SocketAgeMax)),
            (LostTimeMax ?? PollInterval, nameof(LostTimeMax)), (OrphanTime ?? PollInterval, nameof(OrphanTime)),
        }) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, name);
    }

    private static void Positive(int count, string name) => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, name);
}
