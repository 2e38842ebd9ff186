using Samovar.Protocol.Ids;

namespace Samovar.Tests.Protocol.Ids;

public sealed class IdSourceTests
{
    private readonly IdSource _ids = new();

    [Fact]
    public void Name_IsAVersion7Uuid_AndEightRandomBytes()
    {
        var before = DateTimeOffset.UtcNow;
        var name = _ids.Next();
        Assert.Matches("^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{31}$", name);
        var made = DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(name[..12], 16));
        Assert.InRange(made, before.AddMilliseconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal(7, Guid.ParseExact(name[..32], "N").Version);
    }

    [Fact]
    public async Task NamesOfManyThreads_AreAllDifferent_InEveryPart()
    {
        const int threads = 4, each = 1000; // more than any thread has bytes for at once
        var names = await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(
            () => Enumerable.Range(0, each).Select(_ => _ids.Next()).ToArray())));
        var all = names.SelectMany(some => some).ToList();
        Assert.Equal(all.Count, all.Select(name => name[32..]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(all.Count, all.Select(name => name[13..32]).Distinct(StringComparer.Ordinal).Count());
    }
}
