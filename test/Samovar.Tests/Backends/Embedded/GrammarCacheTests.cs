using Samovar.Backends.Embedded.Sampling;

namespace Samovar.Tests.Backends.Embedded;

public sealed class GrammarCacheTests
{
    [Fact]
    public void Grammar_IsCompiledOnce_AndTheLeastRecentlyUsedGoes()
    {
        var (cache, compiled) = (new GrammarCache(charsMax: 12), new List<string>());
        foreach (var key in new[] { "a", "a", "b", "a", "c", "b", "a" }) Assert.Equal(key + "....", Get(key));
        Assert.Equal(["a", "b", "c", "b", "a"], compiled); // two fit: c pushed b out, b then a

        string Get(string key) => cache.Get(key, () =>
        {
            compiled.Add(key);
            return key + "....";
        });
    }

    [Fact]
    public void EmptyGrammars_TakeRoomToo()
    {
        var (cache, compiled) = (new GrammarCache(charsMax: 3), 0);
        foreach (var key in new[] { "a", "b", "c", "d", "a" }) cache.Get(key, Nothing);
        Assert.Equal(5, compiled); // three fit, and the fourth pushed the first out

        string Nothing()
        {
            compiled++;
            return "";
        }
    }

    [Fact]
    public void Failure_IsNotKept()
    {
        var cache = new GrammarCache(charsMax: 10);
        Assert.Throws<FormatException>(() => cache.Get("a", () => throw new FormatException()));
        Assert.Equal("a", cache.Get("a", () => "a"));
    }

    [Fact]
    public void Key_TellsListsOfPartsApart()
    {
        using var key = new GrammarKey();
        var keys = new HashSet<string>(StringComparer.Ordinal)
        {
            key.Add("ab").Add("c").End(), key.Add("a").Add("bc").End(), key.Add("abc").End(), key.Add("ab").Add((string?)null).End(),
            key.Add("ab").Add("").End(), key.Add("ab").Add(true).End(),
        };
        Assert.Equal(6, keys.Count);
    }
}
