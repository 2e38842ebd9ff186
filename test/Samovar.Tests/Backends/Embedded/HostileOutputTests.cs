using System.Text.Json;
using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Ids;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a model that went astray writes costs as much as it is long, is read alike in any pieces, and is not kept.</summary>
public sealed class HostileOutputTests
{
    private const int HeadCharsMax = 1024;

    /// <summary>Read again with each of its pieces, each character would be looked at 4,000 times.</summary>
    private const int LongChars = 60_000;

    /// <summary>
    /// How often a character may be looked at: as often as there may be spaces before a mark, and some marks. A step counts with all that
    /// its piece still has.
    /// </summary>
    private const int LooksMax = 600;

    /// <summary>Characters that may wait for what follows them: a head, spaces, and the beginning of a mark.</summary>
    private const int HeldMax = HeadCharsMax + MarkText.SpacesMax + 100;

    public static TheoryData<string> Families =>
        new(DialectFixtures.All.GetProperty("families").EnumerateArray().Select(family => family.GetProperty("name").GetString()!));

    public static TheoryData<string> Constructs =>
        new(DialectFixtures.Turns.EnumerateArray().Select(turn => turn.GetProperty("name").GetString()!).Append("channels"));

    [Theory, MemberData(nameof(Families))]
    public void HostileOutput_IsReadAlikeInAnyPieces_AndCostsWhatItIsLong(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var dialect = new Talk(DialectFixtures.Family(family)).Backend.Model.Writes;
        var call = family.GetProperty("outputs").TryGetProperty("call", out var one) ? one.GetString()! : "";
        foreach (var (kind, written) in new HostileOutputs(chars: 6000).Of(dialect, call))
        {
            var whole = Read(dialect, kind, written, 4096);
            Assert.True(whole == Read(dialect, kind, written, 1), $"{kind} in pieces of 1");
            Assert.True(whole == Read(dialect, kind, written, 7), $"{kind} in pieces of 7");
        }
    }

    [Theory, MemberData(nameof(Constructs))]
    public void LongHostileOutput_CostsWhatItIsLong(string name)
    {
        var isChannels = name == "channels";
        var fixture = isChannels ? default : DialectFixtures.Named(DialectFixtures.Turns, name);
        var dialect = new Talk(isChannels ? Backends.Embedded.Families.Channels : DialectFixtures.Family(fixture)).Backend.Model.Writes;
        var call = isChannels ? Backends.Embedded.Families.Channels.Calls([("get_weather", "{\"city\": \"Zürich\"}")])
            : fixture.GetProperty("says").GetString()!;
        foreach (var (kind, written) in new HostileOutputs(LongChars).Of(dialect, call))
        {
            Read(dialect, kind, written, 7);
            Read(dialect, kind, written, 4096);
        }
    }

    private static string Read(ModelDialect dialect, string kind, string written, int piece)
    {
        var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(dialect, sink, HeadCharsMax, "");
        var events = new List<BackendEvent>();
        for (var at = 0; at < written.Length; at += piece)
        {
            parser.Feed(written.Substring(at, Math.Min(piece, written.Length - at)));
            events.AddRange(sink.Drain());
            Assert.True(parser.HeldChars <= HeldMax, $"{kind} in pieces of {piece}: {parser.HeldChars} are held at {at}");
        }
        parser.End();
        sink.End();
        events.AddRange(sink.Drain());
        var looks = parser.CharsRead / Math.Max(1, written.Length);
        Assert.True(looks <= LooksMax + piece, $"{kind} in pieces of {piece}: each character is looked at {looks} times");
        if (dialect.Channels is null) DialectFixtures.AssertWholeCallsParse(events); // there a call may have other text than an object
        return DialectFixtures.Lines(events);
    }
}

