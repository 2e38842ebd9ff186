using System.Text.Json;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
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
        Assert.All(written.Where(e => e.Type is "response.created" or "response.completed"), e => Assert.False(e.Written.IsEmpty));
        Assert.All(written.Where(e => e.Type is "response.output_text.delta"), e => Assert.True(e.Written.IsEmpty)); // it holds less
    }

    private async Task<List<LoggedEvent>> AllAsync(LogForm form)
    {
        var events = new List<LoggedEvent>();
        using var reader = (await RunAsync(form)).Open();
        while (await reader.WaitAsync(Soon.Token))
            if (reader.TryRead(out var e)) events.Add(e);
        return events;
    }

    private async Task<EventLog> RunAsync(LogForm form)
    {
        var request = new TurnRequest
        {
            Tenant = new TenantId("alice"), Request = Ask.Stored("hi"), Parents = new StoredParents(new TenantId("alice"), _house.Store),
            Events = ResponseEventOptions.Default, Form = form,
        };
        var running = _house.Pipeline.Begin(request, Soon.Token);
        var log = await Soon.In(running.Began);
        await Soon.In(running.Ended);
        return log;
    }
}
