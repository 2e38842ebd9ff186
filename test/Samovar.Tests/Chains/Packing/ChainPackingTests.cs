using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Stores;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains.Packing;

public sealed class ChainPackingTests
{
    /// <summary>What the first release wrote. It is read for ever: never change it, add others.</summary>
    private const string FirstForm =
        "01019602838A000080AAAAAAEA5FD50E7E0880383880C3DD81CF7AB1AB5EE372343030D0701330300053150D1551080F30300087"
        + "38F92500FCEC00710D88C3294E8780BBEBEA169472F7AC2F6184618E010E30CC9BE8B831C9F58B4DF6AF31CDF38AC8232DF088D8"
        + "8CB1BB429287F6F2FBF57DBDDD1FFBCBE7FFCFF5767FEC1B1B8D31C6D8C3D3AE515256E847A66B8C2412268243E1C5C466152A70"
        + "3871524A0A8FB74AA233A7638B6DC53CC223CA34B4703D4F42346815789C38E68594C672EB4164160D493FB8E8C6E8C05573D541"
        + "E91CC2A78C4748F24EE5D8C221A4C41AC68014F8AE775878CA855F05BEEBB77E1B";

    private readonly StoredChains _chains = new();

    [Fact]
    public void Row_ThatWasWrittenOnce_IsReadForEver()
    {
        var row = ChainPacking.Pack(_chains.Next(null), ChainClaim.New);
        var old = row with { Body = Convert.FromHexString(FirstForm) };
        SameResponse.Holds(new StoredChains().Next(null), ChainPacking.Unpack(old, null, null));
    }

    [Fact]
    public void Row_NamesWhatAStoreLooksAt()
    {
        var root = _chains.Next(null);
        var row = ChainPacking.Pack(_chains.Next(root, root.Output), new ChainClaim(7));
        Assert.Equal(("resp_1", "resp_1", 2, 7), (row.Root.Value, row.Parent?.Value, row.Depth, row.Claim.Epoch));
        Assert.Equal(["msg_1", "msg_2"], row.ItemIds);
        Assert.Equal(row.CreatedAt, DateTimeOffset.FromUnixTimeSeconds(1_764_967_973));
    }

    [Fact]
    public void ResponseThatIsNotToBeStored_IsNeverPacked()
    {
        var hidden = _chains.Next(null, settings: StoredChains.Settings("""{"model":"m","input":"hi","store":false}"""));
        Assert.Throws<InvalidOperationException>(() => ChainPacking.Pack(hidden, ChainClaim.New));
        var behind = _chains.Next(hidden, settings: StoredChains.Settings("""{"model":"m","input":"hi"}"""));
        Assert.Throws<InvalidOperationException>(() => ChainPacking.Pack(behind, ChainClaim.New));
    }

    [Fact]
    public void SettingsOfTheParent_CostNothing_AndAreItsOwnObjectsAgain()
    {
        var root = _chains.Next(null, settings: Large("first"));
        var same = _chains.Next(root, settings: Large("first"));
        var other = _chains.Next(same, settings: Large("first", """,temperature":0.5""".Replace(",t", ",\"t", StringComparison.Ordinal)));
        Assert.Equal(2, ChainPacking.Pack(root, ChainClaim.New).Pieces.Count);
        var nodes = Again(root, same, other);
        Assert.Empty(ChainPacking.Pack(same, ChainClaim.New).Pieces);
        Assert.Same(nodes[0].Response.Request, nodes[1].Response.Request);
        Assert.Empty(ChainPacking.Pack(other, ChainClaim.New).Pieces);
        Assert.Equal(0.5, nodes[2].Response.Request.Temperature);
        Assert.Same(nodes[0].Response.Tools, nodes[2].Response.Tools);
        Assert.Same(nodes[0].Response.Instructions, nodes[2].Response.Instructions);
        Assert.Same(nodes[0].Response.Model, nodes[2].Response.Model);
    }

