using System.Text;
using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Traces;
using Samovar.Bench.Transport;
using Samovar.Testing.Models;
using Xunit;

namespace Samovar.Bench.Tests.Transport;

/// <summary>The transport benchmark at its smallest, whole: what is counted and what must not fail. Never how fast.</summary>
public sealed class TransportWorkloadTests : IDisposable
{
    private static readonly TransportBackend Provider = TransportBackend.All.Single(backend => backend.Name == "provider-1000");
    private static readonly TransportBackend Engine = TransportBackend.All.Single(backend => backend.Name == "engine");
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-runs-").FullName;

    [Fact]
    public async Task EveryTransport_EndsTheTask_AndSendsWhatItsKindSends()
    {
        var task = AgentTask.Even("small", "", turns: 4, newBytes: 1200, outputBytes: 60, instructions: 3000, tools: 2400);
        TransportKind[] kinds = [.. TransportKind.All.Where(kind => !kind.PostsFirst)]; // which opens two connections
        var samples = await RunAsync(Provider, kinds, task);
        Assert.Equal(kinds.Length * 4, samples.Count);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        var up = samples.GroupBy(sample => sample.Cell.Transport)
            .ToDictionary(kind => kind.Key, kind => kind.Sum(sample => sample.BytesUp));
        Assert.True(up["ws-bare"] < up["ws"] && up["ws"] < up["http-whole"], string.Join(' ', up));
        Assert.InRange(up["ws-deflate"], 1, up["ws"] - 1);
        Assert.True(up["ws-bare-deflate"] < up["ws-deflate"], string.Join(' ', up));
        Assert.All(samples, sample => Assert.Equal(sample.Turn > 1 || IsAhead(sample) ? 0 : 1, sample.Handshakes));
        Assert.All(samples.Where(sample => sample.Turn == 1), sample =>
        {
            Assert.Equal(sample.InputTokens, sample.NewTokens);
            Assert.Equal(sample.InputTokens, sample.PrefilledTokens); // no round finds what another has said
        });
        Assert.All(samples.Where(sample => sample.Turn > 1), sample => Assert.InRange(sample.NewTokens, 290, 340));
        Assert.Equal(["http-direct", "http-stored-direct", "ws-direct"], // no record of ours there
            samples.Where(sample => sample.PrefillMs is null).Select(sample => sample.Cell.Transport).Distinct().Order());
        Assert.All(samples.Where(sample => sample.PrefillMs is not null), sample =>
            Assert.InRange(sample.LinkMs!.Value + sample.QueueMs!.Value + sample.PrefillMs!.Value + sample.DecodeMs!.Value,
                sample.TotalMs * 0.99 - 1, double.MaxValue));
    }

    private static bool IsAhead(TurnSample sample) => sample.Cell.Transport.EndsWith("-ahead", StringComparison.Ordinal);

    [Fact]
    public async Task Engine_AnswersEveryTransport_AndComputesWhatIsNew()
    {
        var task = AgentTask.Even("small", "", turns: 3, newBytes: 120, outputBytes: 64, instructions: 100, tools: 60);
        TransportKind[] kinds = [TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.Socket, TransportKind.SocketBare,
            TransportKind.ChatWhole];
        var samples = await RunAsync(Engine, kinds, task);
        Assert.Equal(kinds.Length * 3, samples.Count);
        Assert.All(samples, sample =>
        {
            Assert.Null(sample.Error);
            Assert.InRange(sample.OutputTokens, 1, 16);
            Assert.NotNull(sample.ServerCpuMs);
            Assert.NotNull(sample.DecodeMs);
        });
        Assert.All(samples.Where(sample => sample.Turn > 1), sample =>
        {
            Assert.InRange(sample.NewTokens, 1, sample.InputTokens / 2);
            Assert.InRange(sample.PrefilledTokens, 1, sample.NewTokens + 64);
        });
    }

    [Theory]
    [InlineData("sub-agents-lanes", "ws", 1)]
    [InlineData("sub-agents-lanes", "ws-bare", 1)]
    [InlineData("sub-agents-lanes", "ws-deflate", 1)]
    [InlineData("sub-agents-sockets", "ws", 4)]
    [InlineData("sub-agents-lanes", "http-whole", 4)]
    public async Task SubAgents_SpeakOverLanesOrConnections(string name, string transport, int connections)
    {
        var task = SubAgentTasks.All.Single(one => one.Name == name).Scaled(0.2);
        var samples = await RunAsync(Provider, [TransportKind.All.Single(kind => kind.Name == transport)], task);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        Assert.Equal(connections, samples.Sum(sample => sample.Handshakes));
        Assert.Equal([("1", 5), ("agent-1", 6), ("agent-2", 6), ("agent-3", 6)],
            samples.GroupBy(sample => sample.Session).Select(session => (session.Key, session.Count())).Order());
        Assert.All(samples, sample =>
        {
            Assert.True(sample.BytesUp > 0);
            Assert.True(sample.BytesDown > 0 || connections == 1); // what came in one read for several lanes counts for one of them
            Assert.Null(sample.ServerCpuMs); // others ran beside it
        });
    }

