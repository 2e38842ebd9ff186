using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Chains;

/// <summary>Whether two nodes are the same response, and so are all before them: what clients see of them, and what turns need.</summary>
internal static class SameResponse
{
    public static void Holds(ChainNode expected, ChainNode? actual)
    {
        ChainNode? one = expected, other = actual;
        for (; one is not null && other is not null; (one, other) = (one.Parent, other.Parent)) HoldsAlone(one, other);
        Assert.Null(one);
        Assert.Null(other);
    }

    private static void HoldsAlone(ChainNode one, ChainNode other)
    {
        Assert.Equal((one.Tenant, one.Id, one.Depth, one.ChainItemCount), (other.Tenant, other.Id, other.Depth, other.ChainItemCount));
        Assert.Equal(Text(ResponseWriter.Bytes(one.Response)), Text(ResponseWriter.Bytes(other.Response)));
        Assert.Equal(one.Response with { Output = [], Tools = ToolList.Empty, Request = null! },
            other.Response with { Output = [], Tools = ToolList.Empty, Request = null! });
        Assert.True(one.Response.Request.HasSettingsOf(other.Response.Request));
        Assert.Equal(one.Response.Tools.Json, other.Response.Tools.Json);
        Same(one.Input, other.Input);
        Same(one.Output, other.Output);
        Assert.Equal(one.OpenCalls.Order(StringComparer.Ordinal), other.OpenCalls.Order(StringComparer.Ordinal));
        Assert.Equal(one.Unsent.Select(item => item.Json).ToHashSet(), other.Unsent.Select(item => item.Json).ToHashSet());
        Assert.Equal(one.Content, other.Content);
    }

    private static void Same(IReadOnlyList<Item> some, IReadOnlyList<Item> others)
    {
        Assert.Equal(some.Select(item => item.Json), others.Select(item => item.Json));
        Assert.Equal(some.Select(Kind), others.Select(Kind));

        static (Type, string, string?) Kind(Item item) => (item.GetType(), item.Type, item.Id);
    }

    private static string Text(ReadOnlyMemory<byte> json) => new RawJson(json).ToString();
}
