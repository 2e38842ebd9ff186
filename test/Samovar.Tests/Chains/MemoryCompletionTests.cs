using System.Runtime.InteropServices;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>Chat completions in memory alone.</summary>
public sealed class MemoryCompletionTests : CompletionConformance
{
    private readonly CoreHouse _house = new();

    private protected override ValueTask<(IChainStore, ICompletionRows)> OpenAsync() => new((_house.Stored, _house.Stored));

    [Fact]
    public async Task NewMetadata_IsKeptWithoutTheBodyThatItCameIn()
    {
        var made = new StoredChains().Next(null);
        var node = new ChainNode
        {
            Tenant = made.Tenant, Id = made.Id, Kind = RowKind.ChatCompletion, Parent = null, Input = made.Input, Response = made.Response,
            Bytes = 1,
        };
        await _house.Stored.AddAsync(node, ChainClaim.New, Soon.Token);
        ICompletionRows rows = _house.Stored;
        var body = new byte[1 << 20];
        """{"a":"b"}"""u8.CopyTo(body);
        Assert.True(await rows.SetMetadataAsync(node.Tenant, node.Id, body.AsMemory(0, 9), Soon.Token));
        var kept = (await rows.FindAsync(node.Tenant, node.Id, Soon.Token))!.Metadata;
        Assert.True(MemoryMarshal.TryGetArray(kept, out var array));
        Assert.Equal(9, array.Array!.Length);
    }

    [Fact]
    public async Task MetadataOfAConversation_IsKeptWithoutTheBodyThatItCameIn()
    {
        var body = new byte[1 << 20];
        """{"a":"b"}"""u8.CopyTo(body);
        var rows = _house.Stored.Conversations;
        var row = new ConversationRow
        {
            Tenant = TenantId.Local, Id = new ConversationId("conv_1"), CreatedAt = default, Metadata = body.AsMemory(0, 9),
        };
        await rows.CreateAsync(row, countMax: 1, Soon.Token);
        Assert.Equal(9, await LengthAsync());
        Assert.True(await rows.SetMetadataAsync(row.Tenant, row.Id, body.AsMemory(0, 9), Soon.Token));
        Assert.Equal(9, await LengthAsync());

        async Task<int> LengthAsync()
        {
            Assert.True(MemoryMarshal.TryGetArray((await rows.FindAsync(row.Tenant, row.Id, Soon.Token))!.Metadata, out var array));
            return array.Array!.Length;
        }
    }

    public override ValueTask DisposeAsync()
    {
        _house.Dispose();
        return default;
    }
}
