using System.Text;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

public sealed class CarriedEventsTests
{
    private const string Snapshot = """ "response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"output":[]} """;
    private const string Item = """ "item":{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[]} """;

    [Theory]
    [InlineData(LogForm.Written)]
    [InlineData(LogForm.EndAlone)]
    public async Task WhatCame_NeedNotComeAgain_WhetherItIsKeptOrNot(LogForm form)
    {
        var carried = New(form);
        Assert.Equal(-1, carried.Newest);
        await AddAsync(carried, 0, 1);
        Assert.Equal(1, carried.Newest);
    }

    [Theory]
    [InlineData(LogForm.Written)]
    [InlineData(LogForm.EndAlone)]
    public async Task WhatComesFromTheFirstEventOnAgain_IsNotThereTwice(LogForm form)
    {
        var carried = New(form);
        using var reader = carried.Log.OpenForEnd();
        await AddAsync(carried, 0, 1);
        await AddAsync(carried, 0, 1);
        Assert.Equal(1, carried.Newest);
        carried.End(new ApiException(Errors.NodeLost));
        Assert.True(reader.TryRead(out var end));
        var response = JsonDocument.Parse(end.Json).RootElement.GetProperty("response");
        Assert.Single(response.GetProperty("output").EnumerateArray());
        Assert.Equal("failed", response.GetProperty("status").GetString());
    }

    /// <summary>Told from the store there are whole items and no pieces: half an answer would pass for whole.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndBehindWhatIsMissing_IsNoneOfAStreamThatIsTranslated(bool areTranslated)
    {
        var carried = new CarriedEvents(new ResponseId("resp_1"), LogForm.Events, new LogBounds(1 << 20), areTranslated);
        await AddAsync(carried, 0, 1);
        var json = Encoding.UTF8.GetBytes($$"""{"type":"response.completed","sequence_number":9,{{Snapshot}}}""");
        var end = new LoggedEvent(9, "response.completed", json, IsTerminal: true);
        Assert.Equal(!areTranslated, await carried.TryAddAsync(end, Soon.Token));
    }

    private static CarriedEvents New(LogForm form) => new(new ResponseId("resp_1"), form, new LogBounds(1 << 20));

    private static async Task AddAsync(CarriedEvents carried, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            var (type, fields) = number == 0 ? ("response.created", Snapshot) : ("response.output_item.done", Item);
            var json = Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","sequence_number":{{number}},{{fields}}}""");
            Assert.True(await carried.TryAddAsync(new LoggedEvent(number, type, json, IsTerminal: false), Soon.Token));
        }
    }
}
