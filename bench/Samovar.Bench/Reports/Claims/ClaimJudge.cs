using System.Globalization;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports.Claims;

/// <summary>Puts what was measured beside what was said.</summary>
internal sealed class ClaimJudge(IReadOnlyList<TurnSample> samples)
{
    private const double Sessions = 1e6, TaskSeconds = 40;
    private readonly Dictionary<SampleCell, IReadOnlyList<SampledRound>> _cells =
        samples.GroupBy(sample => sample.Cell).ToDictionary(cell => cell.Key, cell => SampledRound.Of(cell));

    public IReadOnlyList<ClaimResult> Judge(IEnumerable<Claim> claims) => [.. claims.Select(Judge)];

    private ClaimResult Judge(Claim claim)
    {
        var values = claim.Workloads.ToDictionary(workload => workload, workload => Values(claim, workload).ToList());
        var missing = values.Where(one => one.Value.Count == 0).Select(one => one.Key).ToList();
        var spread = Spread.Of(values.Values.SelectMany(one => one));
        if (spread is null) return new ClaimResult(claim, ClaimState.NotMeasured, null, $"The run has no whole round of {Needs(claim)}.");
        if (values.Values.Max(one => one.Count) < Spread.CountMin)
            return new ClaimResult(claim, ClaimState.NotMeasured, null, "One round alone has no spread; it says nothing.");
        var isHeld = !(spread.Median < claim.Least) && !(spread.Median > claim.Most);
        return new ClaimResult(claim, isHeld ? ClaimState.Held : ClaimState.NotHeld, spread, Reason(claim, spread, isHeld)
            + (missing.Count == 0 ? "" : $" Not in this run: {string.Join(", ", missing)}."));
    }

    private IEnumerable<double> Values(Claim claim, string workload)
    {
        var ones = Rounds(claim, workload, claim.Transport);
        if (claim.Against is null) return ones.Where(round => round.IsWhole).Select(round => Of(claim, round)).OfType<double>();
        return SampledRound.Pairs(ones, Rounds(claim, workload, claim.Against)).Select(pair => Compare(claim, pair.One, pair.Other))
            .OfType<double>();
    }

    private IReadOnlyList<SampledRound> Rounds(Claim claim, string workload, string transport) =>
        _cells.GetValueOrDefault(new SampleCell(workload, transport, claim.Backend, claim.Link)) ?? [];

    private static double? Of(Claim claim, SampledRound round) => claim.Quantity switch
    {
        ClaimQuantity.BytesUp => round.Turns.Sum(turn => (double)turn.BytesUp),
        ClaimQuantity.BytesDown => round.Turns.Sum(turn => (double)turn.BytesDown),
        ClaimQuantity.TaskTime => round.TaskMs,
        ClaimQuantity.FirstToken => round.FirstTokenMs,
        ClaimQuantity.FirstTurn => round.FirstTurnMs,
        _ => null,
    } is { } value ? claim.Unit == "KB" ? value / 1000 : value : null;

    private static double? Compare(Claim claim, SampledRound one, SampledRound other) => claim.Quantity switch
    {
        ClaimQuantity.TimesAtTurnNine => UpOfTurn(other, 9) / UpOfTurn(one, 9),
        ClaimQuantity.IngressSaved => (other.Turns.Sum(turn => (double)turn.BytesUp) - one.Turns.Sum(turn => (double)turn.BytesUp))
            * Sessions * 8 / TaskSeconds / 1e9,
        _ => Of(claim, other) is > 0 and var before && Of(claim, one) is { } after ? 100 * (after / before - 1) : null,
    };

    private static double? UpOfTurn(SampledRound round, int number) =>
        round.Turns.Where(turn => turn.Turn == number).Sum(turn => turn.BytesUp) is > 0 and var bytes ? bytes : null;

    private static string Needs(Claim claim) =>
        $"{string.Join(" or ", claim.Workloads)} over {claim.Transport}{(claim.Against is { } other ? $" and {other}" : "")}"
        + $" with {claim.Backend} on {claim.Link}";

    private static string Reason(Claim claim, Spread spread, bool isHeld)
    {
        var reaches = spread.Least < claim.Least || spread.Most > claim.Most;
        var bound = (claim.Least, claim.Most) switch
        {
            ({ } least, { } most) => $"between {Show(least)} and {Show(most)} {claim.Unit}",
            (null, { } most) => $"at most {Show(most)} {claim.Unit}",
            ({ } least, _) => $"at least {Show(least)} {claim.Unit}",
            _ => "anything",
        };
        var near = isHeld && reaches ? "; some rounds lie outside" : !isHeld && IsWithin(claim, spread) ? "; some rounds lie within" : "";
        return isHeld ? $"The median is {bound}{near}." : $"The median is {Show(spread.Median)} {claim.Unit}, said was {bound}{near}."
            + (claim.Differences is { } why ? " " + why : "");
    }

    private static bool IsWithin(Claim claim, Spread spread) => !(spread.Most < claim.Least) && !(spread.Least > claim.Most);

    private static string Show(double value) => (Math.Round(value, 1) + 0.0).ToString("#,0.#", CultureInfo.InvariantCulture);
}