    [Fact]
    public void LargePartsThatConversationsShare_HaveOneName()
    {
        var startup = StoredChains.Item($$"""{"role":"developer","content":"{{new string('d', 4000)}}"}""");
        var rows = Enumerable.Range(0, 3).Select(i => ChainPacking.Pack(
            _chains.Next(null, [startup, Ask.User($"question {i}")], settings: Large("shared")), ChainClaim.New)).ToList();
        Assert.Equal(3, rows[0].Pieces.Count); // instructions, tools and the startup item
        Assert.Single(rows.Select(row => string.Join(' ', row.Pieces.Select(piece => piece.Name))).Distinct(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.InRange(row.Body.Length, 1, 1000));
    }

    [Fact]
    public void FiftyTurnsWithTwentyKilobytesOfTools_CostFortyBeyondTheirItems()
    {
        var tools = RandomText(20_000);
        ChainNode? node = null;
        var (stored, items, pieces) = (0L, 0L, new Dictionary<string, int>(StringComparer.Ordinal));
        for (var turn = 0; turn < 50; turn++)
        {
            var settings = StoredChains.Settings(
                $$$"""{"model":"m","input":"hi","tools":[{"type":"function","name":"f","description":"{{{tools}}}"}]}""");
            node = _chains.Next(node, settings: settings);
            var row = ChainPacking.Pack(node, ChainClaim.New);
            stored += row.Body.Length;
            foreach (var piece in row.Pieces) pieces[piece.Name] = piece.Bytes.Length;
            items += node.Input.Concat(node.Output).Sum(item => item.Json.Utf8.Length);
        }
        Assert.InRange(stored + pieces.Values.Sum() - items, long.MinValue, 40_000);
    }

    [Fact]
    public void NewerForm_IsRefused_WithWhatIsWrong()
    {
        var row = ChainPacking.Pack(_chains.Next(null), ChainClaim.New);
        var body = row.Body.ToArray();
        body[0] = ChainPacking.Version + 1;
        var refused = Assert.Throws<InvalidDataException>(() => ChainPacking.Unpack(row with { Body = body }, null, null));
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenRow_IsNeverAnythingElse()
    {
        var row = ChainPacking.Pack(FullChain.Root(), ChainClaim.New);
        var random = new Random(4711);
        for (var i = 0; i < 3000; i++)
        {
            var body = row.Body.ToArray();
            if (i % 3 == 0) body = body[..random.Next(body.Length)];
            else for (var at = 0; at <= i % 3; at++) body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
            try { ChainPacking.Unpack(row with { Body = body }, null, null); }
            catch (InvalidDataException) { /* the one answer */ }
        }
    }

    [Fact]
    public void Weight_IsThatOfTheResponseBefore_OrLess()
    {
        var settings = Large("weight");
        var node = _chains.Next(null, [Ask.User(new string('q', 3000))], settings: settings);
        var read = ChainPacking.Unpack(ChainPacking.Pack(node, ChainClaim.New), null, null);
        var held = settings.Tools!.Json.Utf8.Length + settings.Instructions!.Length + 3000;
        Assert.InRange(read.Bytes, held, 10 * held);
    }

    private static ChainNode[] Again(params ChainNode[] nodes)
    {
        var read = new List<ChainNode>();
        foreach (var node in nodes)
            read.Add(ChainPacking.Unpack(ChainPacking.Pack(node, ChainClaim.New), read.LastOrDefault(), null));
        SameResponse.Holds(nodes[^1], read[^1]);
        return [.. read];
    }

    private static CreateRequest Large(string name, string more = "") => StoredChains.Settings(
        $$$"""
        {"model":"m","input":"hi","instructions":"{{{RandomText(3000, name)}}}","tools":[{"type":"function","name":"f",
         "description":"{{{RandomText(3000, name)}}}"}]{{{more}}}}
        """);

    private static string RandomText(int length, string seed = "")
    {
        var random = new Random(seed.Length);
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(26))));
    }
}
