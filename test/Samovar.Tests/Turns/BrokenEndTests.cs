using System.Buffers;
using System.Text;
using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>Turns whose very end breaks: the client still gets one terminal answer, the lane and the place go on.</summary>
public sealed class BrokenEndTests
{
    [Theory]
    [InlineData(true)] // behind a good end
    [InlineData(false)] // behind a bad one
    public async Task RecordThatCannotBeWritten_HurtsNobody(bool endsWell)
    {
        using var house = new CoreHouse(requests: new BrokenRequestLog());
        await using var session = house.Sessions.Open(TenantId.Local);
        if (!endsWell) FailWith(house, new ApiException(Errors.Internal));
        Assert.Equal(endsWell ? "completed" : "failed", (await CoreHouse.SendAsync(session, Ask.Text("one"), Soon.Token)).Status);
        house.Backend.OnPhase = null;
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Text("two"), Soon.Token)).Status); // the lane lives
        await Soon.In(house.Pipeline.DrainAsync(Soon.Token));
        Assert.Equal(0, house.Pipeline.Running);
    }

    [Fact]
    public async Task EndThatCannotBeWritten_IsReportedInShort()
    {
        using var memory = new LostMemory();
        using var house = new CoreHouse();
        await using var session = house.Sessions.Open(TenantId.Local);
        FailWith(house, new ApiException(Errors.Internal), memory.Lose);
        var request = Ask.Text("one") with { Metadata = new RawJson(memory.Memory) };
        var seen = await CoreHouse.SendAsync(session, request, Soon.Token);
        Assert.Equal(("response.failed", "server_error"), (seen.Types[^1], seen.ErrorCode));
        house.Backend.OnPhase = null;
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Text("two"), Soon.Token)).Status);
    }

    [Fact]
    public async Task ParentsThatBreak_DoNotHideTheEnd()
    {
        using var house = new CoreHouse();
        FailWith(house, new ApiException(Errors.RateLimited, TimeSpan.FromSeconds(1)));
        var turn = house.Pipeline.Begin(
            new TurnRequest { Tenant = TenantId.Local, Request = Ask.Text("hi"), Parents = new BrokenParents() }, Soon.Token);
        Assert.Equal("failed", (await SeenEvents.ReadAsync(await turn.Began, Soon.Token)).Status);
        Assert.Null(await Soon.In(turn.Ended));
        Assert.Equal(0, house.Pipeline.Running);
    }

    private static void FailWith(CoreHouse house, ApiException error, Action? before = null) => house.Backend.OnPhase = (_, phase, _) =>
    {
        if (phase != ScriptPhase.Finishing) return default;
        before?.Invoke();
        throw error;
    };

    private sealed class BrokenRequestLog : IRequestLog
    {
        public void Write(RequestRecord record) => throw new IOException("The disk is full.");
    }

    private sealed class BrokenParents : IParentSource
    {
        public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => default;
        public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) => default;
        public ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
            IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled) => throw new NotSupportedException();
        public void Keep(ChainNode node) { }
        public void Fail(ResponseId? previous, TurnFailure failure) => throw new IOException("Nothing is left.");
    }

    /// <summary>Bytes that can be read until they are lost; so many that snapshots with them are written at once.</summary>
    private sealed class LostMemory : MemoryManager<byte>
    {
        private readonly byte[] _bytes = Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 300_000)}}"}""");
        private bool _isLost;

        public void Lose() => _isLost = true;
        public override Span<byte> GetSpan() => _isLost ? throw new ObjectDisposedException(nameof(LostMemory)) : _bytes;
        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();
        public override void Unpin() { }
        protected override void Dispose(bool disposing) { }
    }
}
