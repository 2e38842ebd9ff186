using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Xunit;
using Xunit.v3;

namespace Samovar.Running;

/// <summary>
/// Ends each test of an assembly that runs longer than <c>TEST_MINUTES_MAX</c>: its token is cancelled, so that it fails and the others go
/// on. Where it does not listen its process ends, and says which test it was.
/// </summary>
/// <remarks>Without the variable, as for proofs that are played for long by hand, a test may take as long as it likes.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class EndsInTimeAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan ListensWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan? Longest =
        int.TryParse(Environment.GetEnvironmentVariable("TEST_MINUTES_MAX"), NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            ? TimeSpan.FromMinutes(most) : null;
    private static readonly ConcurrentDictionary<string, CancellationTokenSource> Running = new(StringComparer.Ordinal);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Longest is not { } longest) return;
        var over = Running[test.UniqueID] = new CancellationTokenSource();
        _ = WatchAsync(test.TestDisplayName, TestContext.Current, longest, over.Token);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Running.TryRemove(test.UniqueID, out var over)) over.Cancel();
    }

    private static async Task WatchAsync(string name, ITestContext context, TimeSpan longest, CancellationToken over)
    {
        try
        {
            await Task.Delay(longest, over).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"{name} has run for {longest:g}: it is cancelled");
            context.CancelCurrentTest();
            await Task.Delay(ListensWithin, over).ConfigureAwait(false);
            Environment.FailFast($"{name} has run for {longest + ListensWithin:g}, and does not listen to its token.");
        }
        catch (OperationCanceledException)
        {
            // it has ended
        }
    }
}
