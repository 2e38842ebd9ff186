using Samovar.Storage.Sql;

namespace Samovar.Storage.Quotas;

/// <summary>What is used of quotas on the nodes that share a database: a row for each tenant that has any, and each destination.</summary>
/// <remarks>
/// <c>requests</c> and <c>tokens</c> are what was granted and has not come back with time by <c>told_at</c>. <c>lent</c> has, by the life
/// of a node, how many turns at once are lent to it; of one whose row is dead, or gone, that is void. All of it may be lost: the
/// table is not logged, and is empty after the database has crashed.
/// </remarks>
internal static class QuotaSchema
{
    public static readonly SchemaRoom Room = new("quotas", """
        CREATE UNLOGGED TABLE quota_use (
            tenant TEXT PRIMARY KEY, requests DOUBLE PRECISION NOT NULL, tokens DOUBLE PRECISION NOT NULL, lent JSONB NOT NULL,
            told_at BIGINT NOT NULL)
        """);
}
