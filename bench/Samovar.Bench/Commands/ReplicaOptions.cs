using System.CommandLine;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Commands;

/// <summary>What a command line says of a simulated provider's replicas.</summary>
internal sealed class ReplicaOptions
{
    private const int CacheSecondsMax = 86_400;

    private readonly Option<int[]> _counts = new("--replicas")
    {
        Description = "Replicas of a simulated provider, each with a prompt cache of its own; several numbers are as many providers.",
        AllowMultipleArgumentsPerToken = true, HelpName = "N", DefaultValueFactory = _ => [1],
    };

    private readonly Option<string> _spread = new("--spread")
    {
        Description = "How requests that bring everything along find a replica: in turn, at random, or by the prompt's first tokens and "
            + "further on beyond 15 a minute, as OpenAI documents it. What continues a response, or comes over a socket, stays.",
        DefaultValueFactory = _ => ReplicaPlan.Spreads[0].Name,
    };

    private readonly Option<bool> _key = new("--cache-key")
    {
        Description = "Clients send a prompt_cache_key, and the provider keeps together what has the same.",
    };

    private readonly Option<int> _seconds = new("--cache-seconds")
    {
        Description = "How long its prompt caches keep what nobody asks for.", HelpName = "N",
        DefaultValueFactory = _ => ReplicaPlan.CacheSecondsUsual,
    };

    public ReplicaOptions()
    {
        _spread.AcceptOnlyFromAmong([.. ReplicaPlan.Spreads.Select(one => one.Name)]);
        _counts.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int[]>() is not { Length: > 0 } counts || counts.Any(one => one is < 1 or > ReplicaPlan.CountMax))
                result.AddError($"--replicas are numbers from 1 to {ReplicaPlan.CountMax}.");
        });
        _seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > CacheSecondsMax)
                result.AddError($"--cache-seconds is a number from 1 to {CacheSecondsMax}.");
        });
    }

    public IEnumerable<Option> All => [_counts, _spread, _key, _seconds];

    public IReadOnlyList<ReplicaPlan> Of(ParseResult parsed) => [.. parsed.GetValue(_counts)!.Distinct().Select(count => new ReplicaPlan(
        count, ReplicaPlan.Spreads.First(one => one.Name == parsed.GetValue(_spread)).Spread, parsed.GetValue(_key),
        parsed.GetValue(_seconds)))];
}
