namespace Samovar.Storage.Quotas;

/// <summary>The statements about quotas; they are PostgreSQL's alone.</summary>
internal static class QuotaTexts
{
    /// <summary>An owner's first use; rows of owners that are long gone go.</summary>
    public const string Begin = """
        WITH gone AS (DELETE FROM quota_use WHERE told_at < {now} - @age AND tenant <> @tenant)
        INSERT INTO quota_use (tenant, requests, tokens, lent, told_at) VALUES (@tenant, 0, 0, '{}', {now}) ON CONFLICT (tenant) DO NOTHING
        """;

    /// <summary>
    /// The row is held first, so that what follows sees what others wrote just before; a statement's own sight of the table is older.
    /// </summary>
    /// <remarks>Beside what is lent to a life stands, under its name and a word, when it last found too little (ms since 1970).</remarks>
    public const string Exchange = """
        WITH held AS MATERIALIZED (
          SELECT q.tenant, q.requests, q.tokens, q.lent, q.told_at FROM quota_use q WHERE q.tenant = @tenant FOR UPDATE
        ), timed AS MATERIALIZED (
          SELECT h.*, {now} AS now_at, CAST(greatest(0, {now} - h.told_at) AS DOUBLE PRECISION) / 60000 AS minutes FROM held h
        ), others AS (
          SELECT coalesce(sum(CAST(e.value AS BIGINT)) FILTER (WHERE e.key = n.incarnation), 0) AS turns,
            coalesce(jsonb_object_agg(e.key, e.value), '{}') AS lent,
            coalesce(bool_or(e.key <> n.incarnation AND CAST(e.value AS BIGINT) > t.now_at - @press_age), false) AS press
          FROM timed t CROSS JOIN LATERAL jsonb_each(t.lent) e
            JOIN node n ON n.incarnation = split_part(e.key, ' ', 1) AND n.state < 2
          WHERE n.incarnation <> @life
        ), told AS (
          SELECT t.tenant, t.now_at, o.lent AS others, o.press,
            greatest(0, greatest(0, t.requests - @request_limit * t.minutes) + @requests_used) AS requests,
            greatest(0, greatest(0, t.tokens - @token_limit * t.minutes) + @tokens_used) AS tokens,
            CAST(greatest(@turns_in_use, least(@turns_wanted, @turn_limit - o.turns)) AS INTEGER) AS turns
          FROM timed t CROSS JOIN others o
        ), granted AS (
          SELECT t.*, least(@requests_wanted, greatest(0, floor(@request_limit - t.requests))) AS more_requests,
            least(@tokens_wanted, greatest(0, floor(@token_limit - t.tokens))) AS more_tokens
          FROM told t
        )
        UPDATE quota_use AS q SET requests = g.requests + g.more_requests, tokens = g.tokens + g.more_tokens, told_at = g.now_at,
          lent = g.others || CASE WHEN g.turns > 0 THEN jsonb_build_object(@life, g.turns) ELSE '{}' END
            || CASE WHEN g.turns < @turns_pressed THEN jsonb_build_object(@life || ' waits', g.now_at) ELSE '{}' END
        FROM granted g WHERE q.tenant = g.tenant
        RETURNING CAST(g.more_requests AS BIGINT), CAST(g.more_tokens AS BIGINT), g.turns, q.requests, q.tokens, g.press
        """;
}
