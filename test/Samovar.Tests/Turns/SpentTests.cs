using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Turns;

/// <summary>Turns that come to no end of their own are recorded with what they cost all the same.</summary>
public sealed class SpentTests
{
    [Theory]
    [InlineData(true, "cancelled")]
    [InlineData(false, "failed")]
    public async Task TurnWithoutAnEnd_IsRecorded_WithWhatItsBackendHadDone(bool isCancelled, string outcome)
    {
        var backend = new SpendingBackend { Fails = !isCancelled };
        using var house = new CoreHouse(backends: _ => [backend]);
        var turn = house.Begin(Ask.Text("hi"));
        await Soon.In(backend.Reached.Task);
        if (isCancelled) turn.Cancel();
        await Soon.In(turn.Ended);
        var record = Assert.Single(house.Requests.Records);
        Assert.Equal(outcome, record.Outcome);
        Assert.Equal((30, 10, 7), (record.Usage.InputTokens, record.Usage.CachedTokens, record.Usage.OutputTokens));
        Assert.Equal(1234, record.BytesToUpstream);
    }

    /// <summary>Says on its way out what it has done, as backends do that count only then.</summary>
    private sealed class SpendingBackend : IBackend
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool Fails { get; init; }

        public IReadOnlyList<BackendModel> Models => [new BackendModel("m", "test", null)];

        public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
        {
            try
            {
                yield return new BackendEvent.Accepted("m");
                yield return new BackendEvent.MessageStarted();
                yield return new BackendEvent.Delta("so");
                Reached.SetResult();
                if (Fails) throw new ApiException(Errors.UpstreamFailed, "it broke");
                await Task.Delay(Timeout.Infinite, turnCancelled);
            }
            finally
            {
                turn.Report.Spent = new Usage(30, 10, 7, 0);
                turn.Report.BytesToUpstream = 1234;
            }
        }
    }
}
