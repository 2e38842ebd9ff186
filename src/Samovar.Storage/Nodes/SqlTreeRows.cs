using System.Data.Common;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Nodes;

/// <summary>Who owns trees of stored responses, in a PostgreSQL that several nodes share.</summary>
/// <remarks>
/// An owner is one life of a node. Whether it lives is its row's word, not a clock's: a claim of what a living node has is refused, and
/// so is one of a node that was declared dead and does not know it yet. What it has appended until then stands; its next append finds
/// another epoch. A row that says dead lets go of all that its life has, however much that is: a node that stops changes that one alone.
/// </remarks>
internal sealed class SqlTreeRows(SqlStore store) : ITreeRows
{
    public async ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var found = await store.ReadAsync((session, deadline) => session.ReadAsync(
            NodeTexts.Of(NodeTexts.FindTree, ("@tenant", tenant.Value), ("@id", id.Value)), Read, deadline), caller);
        return found is [var tree] ? tree : null;
    }

    public async ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller) =>
        await ChangeAsync(NodeTexts.Of(NodeTexts.Claim,
            ("@tenant", tenant.Value), ("@root", root.Value), ("@epoch", epoch), ("@incarnation", by.Value), ("@forced", isForced ? 1 : 0)),
            caller);

    public async ValueTask<bool> ReleaseAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller) =>
        await ChangeAsync(NodeTexts.Of(NodeTexts.Release,
            ("@tenant", tenant.Value), ("@root", root.Value), ("@epoch", epoch), ("@incarnation", by.Value)), caller);

    public async ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller) =>
        (await store.ReadAsync((session, deadline) => session.ReadAsync(
            NodeTexts.Of(NodeTexts.CountTrees), row => (Owner: row.GetString(0), Trees: row.GetInt64(1)), deadline), caller))
        .ToDictionary(static row => new Incarnation(row.Owner), static row => row.Trees);

    private async Task<bool> ChangeAsync(SqlStatement statement, CancellationToken caller) =>
        await store.CallAsync(deadline => store.WriteAsync([statement], bytes: 0, deadline), caller) is [1];

    private static TreeRow Read(DbDataReader row)
    {
        Incarnation? owner = row.GetString(2) is { Length: > 0 } name ? new Incarnation(name) : null;
        var node = owner is not { } life || row.IsDBNull(3) ? null
            : new ClusterNode(new NodeName(row.GetString(3)), life, new Uri(row.GetString(4)), (NodeState)row.GetInt32(5));
        return new TreeRow(new ResponseId(row.GetString(0)), row.GetInt64(1), owner, node);
    }
}
