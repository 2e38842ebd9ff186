using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Rows for tests, and how a turn uses them.</summary>
internal static class Rows
{
    public static readonly TenantId Tea = new("tea"), Coffee = new("coffee");
    private static int s_ids;

    /// <summary>The next response after the parent, or the first of a chain.</summary>
    public static ChainRow New(ChainRow? parent = null, TenantId? tenant = null, int bytes = 20)
    {
        var number = Interlocked.Increment(ref s_ids);
        var id = new ResponseId($"resp_{number}");
        return new ChainRow
        {
            Tenant = tenant ?? parent?.Tenant ?? Tea, Id = id,
            Parent = parent?.Id, Root = parent?.Root ?? id, Depth = (parent?.Depth ?? 0) + 1,
            CreatedAt = new DateTimeOffset(2026, 11, 29, 1, 2, 3, TimeSpan.Zero).AddTicks(number), Claim = ChainClaim.New,
            Body = Encoding.UTF8.GetBytes($"body {number}".PadRight(bytes, '.')),
        };
    }

    public static ContentPiece Piece(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new ContentPiece(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }

    /// <summary>Appends as a turn does: with the claim that it took.</summary>
    public static async Task<ChainRow> AppendAsync(this IChainRows rows, ChainRow row)
    {
        if (row.Parent is not null) row = row with { Claim = await rows.ClaimAsync(row.Tenant, row.Root, Soon.Token) };
        await rows.AppendAsync(row, Soon.Token);
        return row;
    }

    public static async Task<ChainRow[]> AppendChainAsync(this IChainRows rows, int count)
    {
        var chain = new ChainRow[count];
        for (var i = 0; i < count; i++) chain[i] = await rows.AppendAsync(New(i == 0 ? null : chain[i - 1]));
        return chain;
    }

    public static IAsyncEnumerable<ChainRow> ReadAsync(this IChainRows rows, TenantId tenant, ResponseId id, CancellationToken caller) =>
        rows.ReadAsync(tenant, id, isHead: false, caller);

    public static Task<List<ChainRow>> ListAsync(this IChainRows rows, ResponseId id, TenantId? tenant = null) =>
        rows.ReadAsync(tenant ?? Tea, id, isHead: false, Soon.Token).ToListAsync(Soon.Token).AsTask();
}
