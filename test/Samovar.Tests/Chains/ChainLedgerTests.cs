using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>What the ledger counts, whatever way its ends change.</summary>
public sealed class ChainLedgerTests
{
    [Fact]
    public void Change_CountsWhatAddAndRemoveCount_InAnyTreeOfForks()
    {
        var random = new Random(4711);
        var nodes = new List<ChainNode> { Node(null, 0) };
        while (nodes.Count < 40) nodes.Add(Node(random.Next(8) == 0 ? null : nodes[random.Next(nodes.Count)], nodes.Count));
        var (changed, plain, ends) = (new ChainLedger(), new ChainLedger(), new List<ChainNode>());
        for (var step = 0; step < 2000; step++)
        {
            var removed = ends.Count > 5 || ends.Count > 0 && random.Next(3) > 0 ? ends[random.Next(ends.Count)] : null;
            var added = removed?.Parent is { } parent && random.Next(2) == 0 ? parent : nodes[random.Next(nodes.Count)];
            changed.Change(added, removed);
            plain.Add(added);
            if (removed is not null) plain.Remove(removed);
            if (removed is not null) ends.Remove(removed);
            ends.Add(added);
            Assert.Equal((plain.Bytes, plain.Nodes.Count()), (changed.Bytes, changed.Nodes.Count()));
        }
        foreach (var end in ends) changed.Change(null, end);
        Assert.Equal(0, changed.Bytes);
        Assert.Empty(changed.Nodes);
    }

    private static ChainNode Node(ChainNode? parent, int number)
    {
        var id = new ResponseId($"resp_{number}");
        return new()
        {
            Tenant = TenantId.Local, Id = id, Parent = parent, Input = [], Bytes = 1L << number % 30,
            Response = new Response
            {
                Id = id, CreatedAt = DateTimeOffset.UnixEpoch, Status = ResponseStatus.Completed, Model = "m", Request = Ask.Text("x"),
            },
        };
    }
}
