namespace Samovar.Bench.Workloads.Targets;

/// <summary>A server that speaks the Responses protocol.</summary>
/// <param name="Name">As samples have it.</param>
/// <param name="Address">What stands before <c>/responses</c>.</param>
/// <param name="Key">Sent as a bearer token; null where nobody has one.</param>
internal sealed record Target(string Name, Uri Address, string? Key, string Model)
{
    public const string DirectName = "upstream";

    /// <summary>More of what it wants with each request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The bench's own upstream, asked without anything between.</summary>
    public static Target Direct(Uri address) => new(DirectName, address, null, "bench");
}

/// <summary>How a client leads a conversation of many turns.</summary>
/// <param name="Name">As samples have it.</param>
/// <param name="IsSocket">Over a WebSocket that stays open, rather than a POST for each turn.</param>
/// <param name="Continues">Whether a turn names the one before and sends its own text alone.</param>
/// <param name="Seed">Of its texts: what one mode has said is in no cache of another's.</param>
internal sealed record TargetMode(string Name, bool IsSocket, bool Continues, bool Stores, int Seed)
{
    public static readonly IReadOnlyList<TargetMode> All =
    [
        new("http-whole", IsSocket: false, Continues: false, Stores: false, Seed: 10_000_000),
        new("http-stored", IsSocket: false, Continues: true, Stores: true, Seed: 20_000_000),
        new("ws", IsSocket: true, Continues: true, Stores: false, Seed: 30_000_000),
        new("ws-stored", IsSocket: true, Continues: true, Stores: true, Seed: 40_000_000),
    ];
}
