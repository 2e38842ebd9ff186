using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Sends an upstream what the user says while it makes a response.</summary>
/// <remarks>
/// Only words of the user can be sent so. The upstream answers each frame; what it has not accepted by the end of its response is not
/// counted on.
/// </remarks>
internal sealed class PassedSteers(UpstreamCall call, BesideFrames frames)
{
    private int _passed; // of what was said
    private int _frames, _accepted, _refused;

    /// <summary>Whether a frame has no answer yet.</summary>
    public bool IsAwaited => _accepted + _refused < Volatile.Read(ref _frames);

    /// <summary>The upstream's response has a name.</summary>
    public void Begin(string? response)
    {
        if (frames.Response is not null || response is null || call.Turn.Steering is not { } steering) return;
        frames.Response = response;
        steering.OnSaid(Pass);
    }

    /// <summary>What the upstream says of a frame.</summary>
    /// <returns>Whether it is about one.</returns>
    public bool Note(string type)
    {
        if (type is not ("response.steer.accepted" or "response.steer.pending" or "response.steer.failed")) return false;
        if (type == "response.steer.accepted") _accepted++;
        else
        {
            _refused++;
            call.SteerRefused();
        }
        return true;
    }

    /// <summary>The response has ended.</summary>
    /// <returns>What the response answers that follows by itself; null where nobody knows whether one follows.</returns>
    public async ValueTask<IReadOnlyList<Item>?> EndAsync()
    {
        Close();
        await frames.Sending;
        if (_refused == 0 && _accepted == _frames) return frames.Said;
        return _refused == _frames && _accepted == 0 && frames.Said.Count == _passed ? [] : null;
    }

    /// <summary>Nothing is sent from now on.</summary>
    public void Close()
    {
        lock (frames.Gate) frames.IsOver = true;
    }

    private void Pass()
    {
        lock (frames.Gate)
        {
            var said = call.Turn.Steering!.Said;
            if (frames.IsOver || said.Count == _passed) return;
            var more = said.Skip(_passed).ToList();
            if (_refused > 0 || !more.TrueForAll(static item => item is MessageItem { Role: Role.User }))
            {
                frames.IsOver = true;
                call.SteerRefused();
                return;
            }
            (_passed, _frames) = (said.Count, _frames + 1);
            call.Steered();
            frames.Send("response.steer", "previous_response_id", more);
        }
    }
}
