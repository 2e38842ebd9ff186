using Microsoft.Extensions.DependencyInjection;
using Samovar.Engine;

namespace Samovar.Tests.Meaning;

/// <summary>Whoever waits while others work is remembered, word for word, wherever the cells went meanwhile.</summary>
public sealed class EvictionTests
{
    [Theory]
    [InlineData("1073741824")] // rows are parked in host memory and come back
    [InlineData("0")] // nothing may be parked: what gave way is computed again
    public async Task Everybody_IsRememberedAmongOthers(string parkedBytes)
    {
        await using var server = await PocketServer.StartAsync(("Engine:ContextTokens", "1024"), ("Engine:ParkedBytesMax", parkedBytes));
        // six over two streams: somebody always has to give way
        string[] names = ["Laura", "Peter", "Emma", "Hugo", "Frank", "Nina"];
        await using var socket = await server.ConnectAsync();
        var people = names.Select(name => new Dialogue(socket, lane: name)).ToList();
        foreach (var (person, name) in people.Zip(names)) await person.SayAsync($"My name is {name}.");
        for (var round = 0; round < 3; round++)
            foreach (var (person, name) in people.Zip(names))
                Assert.Contains(name, await person.SayAsync("What is my name?"), StringComparison.Ordinal);
        var counters = server.Services.GetRequiredService<ISequenceEngine>().Counters;
        Assert.Equal(parkedBytes != "0", counters.Restores > 0);
    }
}
