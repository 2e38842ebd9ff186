using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Meaning;

/// <summary>
/// A turn that sends only its own words is answered from what was said before: that is right only where the conversation was kept, and only
/// this conversation.
/// </summary>
public sealed class RecallTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PocketServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Facts_AreKnownLater_OverWebSocket(bool isStored)
    {
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket, isStored: isStored);
        await person.SayAsync("My name is Laura.");
        await person.SayAsync("My ticket number is 4711.");
        Assert.Contains("Hello", await person.SayAsync("Hello!"), StringComparison.Ordinal);
        Assert.Contains("Laura", await person.SayAsync("What is my name?"), StringComparison.Ordinal);
        Assert.Contains("4711", await person.SayAsync("What is my ticket number?"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_AreKnownLater_OverHttp()
    {
        var seen = await PostAsync(new { model = "pocket", temperature = 0, input = "My name is Laura." });
        var asked = await PostAsync(new { model = "pocket", temperature = 0, input = "What is my name?", previous_response_id = seen.Id });
        Assert.Contains("Laura", asked.Said, StringComparison.Ordinal);
        Assert.True(asked.CachedTokens >= seen.InputTokens, $"cached {asked.CachedTokens} of {seen.InputTokens}");
    }

    [Fact]
    public async Task TwoFacts_OfOneSentence_AreBothKnown()
    {
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket);
        await person.SayAsync("Hi, I am Laura and I live in Rome.");
        Assert.Contains("Laura", await person.SayAsync("Who am I?"), StringComparison.Ordinal);
        Assert.Contains("Rome", await person.SayAsync("Where do I live?"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fact_IsKnown_BehindThousandsOfTokensOfWork_AndNoneOfThemIsComputedAgain()
    {
        const int Far = 2000; // tokens
        const int TurnMax = 40; // tokens that a short question and the sign that an answer follows may take
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket) { Tools = [Dialogue.Function("read", "Read a text file.", "path")] };
        await person.SayAsync("My name is Laura.");
        for (var (file, tokens) = (1, 0); tokens < Far; file++)
        {
            var call = Assert.Single((await person.SendAsync([Dialogue.User($"What is the port in lamp{file}.cfg?")])).Calls);
            var lines = string.Join('\n', Enumerable.Range(0, 60).Select(line => $"setting_{line} = {file * line}"));
            var reply = await person.SendAsync([Dialogue.Output(call, $"host = lantern\nport = {8000 + file}\n{lines}")]);
            Assert.Contains($"{8000 + file}", reply.Said, StringComparison.Ordinal);
            tokens = reply.InputTokens;
        }
        var asked = await person.SendAsync([Dialogue.User("What is my name?")]);
        Assert.Contains("Laura", asked.Said, StringComparison.Ordinal);
        Assert.InRange(asked.InputTokens - asked.CachedTokens, 1, TurnMax);
    }

    [Fact]
    public async Task ChangedFact_IsTheNewOne()
    {
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket);
        await person.SayAsync("My city is Oslo.");
        await person.SayAsync("My city is now Rome.");
        var said = await person.SayAsync("What is my city?");
        Assert.Contains("Rome", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Oslo", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forks_KnowTheirOwnBranch_AndTheTrunk()
    {
        await using var socket = await _server.ConnectAsync();
        var trunk = new Dialogue(socket, isStored: true);
        await trunk.SayAsync("My name is Laura.");
        string[] cities = ["Oslo", "Rome", "Paris"];
        var branches = cities.Select(_ => new Dialogue(socket, isStored: true) { Newest = trunk.Newest }).ToList();
        foreach (var (branch, city) in branches.Zip(cities)) await branch.SayAsync($"My city is {city}.");
        foreach (var (branch, city) in branches.Zip(cities))
        {
            Assert.Contains(city, await branch.SayAsync("What is my city?"), StringComparison.Ordinal);
            Assert.Contains("Laura", await branch.SayAsync("What is my name?"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task LanesOfOneConnection_DoNotHearEachOther()
    {
        await using var socket = await _server.ConnectAsync();
        string[] names = ["Laura", "Peter", "Emma", "Hugo"];
        var people = names.Select(name => new Dialogue(socket, lane: name)).ToList();
        foreach (var (person, name) in people.Zip(names)) await person.SayAsync($"My name is {name}.");
        foreach (var (person, name) in people.Zip(names))
            Assert.Contains(name, await person.SayAsync("What is my name?"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stranger_LearnsNothing()
    {
        await using var socket = await _server.ConnectAsync();
        await new Dialogue(socket).SayAsync("My code word is falcon.");
        await using var other = await _server.ConnectAsync();
        var stranger = new Dialogue(other);
        await stranger.SayAsync("My city is Oslo.");
        var said = await stranger.SayAsync("What is my code word?");
        Assert.DoesNotContain("falcon", said, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Reply> PostAsync(object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync("/v1/responses", content);
        return Reply.Of(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
