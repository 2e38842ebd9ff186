using System.Globalization;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Transport;

/// <summary>One number that the simulated provider is made of, and where it comes from: none is chosen by what comes out.</summary>
internal sealed record ProviderInput(string Name, string Value, string Source)
{
    private const string Guide = "OpenAI's guide to prompt caching";

    public static readonly IReadOnlyList<ProviderInput> All =
    [
        new("output", $"{Show(Speed.DecodeTokens)} tokens/s", "the published comparisons"),
        new("prefill", $"{Show(Speed.PrefillTokens)} tokens/s",
            "Anthropic's cookbook on prompt caching: 187,354 tokens take 17.5 s less when they are cached, which is 10,700 a second"),
        new("prompt cache", $"from 1,024 tokens on, in steps of {PrefixCache.BlockTokens}", Guide),
        new("lifetime of a cache", $"{Show(ReplicaPlan.CacheSecondsUsual)} s from its last use",
            "the least of the 5 to 10 minutes in " + Guide + ", and Anthropic's; no task here waits so long"),
        new("in turn", "each request of all clients that brings everything along goes to the next replica",
            "a load balancer that knows nothing of prompts"),
        new("by prefix", $"one replica for the first {ReplicaPlan.PrefixTokens} tokens, a further one for each "
            + $"{ReplicaPlan.RequestsAMinute} requests in a minute", Guide),
        new("what continues", "previous_response_id, and every turn of a WebSocket, stays at the replica that holds it",
            "state that belongs to a connection or a response, as documented for WebSocket mode"),
        new("number of replicas", "1, 4 and 64", "nobody publishes it: 4 as in affinity's accounts, 64 so that hardly a request of a task "
            + "meets a replica again, which is the most that spreading can cost"),
    ];

    private static StubSpeed Speed => ProviderCondition.One.Backend.Speed!;

    private static string Show(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