    [Theory]
    [InlineData("provider-1000", "http-whole")]
    [InlineData("provider-1000", "http-stored")]
    [InlineData("provider-1000", "ws-bare")]
    [InlineData("provider-1000", "chat-whole")]
    [InlineData("engine", "ws-bare")]
    [InlineData("engine", "http-whole")]
    public async Task Trace_WithAShrinkAndASubAgent_IsPlayedToItsEnd(string backend, string transport)
    {
        var on = TransportBackend.All.Single(one => one.Name == backend);
        var tasks = new TraceTasks(TraceFile.Read(Trace(), new TraceLimits()), new TracePlay(on == Engine ? 0.1 : 1, TimeSpan.Zero)).All();
        var samples = await RunAsync(on, [TransportKind.All.Single(kind => kind.Name == transport)], [.. tasks]);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        Assert.Equal(["trace-0001-lanes", "trace-0001-sockets"], samples.Select(sample => sample.Cell.Workload).Distinct().Order());
        foreach (var played in samples.GroupBy(sample => sample.Cell.Workload))
        {
            Assert.Equal([("1", 3), ("agent_001", 2)],
                played.GroupBy(sample => sample.Session).Select(session => (session.Key, session.Count())).Order());
            var parent = played.Where(sample => sample.Session == "1").OrderBy(sample => sample.Turn).ToList();
            Assert.True(parent[2].InputTokens < parent[1].InputTokens, "the shrink");
            Assert.InRange(parent[1].NewTokens, 1, parent[1].InputTokens / 2);
            Assert.InRange(parent[2].NewTokens, parent[2].InputTokens / 4, parent[2].InputTokens); // all but what it begins with
            if (on != Engine) // a byte-pair vocabulary has no four bytes a token
                Assert.All(parent.Zip([1280, 2560, 1920]), pair =>
                    Assert.InRange(pair.First.InputTokens, pair.Second * 0.85, pair.Second * 1.3));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Trace()
    {
        var path = Path.Combine(_folder, "trace_0001.json");
        File.WriteAllText(path, $$"""
            {"id":"trace_0001","block_size":64,"tool_tokens":400,"system_tokens":200,"requests":[
            {"t":0,"type":"n","in":1280,"out":40,"hash_ids":[{{Ids(1, 20)}}],"stop":"tool_use","api_time":1},
            {"t":9,"type":"subagent","agent_id":"agent_001","duration_ms":7000,"tool_tokens":100,"system_tokens":64,"requests":[
              {"t":0,"type":"n","in":640,"out":20,"hash_ids":[{{Ids(500, 10)}}],"stop":"tool_use"},
              {"t":2,"type":"s","in":960,"out":20,"hash_ids":[{{Ids(500, 15)}}],"stop":"end_turn"}]},
            {"t":10,"type":"n","in":2560,"out":40,"hash_ids":[{{Ids(1, 40)}}],"stop":"tool_use","api_time":1,"think_time":8},
            {"t":20,"type":"n","in":1920,"out":40,"hash_ids":[{{Ids(1, 10)}},{{Ids(90, 20)}}],"stop":"end_turn"}]}
            """, Encoding.UTF8);
        return path;
    }

    private static string Ids(int first, int count) => string.Join(',', Enumerable.Range(first, count));

    private async Task<IReadOnlyList<TurnSample>> RunAsync(
        TransportBackend backend, IReadOnlyList<TransportKind> kinds, params IReadOnlyList<AgentTask> tasks)
    {
        var run = RunFolder.Open(Path.Combine(_folder, "run"), RunFacts.Here("test", TimeProvider.System));
        var model = RandomModel.Ensure(Path.Combine(Path.GetTempPath(), "samovar-models"), RandomModelSize.Tiny);
        await new TransportWorkload(new TransportPlan(_ => tasks, kinds, [backend], [LinkShape.Lan], Rounds: 1), run, model, atOnce: 2,
            hasTls: false, new NoScreen()).RunAsync(TestContext.Current.CancellationToken);
        return run.Samples();
    }
}
