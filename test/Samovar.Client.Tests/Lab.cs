using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Client.Tests;

/// <summary>A real server over a scripted model, and clients of it.</summary>
internal sealed class Lab : IAsyncDisposable
{
    public static readonly RawJson Tools = RawJson.Of("""
        [{"type":"function","name":"look","description":"Looks at a place.","parameters":{"type":"object",
        "properties":{"place":{"type":"string"}},"required":["place"]}}]
        """);

    private Lab(RunningServer server, ScriptedBackend backend) => (Server, Backend) = (server, backend);

    public RunningServer Server { get; }
    public ScriptedBackend Backend { get; }
    public Uri BaseUrl => new(Server.Address, "/v1");

    public static async Task<Lab> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var backend = new ScriptedBackend(new IdSource());
        return new Lab(await RunningServer.StartAsync(backend, settings), backend);
    }

    /// <summary>Does not wait long between tries, and chooses by a seed.</summary>
    public static ResponsesOptions Quick(TransportChoice transport = TransportChoice.Auto) => new()
    {
        Transport = transport,
        BackoffFirst = TimeSpan.FromMilliseconds(1),
        BackoffMax = TimeSpan.FromMilliseconds(5),
        PollInterval = TimeSpan.FromMilliseconds(5),
        Random = new Random(1),
    };

    public ResponsesConnection Connect(TransportChoice transport = TransportChoice.Auto) => new(BaseUrl, Quick(transport));

    public static ResponseRequest Say(string text, bool? store = null) =>
        ResponseRequest.Of(text) with { Model = "scripted", Store = store };

    public static ResponseRequest Answer(FunctionCallItem call, string output) =>
        new() { Model = "scripted", Tools = Tools, Input = [InputItems.FunctionOutput(call.CallId, output)] };

    public static async Task<List<TurnEvent>> ListAsync(IAsyncEnumerable<TurnEvent> events)
    {
        var all = new List<TurnEvent>();
        await foreach (var e in events) all.Add(e);
        return all;
    }

    public static string TextOf(IEnumerable<TurnEvent> events) =>
        string.Concat(events.OfType<TurnEvent.TextDelta>().Select(delta => delta.Delta));

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
