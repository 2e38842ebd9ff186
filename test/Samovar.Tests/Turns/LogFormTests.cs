using System.Text.Json;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>A log writes what its readers ask for, and no more.</summary>
public sealed class LogFormTests : IDisposable
{
    private readonly CoreHouse _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task WholeAnswer_IsTheOnlyEventThatIsWritten()
    {
        var log = await RunAsync(LogForm.EndAlone);
        using var reader = log.OpenForEnd();
        Assert.True(await reader.WaitAsync(Soon.Token));
        Assert.True(reader.TryRead(out var end));
        Assert.Equal((true, "response.completed", 0), (end.IsTerminal, end.Type, end.Number));
        Assert.Equal(end.Json.Length, log.Bytes);
        using var json = JsonDocument.Parse(end.Json);
        Assert.Equal("completed", json.RootElement.GetProperty("response").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Events_AreKeptAsTheyAre_ForAnotherProtocol()
    {
        var (written, kept) = (await AllAsync(LogForm.Written), await AllAsync(LogForm.Events));
        Assert.Equal(written.Select(e => (e.Number, e.Type, e.IsTerminal)), kept.Select(e => (e.Number, e.Type, e.IsTerminal)));
        Assert.All(kept, e => Assert.True(e.Written.IsEmpty && e.Event is not null && e.Bytes > 0));
        Assert.All(written, e => Assert.True(e.Written.IsEmpty == e.Event is not null && !e.Json.IsEmpty && e.Bytes > 0));
        Assert.All(written.Where(e => e.Type is "response.completed"), e => Assert.False(e.Written.IsEmpty)); // before it is kept
        Assert.All(written.Where(e => e.Type is "response.created" or "response.in_progress"), e => Assert.True(e.Written.IsEmpty));
        Assert.All(written.Where(e => e.Type is "response.output_text.delta"), e => Assert.True(e.Written.IsEmpty)); // it holds less
    }

    [Fact]
    public async Task Snapshot_CountsWhatItEchoes_AndIsWrittenAtOnceWhereThatIsMuch()
    {
        foreach (var (chars, isKept) in new[] { (20_000, true), (300_000, false) })
        {
            var schema = RawJson.Of($$"""{"type":"object","description":"{{new string('x', chars)}}"}""");
            var request = Ask.Stored("hi") with { Format = new TextFormat.JsonSchema("answer", schema, Strict: true, Description: null) };
            var created = (await AllAsync(LogForm.Written, request))[0];
            Assert.Equal("response.created", created.Type);
            Assert.Equal(isKept, created.Event is not null);
            Assert.InRange(created.Bytes, created.Json.Length, long.MaxValue);
        }
    }

    [Fact]
    public async Task PiecesThatNobodyReads_AreCounted_AllTheSame()
    {
        using var house = new CoreHouse(turns: options => options.LogBytesMax = 65_536);
        var log = await RunAsync(LogForm.EndAlone, Ask.Stored($"[[final={new string('x', 200_000)}]]"), house);
        using var reader = log.OpenForEnd();
        Assert.True(await reader.WaitAsync(Soon.Token));
        Assert.True(reader.TryRead(out var end));
        Assert.Equal("response.failed", end.Type);
    }

    private async Task<List<LoggedEvent>> AllAsync(LogForm form, CreateRequest? request = null)
    {
        var events = new List<LoggedEvent>();
        using var reader = (await RunAsync(form, request)).Open();
        while (await reader.WaitAsync(Soon.Token))
            if (reader.TryRead(out var e)) events.Add(e);
        return events;
    }

    private async Task<EventLog> RunAsync(LogForm form, CreateRequest? asked = null, CoreHouse? house = null)
    {
        var request = new TurnRequest
        {
            Tenant = new TenantId("alice"), Request = asked ?? Ask.Stored("hi"),
            Parents = new StoredParents(new TenantId("alice"), (house ?? _house).Store),
            Events = ResponseEventOptions.Default, Form = form,
        };
        var running = (house ?? _house).Pipeline.Begin(request, Soon.Token);
        var log = await Soon.In(running.Began);
        await Soon.In(running.Ended);
        return log;
    }
}
