using System.Globalization;
using Samovar.Bench.Peers;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>What a workload asks of a server before it starts.</summary>
/// <param name="Branches">Conversations and their branches, counted together.</param>
/// <param name="ContextTokens">The longest context, the answer included.</param>
/// <param name="Memory">What the server may keep; null: what it takes by itself.</param>
internal sealed record EngineNeeds(int Branches, int ContextTokens, EngineMemory? Memory = null);

/// <summary>The same room for every server: cells for so many contexts of full length, and host memory for those that wait.</summary>
internal sealed record EngineMemory(int Contexts, long HostBytes);

/// <summary>A server with its settings, and how clients speak to it.</summary>
/// <param name="Name">As samples have it: <c>engine</c> is Samovar's own.</param>
/// <param name="Transport">As samples have it.</param>
/// <param name="IsPrivate">Whether each branch has cells of its own, so that there are as many as branches, whatever they take.</param>
internal sealed record EngineContender(
    string Name, string Transport, Func<EngineNeeds, Task<IEngineTarget>> StartAsync, bool IsPrivate = false)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(5);

    /// <param name="model">The GGUF file that all of them load.</param>
    /// <param name="peer">A llama-server program; null leaves it out.</param>
    public static IReadOnlyList<EngineContender> All(string model, string? peer)
    {
        EngineContender[] own =
        [
            new("engine", "http-stored", async needs => await SamovarAsync(model, needs, isContinued: true)),
            new("engine", "chat-whole", async needs => await SamovarAsync(model, needs, isContinued: false)),
        ];
        return peer is null ? own :
        [
            .. own,
            new("llama-server", "chat-whole", needs => PeerAsync(peer, model, LlamaServerSetup.Defaults, needs)),
            new("llama-server-shared", "chat-whole", needs => PeerAsync(peer, model, LlamaServerSetup.SharedCells, needs)),
            new("llama-server-slots", "chat-whole", needs => PeerAsync(peer, model, LlamaServerSetup.SlotForEach, needs), IsPrivate: true),
        ];
    }

    private static async Task<IEngineTarget> SamovarAsync(string model, EngineNeeds needs, bool isContinued)
    {
        string[] arguments = ["--model", model, "--log-level", "Warning"];
        if (needs.Memory is { } memory)
            arguments = [.. arguments, "--ctx", Text(needs.ContextTokens), "--streams", Text(memory.Contexts),
                "--parked-bytes", Text(memory.HostBytes)];
        var server = await ServerProcess.StartAsync(arguments, StartMax);
        return isContinued ? new ContinuingTarget(server.BaseUrl, server) : new ResendingTarget(server.BaseUrl, server);
    }

    private static async Task<IEngineTarget> PeerAsync(string program, string model, LlamaServerSetup setup, EngineNeeds needs)
    {
        var server = await LlamaServer.StartAsync(program, model, setup, needs.Branches, needs.ContextTokens,
            needs.Memory is { } memory ? new LlamaServerMemory(memory.Contexts, memory.HostBytes) : null);
        return new ResendingTarget(server.BaseUrl, server, setup == LlamaServerSetup.SlotForEach);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
