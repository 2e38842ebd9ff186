using System.Data.Common;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Quotas;

/// <summary>What is used of quotas, in a PostgreSQL that several nodes share.</summary>
/// <remarks>
/// Nothing of it is worth waiting for a disk, so it goes through the connections that read, past the groups of writes: one statement each,
/// which holds its row for no longer than that.
/// </remarks>
internal sealed class SqlQuotaRows(SqlStore store) : IQuotaRows
{
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(7), PressAge = TimeSpan.FromSeconds(3);

    public bool IsShared => store.IsShared;

    public async ValueTask<QuotaGrant> ExchangeAsync(Incarnation life, QuotaAsk ask, CancellationToken caller) =>
        await store.ReadAsync(async (session, deadline) =>
        {
            var exchange = Of(life, ask);
            if (await session.ReadAsync(exchange, Read, deadline) is [var known]) return known;
            await session.ExecuteAsync(
                Of(QuotaTexts.Begin, ("@tenant", ask.Owner.Value), ("@age", (long)ForgetAfter.TotalMilliseconds)), deadline);
            return await session.ReadAsync(exchange, Read, deadline) is [var grant]
                ? grant : throw new StoreAwayException("What is used was removed while it was told.");
        }, caller);

    private static SqlStatement Of(Incarnation life, QuotaAsk ask) => Of(QuotaTexts.Exchange,
        ("@tenant", ask.Owner.Value), ("@life", life.Value),
        ("@request_limit", ask.Requests.Limit), ("@requests_used", ask.Requests.Used), ("@requests_wanted", ask.Requests.Wanted),
        ("@token_limit", ask.Tokens.Limit), ("@tokens_used", ask.Tokens.Used), ("@tokens_wanted", ask.Tokens.Wanted),
        ("@turn_limit", ask.Turns.Limit), ("@turns_in_use", ask.Turns.InUse), ("@turns_wanted", ask.Turns.Wanted),
        ("@turns_pressed", ask.Turns.Presses), ("@press_age", (long)PressAge.TotalMilliseconds));

    private static SqlStatement Of(string text, params (string Name, object Value)[] values) => new(SqlDialect.Postgres.Text(text), values);

    private static QuotaGrant Read(DbDataReader row) =>
        new(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetDouble(3), row.GetDouble(4), row.GetBoolean(5));
}
