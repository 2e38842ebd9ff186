using Samovar.Engine;
using Samovar.Prefixes;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Page;

/// <summary>Prefixes that are kept warm, with the lanes that stand on them.</summary>
/// <param name="tenant">Null: everybody's.</param>
internal sealed class WarmPrefixRows(TenantId? tenant, PrefixListing listing)
{
    private const int UsersMax = 64;

    /// <param name="starts">Starts of the page's lanes, as engines said last.</param>
    /// <param name="lanes">These lanes, by their places there.</param>
    /// <param name="closing">The page ends.</param>
    public async Task<IReadOnlyList<PagePrefix>> ReadAsync(
        IReadOnlyList<SharedStart> starts, IReadOnlyList<string> lanes, CancellationToken closing)
    {
        var warmed = await listing.WarmedAsync(tenant, closing);
        return [.. warmed.Select(one => Row(one.View, UsersOf(one.Prefix, starts, lanes)))];
    }

    private static IEnumerable<string> UsersOf(WarmedPrefix prefix, IReadOnlyList<SharedStart> starts, IReadOnlyList<string> lanes) =>
        starts.Where(start => start.Kept is { } kept && ReferenceEquals(kept, prefix.Kept))
            .SelectMany(static start => start.Users).Distinct().Take(UsersMax).Select(user => lanes[user]);

    private static PagePrefix Row(PrefixView view, IEnumerable<string> users) =>
        new(view.Id.Value, view.Tokens, view.Hits, new ListOf<string>([.. users]), Kv(view.Tier), view.Origin) { Name = view.Name };

    private static string Kv(string tier) => tier switch
    {
        "cells" => "stream",
        "host_memory" => "memory",
        _ => tier,
    };
}
