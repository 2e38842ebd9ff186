using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>The places of running turns belong to everybody: a flood takes what nobody else wants.</summary>
public sealed class TurnAdmissionTests : IDisposable
{
    private static readonly FlowId Flood = new("flood"), Quiet = new("quiet");
    private readonly ManualTime _time = new();
    private readonly TestMeters _meters = new();
    private readonly TurnOptions _options = new();

    [Fact]
    public async Task Flood_OfOneFlow_RefusesNobodyElse()
    {
        var admission = Admission();
        var flood = Enter(admission, Flood, 1100);
        for (var turn = 0; turn < 8; turn++) await Soon.In(EnterAsync(admission, Quiet));
        Assert.Equal(896, flood.Count(turn => turn.IsCompletedSuccessfully));
        Assert.Equal(204, admission.Waiting);
        _time.Advance(_options.QueueWaitMax);
        foreach (var late in flood.Skip(896)) await RefusedAsync(late);
        Assert.Equal((904, 0), (admission.Running, admission.Waiting));
    }

    [Fact]
    public async Task Connections_ThatFloodTogether_RefuseNobodyElse()
    {
        var admission = Admission();
        for (var turn = 0; turn < 16; turn++)
            for (var connection = 0; connection < 70; connection++)
                _ = EnterAsync(admission, new FlowId($"local/{connection}"));
        for (var turn = 0; turn < 4; turn++) await Soon.In(EnterAsync(admission, Quiet));
    }

    [Fact]
    public async Task PlaceThatIsGivenBack_GoesToTheFlowThatHoldsFewest()
    {
        _options.RunningMax = 4; // too few to keep any open
        var admission = Admission();
        Enter(admission, Flood, 4);
        var more = EnterAsync(admission, Flood);
        var quiet = EnterAsync(admission, Quiet);
        await admission.LeaveAsync(Flood, Task.CompletedTask);
        await Soon.In(quiet);
        Assert.False(more.IsCompleted);
        await admission.LeaveAsync(Flood, Task.CompletedTask);
        await Soon.In(more);
    }

    [Fact]
    public async Task FullLine_GivesWayAtItsLongest_HoweverOftenItTriesAgain()
    {
        (_options.RunningMax, _options.QueueMax) = (2, 8);
        var admission = Admission();
        Enter(admission, Flood, 2);
        var waiting = Enter(admission, Flood, 8);
        var quiet = EnterAsync(admission, Quiet);
        await RefusedAsync(waiting[^1]);
        for (var retry = 0; retry < 50; retry++) await RefusedAsync(EnterAsync(admission, Flood));
        Assert.False(quiet.IsCompleted);
        await admission.LeaveAsync(Flood, Task.CompletedTask);
        await Soon.In(quiet);
    }

    [Fact]
    public async Task CancelledWait_LeavesNothingBehind()
    {
        _options.RunningMax = 1;
        var admission = Admission();
        await EnterAsync(admission, Flood);
        using var cancelled = new CancellationTokenSource();
        var waiting = admission.EnterAsync(Quiet, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(waiting));
        await admission.LeaveAsync(Flood, Task.CompletedTask);
        Assert.Equal((0, 0), (admission.Running, admission.Waiting));
    }

    [Fact]
    public async Task ClosedAdmission_RefusesWhoWaits_AndIsIdleWhenTheLastLeaves()
    {
        _options.RunningMax = 1;
        var admission = Admission();
        await EnterAsync(admission, Flood);
        var waiting = EnterAsync(admission, Quiet);
        admission.Close();
        Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(waiting))).Kind);
        Assert.False(admission.Idle.IsCompleted);
        await admission.LeaveAsync(Flood, Task.FromException(new IOException("The backend broke on its way out."))).ContinueWith(
            static _ => { }, TaskScheduler.Default);
        await Soon.In(admission.Idle);
    }

    public void Dispose() => _meters.Dispose();

    private TurnAdmission Admission() => new(_options, new TurnMetrics(_meters, new MetricOptions()), _time);

    private static Task<TimeSpan> EnterAsync(TurnAdmission admission, FlowId flow) =>
        admission.EnterAsync(flow, CancellationToken.None).AsTask();

    private static List<Task<TimeSpan>> Enter(TurnAdmission admission, FlowId flow, int turns) =>
        [.. Enumerable.Range(0, turns).Select(_ => EnterAsync(admission, flow))];

    private async Task RefusedAsync(Task turn)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn));
        Assert.Equal((Errors.ServerOverloaded, _options.RetryAfter), (error.Kind, error.RetryAfter));
    }
}
