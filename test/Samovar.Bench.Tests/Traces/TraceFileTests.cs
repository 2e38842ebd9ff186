using System.IO.Compression;
using System.Text;
using Samovar.Bench.Traces;
using Xunit;

namespace Samovar.Bench.Tests.Traces;

public sealed class TraceFileTests : IDisposable
{
    private const string Turn = """{"t":0,"type":"n","in":130,"out":3,"hash_ids":[1,2],"stop":"tool_use","api_time":2.5,"think_time":0}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-traces-").FullName;

    [Fact]
    public void Trace_IsReadWithItsSubAgents_WhichStartBeforeTheFileHasThem()
    {
        var sub = """{"t":60.5,"type":"subagent","agent_id":"agent_001","duration_ms":50500,"system_tokens":7,"requests":["""
            + """{"t":1,"type":"s","in":64,"out":1,"hash_ids":[9]}]}""";
        var trace = Read(Trace(Turn + "," + sub));
        Assert.Equal(("trace_0001", 64, "trace-0001"), (trace.Id, trace.BlockTokens, trace.Session.Name));
        var turn = Assert.Single(trace.Session.Turns);
        Assert.Equal((130, 3, true, TimeSpan.FromSeconds(2.5)), (turn.InputTokens, turn.OutputTokens, turn.StopsForTool, turn.Took));
        Assert.Equal([1, 2], turn.Blocks);
        var agent = Assert.Single(trace.Session.SubAgents);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60.5)), (agent.StartsAt, agent.EndsAt));
        Assert.Equal(("agent_001", 7), (agent.Session.Name, agent.Session.SystemTokens));
        Assert.Equal([9], Assert.Single(agent.Session.Turns).Blocks);
    }

    [Fact]
    public void FileWithAByteOrderMark_IsReadAsOneWithout() =>
        Assert.Single(TraceFile.Read(Write([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Trace(Turn))]), new TraceLimits())
            .Session.Turns);

    [Fact]
    public void PackedFile_IsReadAsItsText()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(Encoding.UTF8.GetBytes(Trace(Turn)));
        Assert.Single(TraceFile.Read(Write(packed.ToArray()), new TraceLimits()).Session.Turns);
    }

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("[1]", "the trace is no object")]
    [InlineData("{}", "the trace has no 'id'")]
    [InlineData("""{"id":"../x","block_size":64,"requests":[]}""", "id is no name")]
    [InlineData("""{"id":"a","block_size":0,"requests":[]}""", "block_size is no whole number")]
    [InlineData("""{"id":"a","block_size":64,"requests":{}}""", "requests is no list")]
    [InlineData("""{"id":"a","block_size":64,"requests":[]}""", "requests has no request of the session's own")]
    [InlineData("""{"id":"a","block_size":64,"requests":[7]}""", "requests[0] is no object")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"x"}]}""", "requests[0].type is none of")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":-1,"out":1,"hash_ids":[]}]}""", "requests[0].in is no whole")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":1e300,"out":1,"hash_ids":[]}]}""", "requests[0].in is no whole")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":64,"hash_ids":[1]}]}""", "requests[0] has no 'out'")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":64,"out":1,"hash_ids":["1"]}]}""", "requests[0].hash_ids[0] is")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":64,"out":1,"hash_ids":[1,2,3]}]}""", "has 3 blocks of 64")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"n","in":64,"out":1,"hash_ids":[1],"t":-5}]}""", "[0].t is no time")]
    [InlineData("""{"id":"a","block_size":64,"requests":[{"type":"subagent","t":1,"agent_id":"a b","requests":[]}]}""", "id is no name")]
    public void File_ThatIsNoTrace_IsRefusedWithThePlace(string json, string expected)
    {
        var fault = Assert.Throws<TraceFileException>(() => Read(json));
        Assert.Contains("trace.json: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_ThatIsMissing_OrIsPackedWrongly_IsRefused()
    {
        Assert.Contains("cannot be read", Assert.Throws<TraceFileException>(
            () => TraceFile.Read(Path.Combine(_folder, "none.json"), new TraceLimits())).Message, StringComparison.Ordinal);
        Assert.Contains("packed wrongly", Assert.Throws<TraceFileException>(
            () => TraceFile.Read(Write([0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), new TraceLimits())).Message, StringComparison.Ordinal);
    }

    /// <summary>A small file may be packed from a very large one.</summary>
    [Fact]
    public void Bytes_AreCountedUnpacked()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(new byte[1 << 20]);
        Assert.InRange(packed.ToArray().Length, 1, 10_000);
        Assert.Contains("more than 100000 bytes", Assert.Throws<TraceFileException>(
            () => TraceFile.Read(Write(packed.ToArray()), new TraceLimits { BytesMax = 100_000 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_SubAgentsAndTheirDepth_AreBounded()
    {
        Assert.Contains("requests has 2 entries; 1 are read", Fault(Trace(Turn + "," + Turn), new TraceLimits { RequestsMax = 1 }),
            StringComparison.Ordinal);
        Assert.Contains("one sub-agent more than 1", Fault(Trace($"{Turn},{Sub(Turn)},{Sub(Turn)}"), new TraceLimits { SubAgentsMax = 1 }),
            StringComparison.Ordinal);
        Assert.Contains("stands 3 sub-agents deep", Fault(Trace(Nested(3)), new TraceLimits { DepthMax = 2 }), StringComparison.Ordinal);
        Assert.Contains("is no JSON", Fault(Trace(Nested(40)), new TraceLimits { DepthMax = 100 }), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Nested(int depth) => depth == 0 ? Turn : Turn + "," + Sub(Nested(depth - 1));

    private static string Sub(string requests) => """{"type":"subagent","t":1,"agent_id":"a","requests":[""" + requests + "]}";

    private static string Trace(string requests) => """{"id":"trace_0001","block_size":64,"requests":[""" + requests + "]}";

    private string Fault(string json, TraceLimits limits) =>
        Assert.Throws<TraceFileException>(() => TraceFile.Read(Write(Encoding.UTF8.GetBytes(json)), limits)).Message;

    private TraceFile Read(string json) => TraceFile.Read(Write(Encoding.UTF8.GetBytes(json)), new TraceLimits());

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_folder, "trace.json");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
