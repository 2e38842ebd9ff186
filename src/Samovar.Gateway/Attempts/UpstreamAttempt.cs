using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;

namespace Samovar.Gateway.Attempts;

/// <summary>What one attempt reports: an event, or, last, a fault.</summary>
internal abstract record AttemptStep
{
    private AttemptStep() { }
    public sealed record Reported(BackendEvent Event) : AttemptStep;
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
        call.Place?.OnGivingUp(silence.GiveUp);
        using var gathered = call.Gathered();
        await using var events = driver.RunAsync(call, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            AttemptStep? step;
            try
            {
                step = await events.MoveNextAsync() ? new AttemptStep.Reported(events.Current) : null;
            }
            catch (UpstreamException exception)
            {
                step = new AttemptStep.Failed(exception.Fault);
            }
            catch (OperationCanceledException) when (silence.Token.IsCancellationRequested && !turnCancelled.IsCancellationRequested)
            {
                step = new AttemptStep.Failed(new UpstreamFault(FaultKind.Silence, $"'{call.Destination.Name}' was silent for too long."));
            }
            catch (ApiException exception) when (call.Phase >= CallPhase.Sent)
            {
                // What came back passed a bound of ours, or could not be read: the client is not to blame.
                var what = $"'{call.Destination.Name}' sent what cannot be read: {exception.Message}";
                step = new AttemptStep.Failed(new UpstreamFault(FaultKind.Malformed, what));
            }
            catch (Exception exception) when (!turnCancelled.IsCancellationRequested && IsTransport(exception))
            {
                step = new AttemptStep.Failed(FaultOf(exception, call));
            }
            if (step is null) yield break;
            if (step is AttemptStep.Reported { Event: var e } && ItemBounds.FaultOf(e) is { } fault) step = new AttemptStep.Failed(fault);
            if (step is AttemptStep.Reported { Event: not (BackendEvent.Accepted or BackendEvent.Finished) }) call.Reach(CallPhase.Output);
            silence.Pause();
            yield return step;
            silence.GoOn();
            if (step is AttemptStep.Failed) yield break;
        }
    }

    private static bool IsTransport(Exception exception) => exception is WebSocketException or IOException or HttpRequestException
        or JsonException or InvalidDataException or ObjectDisposedException or OperationCanceledException;

    private static UpstreamFault FaultOf(Exception exception, UpstreamCall call) => exception switch
    {
        JsonException => new UpstreamFault(FaultKind.Malformed, $"'{call.Destination.Name}' sent what is not JSON."),
        InvalidDataException => new UpstreamFault(FaultKind.Malformed, $"'{call.Destination.Name}' sent what cannot be unpacked."),
        _ when call.Phase == CallPhase.BeforeSend =>
            new UpstreamFault(FaultKind.Connect, $"No connection to '{call.Destination.Name}' came about."),
        _ => new UpstreamFault(FaultKind.Lost, $"The connection to '{call.Destination.Name}' was lost."),
    };
}
