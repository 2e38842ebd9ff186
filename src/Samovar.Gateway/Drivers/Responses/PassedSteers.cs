using System.Net.WebSockets;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Sends an upstream what the user says while it makes a response.</summary>
/// <remarks>
/// Only words of the user can be sent so. The upstream answers each frame; what it has not accepted by the end of its response is not
/// counted on.
/// </remarks>
internal sealed class PassedSteers(UpstreamCall call, UpstreamSocket socket)
{
    private readonly Lock _gate = new();
    private string? _response;
    private IReadOnlyList<Item> _sent = [];
    private int _frames, _accepted, _refused;
    private bool _isOver;
    private Task _sending = Task.CompletedTask;

    /// <summary>The upstream's response has a name.</summary>
    public void Begin(string? response)
    {
        if (_response is not null || response is null || call.Turn.Steering is not { } steering) return;
        _response = response;
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
        await _sending;
        if (_refused == 0 && _accepted == _frames) return _sent;
        return _refused == _frames && _accepted == 0 ? [] : null;
    }

    /// <summary>Nothing is sent from now on.</summary>
    public void Close()
    {
        lock (_gate) _isOver = true;
    }

    private void Pass()
    {
        lock (_gate)
        {
            var said = call.Turn.Steering!.Said;
            if (_isOver || said.Count == _sent.Count) return;
            var more = said.Skip(_sent.Count).ToList();
            if (_refused > 0 || !more.TrueForAll(static item => item is MessageItem { Role: Role.User }))
            {
                _isOver = true;
                call.SteerRefused();
                return;
            }
            var items = more.Select(item => new ContextItem(CallRepair.Of(item), IsForeign: false));
            var body = new UpstreamBody().Field("type", "response.steer").Field("previous_response_id", _response!)
                .Array("input", ResponsesItems.For(items, call.Tools, call.Destination.Dialect)).End();
            (_sent, _frames) = (said, _frames + 1);
            call.Steered();
            _sending = SendAsync(_sending, body);
        }
    }

    private async Task SendAsync(Task before, UpstreamBody body)
    {
        await before;
        try { await socket.SendBesideAsync(body, call); }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException
            or OperationCanceledException or InvalidOperationException)
        {
            // whoever reads the socket sees its end
        }
    }
}
