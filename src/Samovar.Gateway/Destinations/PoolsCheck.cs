using Microsoft.Extensions.Options;

namespace Samovar.Gateway.Destinations;

/// <summary>Finds every fault of the configured pools at once.</summary>
public sealed class PoolsCheck(Func<string, string?> environment) : IValidateOptions<UpstreamOptions>
{
    public ValidateOptionsResult Validate(string? name, UpstreamOptions options)
    {
        var errors = Errors(options).Concat(KeyErrors(options)).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>One sentence for each fault, each beginning with the path of the setting.</summary>
    public static IEnumerable<string> Errors(UpstreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Twice("Upstream:Pools", options.Pools.Select(pool => pool.Name))
            .Concat(Twice("Upstream:Pools:Destinations", options.Pools.SelectMany(pool => pool.Destinations)
                .Select(destination => destination.Name)))
            .Concat(options.Pools.SelectMany((pool, index) => OfPool(pool, $"Upstream:Pools:{index}")));
    }

    private IEnumerable<string> KeyErrors(UpstreamOptions options)
    {
        for (var pool = 0; pool < options.Pools.Count; pool++)
            for (var index = 0; index < options.Pools[pool].Destinations.Count; index++)
                if (options.Pools[pool].Destinations[index] is var destination
                    && DestinationKey.Missing(destination, environment) is { } missing)
                    yield return $"Upstream:Pools:{pool}:Destinations:{index}:{DestinationKey.SettingOf(destination)}: {missing}";
    }

    private static IEnumerable<string> OfPool(PoolOptions pool, string at)
    {
        if (string.IsNullOrWhiteSpace(pool.Name)) yield return $"{at}:Name is missing.";
        if (pool.Destinations.Count == 0) yield return $"{at}:Destinations is empty.";
        if (!ConfigurationNames.KeyPolicies.ContainsKey(pool.PromptCacheKey))
            yield return $"{at}:PromptCacheKey '{pool.PromptCacheKey}' is not one of {List(ConfigurationNames.KeyPolicies.Keys)}.";
        if (!ConfigurationNames.CompactionPolicies.ContainsKey(pool.Compaction))
            yield return $"{at}:Compaction '{pool.Compaction}' is not one of {List(ConfigurationNames.CompactionPolicies.Keys)}.";
        if (pool.QueueMax is < 0 or > PoolOptions.QueueMaxLimit)
            yield return $"{at}:QueueMax {pool.QueueMax} is not between 0 and {PoolOptions.QueueMaxLimit}.";
        if (pool.QueueWaitMax < TimeSpan.Zero || pool.QueueWaitMax > PoolOptions.WaitLimit)
            yield return $"{at}:QueueWaitMax {pool.QueueWaitMax} is not between 0 and {PoolOptions.WaitLimit}.";
        if (pool.OwnerWaitMax < TimeSpan.Zero || pool.OwnerWaitMax > PoolOptions.WaitLimit)
            yield return $"{at}:OwnerWaitMax {pool.OwnerWaitMax} is not between 0 and {PoolOptions.WaitLimit}.";
        if (pool.OpenPart is not (0 or >= 2 and <= PoolOptions.OpenPartLimit))
            yield return $"{at}:OpenPart {pool.OpenPart} is neither 0 nor between 2 and {PoolOptions.OpenPartLimit}.";
        var served = pool.Destinations.SelectMany(destination => destination.Models).Select(model => ModelNames.Split(model).Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var alias in pool.Aliases)
        {
            if (ModelNames.Split(alias) is not ({ Length: > 0 },
                { Length: > 0 } model)) yield return $"{at}:Aliases '{alias}' is not of the form alias=name.";
            else if (!served.Contains(model)
                && !served.Contains("*")) yield return $"{at}:Aliases '{alias}' names a model that no destination serves.";
        }
        for (var index = 0; index < pool.Destinations.Count; index++)
            foreach (var error in OfDestination(pool.Destinations[index], $"{at}:Destinations:{index}"))
                yield return error;
    }

    private static IEnumerable<string> OfDestination(DestinationOptions options, string at)
    {
        if (string.IsNullOrWhiteSpace(options.Name)) yield return $"{at}:Name is missing.";
        var isKnown = ConfigurationNames.Kinds.TryGetValue(options.Kind, out var kind);
        if (!isKnown) yield return $"{at}:Kind '{options.Kind}' is not one of {List(ConfigurationNames.Kinds.Keys)}.";
        if (options.Dialect is { } dialect && !Dialect.All.ContainsKey(dialect))
            yield return $"{at}:Dialect '{dialect}' is not one of {List(Dialect.All.Keys)}.";
        if (isKnown && options.Dialect is { } named && named == "anthropic" != (kind == DestinationKind.Messages))
            yield return $"{at}:Dialect '{named}' does not go with Kind '{options.Kind}'.";
        if (options.PassesPriority && options.Dialect is not ("vllm" or "sglang" or "dynamo"))
            yield return $"{at}:PassesPriority goes with the dialects vllm, sglang and dynamo.";
        if (AddressRule.FaultOfUrl(options.BaseUrl) is { } fault)
            yield return HasUser(options.BaseUrl) ? $"{at}:BaseUrl {fault}." : $"{at}:BaseUrl '{options.BaseUrl}' {fault}.";
        if (options.KeyHeader is { } header && !IsHeaderName(header)) yield return $"{at}:KeyHeader '{header}' is not a header name.";
        if (options.KeyEnvironment is not null && options.KeyFile is not null) yield return $"{at} names both KeyEnvironment and KeyFile.";
        if (options.Models.Count == 0) yield return $"{at}:Models is empty; '*' passes any name on.";
        if (options.Models.Any(model => ModelNames.Split(model) is ("", _)
            or (_, ""))) yield return $"{at}:Models has an entry without a name.";
        if (options.Weight is not (> 0 and <= 1000)) yield return $"{at}:Weight {options.Weight} is not between 0 and 1000.";
        if (options.InFlightMax < 0) yield return $"{at}:InFlightMax is negative.";
        if (options.RequestsPerMinute < 0) yield return $"{at}:RequestsPerMinute is negative.";
        if (options.TokensPerMinute < 0) yield return $"{at}:TokensPerMinute is negative.";
        if (options.OutputTokensDefault < 1) yield return $"{at}:OutputTokensDefault is below 1.";
        if (options.Thinking is not ("budget" or "adaptive"))
            yield return $"{at}:Thinking '{options.Thinking}' is not one of budget, adaptive.";
        if (options.HealthPath is { } path && AddressRule.FaultOfPath(path) is { } wrong)
            yield return $"{at}:HealthPath '{path}' {wrong}.";
    }

    /// <summary>What may hold a key is not repeated.</summary>
    private static bool HasUser(string url) => url.Contains('@', StringComparison.Ordinal);

    private static bool IsHeaderName(string name) => name.Length > 0
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    private static IEnumerable<string> Twice(string at, IEnumerable<string> names) =>
        names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1)
            .Select(group => $"{at} has '{group.Key}' more than once.");

    private static string List(IEnumerable<string> names) => string.Join(", ", names);
}
