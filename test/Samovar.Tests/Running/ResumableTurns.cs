using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

/// <summary>A server whose sockets can resume what they lost, under a clock that stands.</summary>
public abstract class ResumableTurns : IAsyncDisposable
{
    private protected const string Create =
        """{"type":"response.create","model":"m","input":"[[final=one two three]]","resume_key":"k1"}""";
    private protected static readonly TimeSpan Grace = TimeSpan.FromSeconds(17); // no other timer is due then
    private protected ManualTime Time { get; } = new();
    private protected ScriptedBackend Backend { get; } = new(new IdSource());
    private protected RunningServer Server { get; private set; } = null!;

    public async ValueTask DisposeAsync()
    {
        if (Server is null) return;
        var ending = Server.DisposeAsync().AsTask();
        while (!ending.IsCompleted) // a server waits for what runs, by a clock that stands
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await ending;
        GC.SuppressFinalize(this);
    }

    private protected async Task<PhaseGate> StartAsync(ScriptPhase? holdAt = null)
    {
        var gate = new PhaseGate();
        Backend.OnPhase = (_, phase, cancelled) => phase == holdAt ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        await StartServerAsync();
        return gate;
    }

    private protected async Task StartServerAsync(params (string Name, string Value)[] settings) => Server = await RunningServer.StartAsync(
        Backend, settings.Append(("Replay:OrphanGrace", Grace.ToString())).ToDictionary(
            static setting => setting.Item1, static setting => (string?)setting.Item2),
        services => services.AddSingleton<TimeProvider>(Time));

    private protected Task<ClientSocket> ConnectAsync() => Server.ConnectAsync(query: "?resume=true");

    private protected Task SoonOrphanedAsync() => Soon.In(Time.WhenArmed(Grace));

    private protected static string Resume(string id, int after) => after < 0
        ? $$"""{"type":"response.resume","response_id":"{{id}}"}"""
        : $$"""{"type":"response.resume","response_id":"{{id}}","starting_after":{{after}}}""";

    private protected static string Steer(string id, string text) =>
        $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"{{text}}"}""";

    private protected static string IdOf(JsonElement e) => e.GetProperty("response").GetProperty("id").GetString()!;
}
