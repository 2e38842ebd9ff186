using System.Globalization;

namespace Samovar.Bench.Stub;

/// <summary>How a provider's requests find a replica, each of which has a prompt cache of its own.</summary>
internal enum ReplicaSpread
{
    /// <summary>The next one, whoever asks.</summary>
    RoundRobin,

    /// <summary>Any, by a seed.</summary>
    Random,

    /// <summary>
    /// The one that the prompt's first 256 tokens stand for, and further ones beyond 15 requests a minute, as OpenAI's guide to prompt
    /// caching says of its machines.
    /// </summary>
    Prefix,
}

/// <summary>
/// The replicas of a simulated provider. Where a request goes that continues a response, or comes over a socket that has asked before, is
/// no question: to the replica that holds it. All others are spread.
/// </summary>
/// <param name="HonoursKey">Whether requests with one <c>prompt_cache_key</c> stay together.</param>
/// <param name="CacheSeconds">How long a cache keeps what nobody asks for.</param>
internal sealed record ReplicaPlan(int Count = 1, ReplicaSpread Spread = ReplicaSpread.RoundRobin, bool HonoursKey = false,
    int CacheSeconds = ReplicaPlan.CacheSecondsUsual)
{
    /// <summary>The least of the 5 to 10 minutes that OpenAI documents, and Anthropic's.</summary>
    public const int CacheSecondsUsual = 300;

    /// <summary>Provider guides have this many tokens of a prompt decide, and so many requests a minute stay at one machine.</summary>
    public const int PrefixTokens = 256, RequestsAMinute = 15;

    public const int CountMax = 256;

    /// <summary>As the command line has it.</summary>
    public static readonly IReadOnlyList<(string Name, ReplicaSpread Spread)> Spreads =
        [("round-robin", ReplicaSpread.RoundRobin), ("random", ReplicaSpread.Random), ("prefix", ReplicaSpread.Prefix)];

    /// <summary>What a provider's name has behind it; nothing where it is a single replica.</summary>
    public string Suffix => (Count == 1 ? "" : $"-x{Text(Count)}" + (Spread == ReplicaSpread.RoundRobin ? "" : "-" + SpreadName)
            + (HonoursKey ? "-key" : "")) + (CacheSeconds == CacheSecondsUsual ? "" : $"-{Text(CacheSeconds)}s");

    /// <summary>As the hidden command takes it.</summary>
    public string[] Arguments() =>
    [
        "--replicas", Text(Count), "--spread", SpreadName, "--cache-seconds", Text(CacheSeconds), .. HonoursKey ? ["--cache-key"]
            : Array.Empty<string>(),
    ];

    private string SpreadName => Spreads.First(one => one.Spread == Spread).Name;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
