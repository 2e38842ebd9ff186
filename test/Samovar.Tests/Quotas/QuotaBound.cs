namespace Samovar.Tests.Quotas;

/// <summary>What a quota promises.</summary>
internal static class QuotaBound
{
    /// <summary>No stretch of time has more than a full quota, what comes back in it, and so many more.</summary>
    /// <param name="passed">When turns were let in, in seconds.</param>
    public static void Holds(List<double> passed, long limit, double more)
    {
        passed.Sort();
        for (var from = 0; from < passed.Count; from++)
            for (var to = from; to < passed.Count; to++)
                if (to - from + 1 > limit * (1 + (passed[to] - passed[from]) / 60) + more)
                    Assert.Fail($"{to - from + 1} in {passed[to] - passed[from]:0.000} s");
    }
}
