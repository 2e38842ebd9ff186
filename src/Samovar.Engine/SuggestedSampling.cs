namespace Samovar.Engine;

/// <summary>How a model's own file says that its tokens are best chosen; null where it says nothing.</summary>
public sealed record SuggestedSampling
{
    public static readonly SuggestedSampling None = new();

    /// <summary>0 is greedy.</summary>
    public float? Temperature { get; init; }
    public float? TopP { get; init; }
    public int? TopK { get; init; }
    public float? MinP { get; init; }
    public float? RepeatPenalty { get; init; }

    /// <summary>How many of the newest tokens the repeat penalty is for; −1 is as many as there are.</summary>
    public int? RepeatTokens { get; init; }

    /// <summary>Keys of the file whose values cannot be used, and are not.</summary>
    public IReadOnlyList<string> Unusable { get; init; } = [];

    /// <summary>What is suggested, by the names that it has in the file; empty where nothing is.</summary>
    public override string ToString() => string.Join(", ", Said().Where(one => one.Value is not null)
        .Select(one => FormattableString.Invariant($"{one.Key} {one.Value}")));

    private (string Key, float? Value)[] Said() =>
    [
        ("temp", Temperature), ("top_k", TopK), ("top_p", TopP), ("min_p", MinP), ("penalty_repeat", RepeatPenalty),
        ("penalty_last_n", RepeatTokens),
    ];
}
