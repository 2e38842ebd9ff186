using System.Text.Json;
using System.Text.RegularExpressions;

namespace Samovar.Bench.Workloads.Cases;

/// <summary>What the outcome of a case must and must not say, by the case's name; what stands under <c>*</c> holds for all.</summary>
internal sealed class CaseVerdicts
{
    private static readonly TimeSpan MatchMax = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, Row> _rows;

    private CaseVerdicts(Dictionary<string, Row> rows) => _rows = rows;

    public static CaseVerdicts Read()
    {
        using var stream = typeof(CaseVerdicts).Assembly.GetManifestResourceStream("verdicts.json")
            ?? throw new InvalidOperationException("The verdicts are missing from the program.");
        return new CaseVerdicts(JsonSerializer.Deserialize<Dictionary<string, Row>>(stream, JsonSerializerOptions.Web)!);
    }

    /// <summary>What is wrong with the outcome; empty where nothing is, null where nobody has written a verdict.</summary>
    public IReadOnlyList<string>? Judge(string name, string outcome)
    {
        if (!_rows.TryGetValue(name, out var row)) return null;
        var everywhere = _rows["*"];
        return
        [
            .. row.Has.Concat(everywhere.Has).Where(pattern => !IsIn(outcome, pattern)).Select(pattern => "missing: " + pattern),
            .. row.Not.Concat(everywhere.Not).Where(pattern => IsIn(outcome, pattern)).Select(pattern => "wrong: " + pattern),
        ];
    }

    private static bool IsIn(string outcome, string pattern) => Regex.IsMatch(outcome, pattern, RegexOptions.None, MatchMax);

    private sealed record Row
    {
        public IReadOnlyList<string> Has { get; init; } = [];
        public IReadOnlyList<string> Not { get; init; } = [];
    }
}
