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
internal readonly record struct AttemptStep(BackendEvent? Event, UpstreamFault? Fault = null);

/// <summary>Runs one attempt under its time limits, and turns whatever goes wrong into one fault.</summary>
internal sealed class UpstreamAttempt(IUpstreamDriver driver, UpstreamOptions options, TimeProvider time)
{
    public async IAsyncEnumerable<AttemptStep> RunAsync(UpstreamCall call, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        var bridged = call.Destination.Kind == DestinationKind.ResponsesLink ? options.BridgeMax : TimeSpan.Zero;
        using var silence = new SilenceWatch(options, time, turnCancelled, bridged);
        using var early = new SteeredEnd(call, options.SteeredEndTimeMax, time, silence);
        call.OnHeard(silence.Heard);
        call.OnProgressed(silence.Progressed);
        call.Place?.OnGivingUp(silence.GiveUpUnheard);
        using var gathered = call.Gathered();
        var pairs = new PairJoin();
        await using var events = driver.RunAsync(call, silence.Token).GetAsyncEnumerator(silence.Token);
        while (true)
        {
            if (early.IsDue)
            {
                yield return Steered(call);
                yield break;
            }
            AttemptStep step;
            try
            {
                var move = events.MoveNextAsync();
                if (!move.IsCompleted) silence.GoOn(); // what comes at once was not waited for
                step = new AttemptStep(await move ? events.Current : null);
            }
            catch (Exception) when (!turnCancelled.IsCancellationRequested && early.Takes())
            {
                continue; // however it took being stopped
            }
            catch (UpstreamException exception)
            {
                step = Failed(exception.Fault);
            }
            catch (OperationCanceledException) when (silence.IsSilent && !turnCancelled.IsCancellationRequested)
            {
                step = Failed(Silence());
            }
            catch (ApiException exception) when (call.Phase >= CallPhase.Sent)
            {
                // What came back passed a bound of ours, or could not be read: the client is not to blame.
                var what = $"It sent what cannot be read: {exception.Message}";
                step = Failed(new UpstreamFault(FaultKind.Malformed, what));
            }
            catch (Exception exception) when (!turnCancelled.IsCancellationRequested && IsTransport(exception))
            {
                step = Failed(FaultOf(exception, call));
            }
            if (step is { Event: null, Fault: null }) yield break;
            // It spoke in the moment in which it was given up: what follows would not come, so nothing of it is passed on.
            if (step.Event is not null && silence.IsSilent && call.Phase < CallPhase.Output) step = Failed(Silence());
            if (step.Event is { } sent)
            {
                if (sent is not BackendEvent.Delta { Text.Length: 0 }) silence.Progressed();
                silence.Pause();
                if (pairs.Alone(sent) is { } alone) yield return new AttemptStep(alone);
                if (pairs.Whole(sent) is not { } whole) continue;
                step = new AttemptStep(whole);
            }
            if (step.Event is { } reported && ItemBounds.FaultOf(reported) is { } fault) step = Failed(fault);
            if (step.Event is not (null or BackendEvent.Accepted or BackendEvent.Finished)) call.Reach(CallPhase.Output);
            silence.Pause();
            yield return step;
            if (step.Fault is not null) yield break;
        }
    }

    /// <summary>The end of a response whose user has said something meanwhile: what came until then is all of it.</summary>
    private static AttemptStep Steered(UpstreamCall call) => 
        new(new BackendEvent.Finished(call.Usage, BackendEvent.Steered, call.NamelessState()));

    private static UpstreamFault Silence() => new(FaultKind.Silence, "It was silent for too long.");

    private static AttemptStep Failed(UpstreamFault fault) => new(null, fault);

    private static bool IsTransport(Exception exception) => exception is WebSocketException or IOException or HttpRequestException
        or JsonException or InvalidDataException or ObjectDisposedException or OperationCanceledException;

    private static UpstreamFault FaultOf(Exception exception, UpstreamCall call) => exception switch
    {
        JsonException => new UpstreamFault(FaultKind.Malformed, "It sent what is not JSON."),
        InvalidDataException => new UpstreamFault(FaultKind.Malformed, "It sent what cannot be unpacked."),
        _ when call.Phase == CallPhase.BeforeSend =>
            new UpstreamFault(FaultKind.Connect, "No connection came about."),
        _ => new UpstreamFault(FaultKind.Lost, "The connection was lost."),
    };
}
