using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Attempts;

/// <summary>What one attempt reports: an event, or, last, a fault.</summary>
internal abstract record AttemptStep
{
    private AttemptStep() { }
    public sealed record Told(BackendEvent Event) : AttemptStep;
    public sealed record Failed(UpstreamFault Fault) : AttemptStep;
}

/// <summary>Runs one attempt under its time limits, and turns whatever goes wrong into one fault.</summary>
internal sealed class UpstreamAttempt(IUpstreamDriver driver, UpstreamOptions options, TimeProvider time)
{
    public async IAsyncEnumerable<AttemptStep> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        using var silence = new SilenceWatch(options, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(turnCancelled, silence.Token);
        call.OnHeard(silence.Heard);
        using var gathered = call.Gathered();
        await using var events = driver.RunAsync(call, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            AttemptStep? step;
            try
            {
                step = await events.MoveNextAsync() ? new AttemptStep.Told(events.Current) : null;
            }
            catch (UpstreamException exception)
            {
                step = new AttemptStep.Failed(exception.Fault);
            }
            catch (OperationCanceledException) when (silence.Token.IsCancellationRequested && !turnCancelled.IsCancellationRequested)
            {
                step = new AttemptStep.Failed(new UpstreamFault(FaultKind.Silence, $"'{call.Destination.Name}' was silent for too long."));
            }
            catch (Exception exception) when (!turnCancelled.IsCancellationRequested && IsTransport(exception))
            {
                step = new AttemptStep.Failed(FaultOf(exception, call));
            }
            if (step is null) yield break;
            if (step is AttemptStep.Told { Event: not (BackendEvent.Accepted or BackendEvent.Finished) }) call.Reach(CallPhase.Output);
            silence.Pause();
            yield return step;
            silence.GoOn();
            if (step is AttemptStep.Failed) yield break;
        }
    }

    private static bool IsTransport(Exception exception) => exception is WebSocketException or IOException or HttpRequestException
        or JsonException or ObjectDisposedException or OperationCanceledException;

    private static UpstreamFault FaultOf(Exception exception, UpstreamCall call) => exception switch
    {
        JsonException => new UpstreamFault(FaultKind.Malformed, $"'{call.Destination.Name}' sent what is no JSON."),
        _ when call.Phase == CallPhase.BeforeSend =>
            new UpstreamFault(FaultKind.Connect, $"No connection to '{call.Destination.Name}' came about."),
        _ => new UpstreamFault(FaultKind.Lost, $"The connection to '{call.Destination.Name}' was lost."),
    };
}
