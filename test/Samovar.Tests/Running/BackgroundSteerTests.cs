using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

/// <summary>A background response has no connection whose client could speak to it, whoever reads its events.</summary>
public sealed class BackgroundSteerTests : IAsyncLifetime
{
    private readonly BackgroundServer _house = new();

    public async ValueTask InitializeAsync() => await _house.StartAsync();
    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Theory]
    [InlineData(ScriptPhase.Begun)] // queued
    [InlineData(ScriptPhase.Finishing)]
    internal async Task BackgroundResponse_TakesNoWords(ScriptPhase at)
    {
        var gate = _house.HoldAt(at);
        var id = await _house.BeginStreamAsync("[[final=fine]]");
        await Soon.In(gate.Reached);
        await using var socket = await _house.Server.ConnectAsync();
        await socket.SendAsync(Steer(id));
        Assert.Equal("response_not_found", CodeOf(await Soon.In(socket.ReceiveAsync())));
        await socket.SendAsync(Inject(id));
        Assert.Equal("response_not_found", CodeOf(await Soon.In(socket.ReceiveAsync())));
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}"}""");
        while (TypeOf(await Soon.In(socket.ReceiveAsync())) != "response.queued") { }
        await socket.SendAsync(Steer(id));
        JsonElement e;
        while (TypeOf(e = await Soon.In(socket.ReceiveAsync())) != "response.steer.failed") { }
        Assert.Equal("steering_not_supported", CodeOf(e));
        gate.Open();
        Assert.Equal("response.completed", TypeOf((await socket.ReceiveTurnAsync())[^1]));
        var all = await _house.ReplayAsync(id);
        Assert.DoesNotContain(all, e => TypeOf(e).StartsWith("response.steer", StringComparison.Ordinal));
        Assert.Equal(1, _house.Backend.Turns);
    }

    private static string Steer(string id) => $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"x"}""";

    private static string Inject(string id) =>
        $$"""{"type":"response.inject","response_id":"{{id}}","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""";
}
