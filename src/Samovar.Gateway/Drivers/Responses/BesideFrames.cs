using System.Net.WebSockets;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Gateway.Wire.Sockets;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Frames that go to an upstream beside the response that it makes, one after the other.</summary>
internal sealed class BesideFrames(UpstreamCall call, UpstreamSocket socket)
{
    private readonly List<IReadOnlyList<Item>> _said = [];
    private Task _sending = Task.CompletedTask;

    /// <summary>Held while something is sent, or what was sent is looked at.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The upstream's name of its response; null before it has one.</summary>
    public string? Response { get; set; }

    /// <summary>Whether nothing is sent any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Ends when all was sent; never faults.</summary>
    public Task Sending { get { lock (Gate) return _sending; } }

    /// <summary>Everything that was sent and not forgotten, in its order: what the response that follows by itself answers.</summary>
    public IReadOnlyList<Item> Said { get { lock (Gate) return [.. _said.SelectMany(static items => items)]; } }

    /// <summary>To be called under the gate.</summary>
    /// <param name="type">The frame's.</param>
    /// <param name="nameField">The field that names the response.</param>
    /// <param name="items">Its input.</param>
    public void Send(string type, string nameField, IReadOnlyList<Item> items)
    {
        var context = items.Select(static item => new ContextItem(CallRepair.Of(item), IsForeign: false));
        var body = new UpstreamBody().Field("type", type).Field(nameField, Response!)
            .Array("input", ResponsesItems.For(context, call, isOwnCall: static _ => true)).End(); // it answers what is being made
        _said.Add(items);
        _sending = SendAsync(_sending, body);
    }

    /// <summary>Nothing that follows answers these.</summary>
    public void Forget(IReadOnlyList<Item> items)
    {
        lock (Gate) _said.RemoveAll(said => ReferenceEquals(said, items));
    }

    /// <summary>The response itself has this one.</summary>
    public void ForgetOne(Item item)
    {
        lock (Gate)
            for (var at = 0; at < _said.Count; at++)
                if (_said[at].Contains(item)) _said[at] = [.. _said[at].Where(other => !ReferenceEquals(other, item))];
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
