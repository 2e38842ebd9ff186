using Npgsql;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Sql;

/// <summary>Servers of two versions on one PostgreSQL: the later one has begun, and the older one runs.</summary>
public sealed class RollingUpgradeTests : OwnPostgres
{
    [Fact]
    public async Task OlderServer_GoesOn_AndConnectsAgain_AndOneThatStartsIsRefused()
    {
        await using var running = await OpenAsync();
        var head = await running.Rows.AppendAsync(New());
        await UpgradeAsync();
        var next = await running.Rows.AppendAsync(New(head));
        await EndConnectionsAsync();
        next = await running.Rows.AppendAsync(New(next));
        Assert.Equal(3, (await running.Rows.ListAsync(next.Id)).Count);
        Assert.Null(running.Store.Trouble);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => OpenAsync());
        Assert.Contains("later version of Samovar: its tables of 'chains' are of version", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("start a server of that version", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>All that a step may do.</summary>
    private async Task UpgradeAsync()
    {
        await using var later = await ConnectAsync();
        foreach (var table in (string[])["chain_tree", "chain_row", "chain_piece", "chain_use", "chain_item", "conversation", "node"])
            await ExecuteAsync(later, $"ALTER TABLE {table} ADD COLUMN added TEXT, ADD COLUMN given BIGINT NOT NULL DEFAULT 1");
        await ExecuteAsync(later, "CREATE INDEX chain_row_given ON chain_row (given)");
        await ExecuteAsync(later, "CREATE TABLE flavour (name TEXT)");
        await ExecuteAsync(later, "UPDATE samovar_schema SET version = version + 1");
        await ExecuteAsync(later, "INSERT INTO samovar_schema (room, version) VALUES ('flavours', 1)");
    }

    private async Task EndConnectionsAsync()
    {
        await using var operating = await ConnectAsync();
        await ExecuteAsync(operating,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'samovar' AND pid <> pg_backend_pid()");
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(Server.ConnectionString("samovar") + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Soon.Token);
    }
}
