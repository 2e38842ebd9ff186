using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Chat;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Hostile;

/// <summary>Whatever an upstream says, it is the upstream's fault or an answer that clients can read, now and when it is fetched
/// again.</summary>
public sealed class HostileUpstreamTests
{
    [Fact]
    public Task ChatStream_IsReportedOrMalformed_WhateverStandsInIt() => HoldsAsync(UpstreamSamples.Chat, ReadChat);

    [Fact]
    public Task MessagesStream_IsReportedOrMalformed_WhateverStandsInIt() => HoldsAsync(UpstreamSamples.Messages, ReadMessages);

    [Fact]
    public Task ResponsesStream_IsReportedOrMalformed_WhateverStandsInIt() => HoldsAsync(UpstreamSamples.Responses, ReadResponses);

    private static async Task HoldsAsync(string[] stream, Func<IEnumerable<byte[]>, List<BackendEvent>> read)
    {
        var backend = new ReplayBackend();
        await using var hostile = await HostileServer.StartAsync(backend);
        var good = stream.Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        backend.Next = read(good);
        Assert.NotNull(await hostile.PostAsync("/v1/responses", "as it is", Ask));
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var (place, nasty) in Places.Sampled(stream[at], step: 2))
            {
                if (Read(hostile, place, () => read([.. good[..at], nasty, .. good[(at + 1)..]])) is not { } events) continue;
                backend.Next = events;
                if (await hostile.PostAsync("/v1/responses", place, Ask) is { } answer) await hostile.ReadBackAsync(place, answer);
                await hostile.PostAsync("/v1/messages", place, AskMessages);
            }
        }
        hostile.AssertClean();
        Assert.Equal(0, hostile.Refused);
    }

    private static readonly byte[] Ask = [.. """{"model":"m","input":"hi"}"""u8];
    private static readonly byte[] AskMessages = [.. """{"model":"m","max_tokens":16,"messages":[{"role":"user","content":"hi"}]}"""u8];

    private static List<BackendEvent>? Read(HostileServer hostile, string place, Func<List<BackendEvent>> read)
    {
        try
        {
            return read() is var events && IsInOrder(events) ? events : null;
        }
        catch (Exception exception) when (exception is UpstreamException or JsonException or IOException)
        {
            return null; // another destination is asked
        }
        catch (Exception exception)
        {
            hostile.Note($"{place}: {exception}");
            return null;
        }
    }

    /// <summary>Streams whose parts are missing are another test's.</summary>
    private static bool IsInOrder(List<BackendEvent> events)
    {
        var isOpen = false;
        foreach (var e in events.Skip(1))
        {
            switch (e)
            {
                case BackendEvent.MessageStarted or BackendEvent.ReasoningStarted or BackendEvent.FunctionCallStarted
                    or BackendEvent.CustomCallStarted or BackendEvent.CarriedStarted:
                    if (isOpen) return false;
                    isOpen = true;
                    break;
                case BackendEvent.Delta or BackendEvent.RefusalDelta or BackendEvent.SummaryDelta:
                    if (!isOpen) return false;
                    break;
                case BackendEvent.ItemDone:
                    if (!isOpen) return false;
                    isOpen = false;
                    break;
            }
        }
        return events[0] is BackendEvent.Accepted;
    }

    private static List<BackendEvent> ReadChat(IEnumerable<byte[]> stream)
    {
        var reader = new ChatReader(Calls.Of("chat"));
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(EventCheck.Checked(json), events);
        if (reader.Sign == FinishSign.None) throw new IOException();
        reader.End(isMarked: true, events);
        events.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason) { StopSequence = reader.StopSequence });
        return events;
    }

    private static List<BackendEvent> ReadMessages(IEnumerable<byte[]> stream)
    {
        var reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(EventCheck.Checked(json), events);
        if (!reader.IsEnded) throw new IOException();
        events.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason) { StopSequence = reader.StopSequence });
        return events;
    }

    private static List<BackendEvent> ReadResponses(IEnumerable<byte[]> stream)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(EventCheck.Checked(json), events);
        if (!reader.IsEnded) throw new IOException();
        events.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason));
        return events;
    }
}
