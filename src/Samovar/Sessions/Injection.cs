using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Outputs of calls that wait for the answer of who makes the response: their client has the same answer.</summary>
/// <param name="steer">What was given.</param>
/// <param name="queue">Where it is held.</param>
/// <param name="turn">The response that is made.</param>
/// <param name="release">Called where it waits no more.</param>
internal sealed class Injection(Steer steer, SteerQueue queue, TurnHandle turn, Action<IReadOnlyList<Steer>> release) : IInjection
{
    public IReadOnlyList<Item> Outputs => steer.Input;

    public void Taken()
    {
        if (queue.TryAccept(steer, turn, comesNext: false)) turn.Wake();
    }

    public void Refused(ErrorKind why)
    {
        if (queue.TryRefuse(steer, Error(why), turn)) release([steer]);
        turn.Wake();
    }

    public void NotTaken()
    {
        if (queue.TryAccept(steer, turn, comesNext: true)) turn.EndEarly(isUrgent: false, steer.Input);
    }

    private ApiException Error(ErrorKind why) => why == Errors.SteerInvalid
        ? new ApiException(why, "the upstream does not take these outputs.") : new ApiException(why, steer.Response);
}
