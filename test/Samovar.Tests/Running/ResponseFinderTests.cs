using System.Net;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class ResponseFinderTests
{
    [Fact]
    public async Task InputItems_AreListed_WhileItRuns_AsAfterwards()
    {
        await using var house = await new BackgroundServer().StartAsync();
        var parent = (await house.PostAsync("/v1/responses", """{"model":"m","input":"[[final=x]] first"}""")).Body.GetProperty("id");
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var created = await house.PostAsync("/v1/responses",
            $$"""{"model":"m","input":"second","background":true,"previous_response_id":"{{parent}}"}""");
        var id = created.Body.GetProperty("id").GetString()!;
        await Soon.In(gate.Reached);
        var running = (await house.GetAsync(id + "/input_items")).Body;
        Assert.Equal(3, running.GetProperty("data").GetArrayLength());
        gate.Open();
        await house.EndedAsync(id);
        Assert.Equal(running.GetRawText(), (await house.GetAsync(id + "/input_items")).Body.GetRawText());
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("cancelled")]
    [InlineData("failed")]
    public async Task InputItems_AreListed_HoweverItEnds(string ending)
    {
        await using var house = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"));
        var parent = (await house.PostAsync("/v1/responses", """{"model":"m","input":"[[final=x]] first"}""")).Body.GetProperty("id");
        var gate = house.HoldAt(ScriptPhase.Accepted);
        if (ending == "queued") await house.BeginAsync(); // it has the only place
        var created = await house.PostAsync("/v1/responses",
            $$"""{"model":"m","input":"second","background":true,"previous_response_id":"{{parent}}"}""");
        var id = created.Body.GetProperty("id").GetString()!;
        await Soon.In(gate.Reached);
        var before = (await house.GetAsync(id + "/input_items")).Body;
        Assert.Equal(3, before.GetProperty("data").GetArrayLength());
        if (ending == "failed") house.Backend.OnPhase = (_, _, _) => throw new InvalidOperationException("broken");
        if (ending == "failed") gate.Open();
        else Assert.Equal("cancelled", StatusOf((await house.CancelAsync(id)).Body));
        await house.EndedAsync(id);
        Assert.Equal(before.GetRawText(), (await house.GetAsync(id + "/input_items")).Body.GetRawText());
        await Soon.In(house.Time.WhenArmed(new ReplayOptions().KeptFor));
        house.Time.Advance(new ReplayOptions().KeptFor);
        var (status, after) = await house.GetAsync(id + "/input_items"); // noted beside the stored responses
        Assert.Equal((HttpStatusCode.OK, before.GetRawText()), (status, after.GetRawText()));
        Assert.Equal(HttpStatusCode.OK, (await house.DeleteAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(id + "/input_items")).Status);
    }

    [Fact]
    public async Task ResponseThatCannotBeRead_IsDeleted()
    {
        await using var house = await new BackgroundServer().StartAsync();
        var id = (await house.PostAsync("/v1/responses", """{"model":"m","input":"[[final=x]] hi"}""")).Body.GetProperty("id").GetString()!;
        const string chat = """{"model":"m","store":true,"messages":[{"role":"user","content":"[[final=x]] hi"}]}""";
        var made = (await house.PostAsync("/v1/chat/completions", chat)).Body.GetProperty("id").GetString()!;
        house.Store.IsUnreadable = true;
        Assert.Equal(HttpStatusCode.InternalServerError, (await house.GetAsync(id)).Status);
        Assert.Equal(HttpStatusCode.OK, (await house.DeleteAsync(id)).Status);
        using (var reply = await house.Server.Http.DeleteAsync($"/v1/chat/completions/{made}", Soon.Token))
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        house.Store.IsUnreadable = false;
        Assert.Equal(HttpStatusCode.NotFound, (await house.GetAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await house.DeleteAsync(id)).Status);
    }

    [Fact]
    public async Task TurnThatHasJustEnded_IsInMemory_AndReadThoughTheStoreIsAway()
    {
        await using var house = await new BackgroundServer().StartAsync();
        var parent = (await house.PostAsync("/v1/responses", """{"model":"m","input":"[[final=x]] first"}""")).Body.GetProperty("id");
        var id = (await house.PostAsync("/v1/responses",
            $$"""{"model":"m","input":"[[final=y]] second","background":true,"previous_response_id":"{{parent}}"}"""))
            .Body.GetProperty("id").GetString()!;
        await house.EndedAsync(id);
        house.Store.IsAway = true;
        Assert.Equal("completed", StatusOf((await house.GetAsync(id)).Body));
    }
}
