using Samovar.Bench.Reports.Claims;
using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>Published times beside each other under each of the provider's conditions, and what the provider is made of.</summary>
internal static class ReplicaText
{
    public static string Of(IReadOnlyList<ClaimResult> claims)
    {
        var table = new MarkdownTable(["said", "by", .. ProviderCondition.All.Select(condition => condition.Name)]);
        foreach (var claim in claims.Where(result => result.Claim.Of is not null).GroupBy(result => result.Claim.Of))
            table.Add([claim.First().Claim.Said, claim.First().Claim.Source, .. ProviderCondition.All.Select(condition =>
                claim.FirstOrDefault(result => result.Claim.Provider == condition.Name) is { } found ? Show(found) : Spread.None)]);
        return $"{table}\n{Inputs()}";
    }

    private static string Show(ClaimResult result) => result.Measured is { } measured
        ? $"{measured.Text(1)} {result.Claim.Unit}: {(result.State == ClaimState.Held ? "held" : "**not held**")}" : result.Verdict;

    private static string Inputs()
    {
        var table = new MarkdownTable("of the provider", "set to", "from");
        foreach (var input in ProviderInput.All) table.Add(input.Name, input.Value, input.Source);
        return table.ToString();
    }
}
