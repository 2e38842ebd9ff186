using System.Net;
using Npgsql;
using Samovar.Testing;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Tests.Hosting;

/// <summary>
/// Two servers on one PostgreSQL, one of which is stopped in the midst of an append, with its transaction open: the other gets in a known
/// time what that held, and the one that wakes up late adds nothing behind its back.
/// </summary>
public sealed class StoppedAppendTests(SharedPair servers) : IClassFixture<SharedPair>, IAsyncLifetime
{
    private SharingServer _a = null!, _b = null!;
    private NpgsqlConnection _other = null!;

    public async ValueTask InitializeAsync()
    {
        (_a, _b, _) = await servers.PairAsync(WithTriggerAsync);
        _other = await OpenAsync(servers.Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_other is not null) await _other.DisposeAsync();
    }

    private async Task WithTriggerAsync(string address)
    {
        await using var connection = await OpenAsync(address);
        await ExecuteAsync(connection, """
            CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
            $wait$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $wait$;
            CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON chain_row DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION wait_at_commit()
            """);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string address)
    {
        var connection = new NpgsqlConnection(address + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        return connection;
    }

    /// <summary>Its first statement, one that already holds the chain, the last one, and the commit itself.</summary>
    public static readonly TheoryData<string> Points = new(
        "SELECT 1 FROM chain_tree FOR UPDATE", "LOCK TABLE chain_row IN SHARE ROW EXCLUSIVE MODE",
        "LOCK TABLE chain_item IN SHARE ROW EXCLUSIVE MODE", "SELECT pg_advisory_xact_lock(4711)");

    [Theory]
    [MemberData(nameof(Points))]
    public async Task ServerStoppedInMidAppend_LeavesItsChainToTheOther(string point)
    {
        var parent = await _a.CreateAsync(Ask("the root"));
        using var late = await StopInAppendAsync(point, Ask("too late", parent.Id));
        await _b.CreateAsync(Ask("another chain"));
        var next = await TakeOverAsync(Ask("meanwhile", parent.Id));
        next = await _b.CreateAsync(Ask("and on", next.Id));
        var (id, isKept) = await WakeAsync(late);
        foreach (var server in new[] { _a, _b })
            await UntilAsync(() => server.GetAsync($"/v1/responses/{id}"), answer => answer.Status == Expected(isKept));
        if (isKept) await _b.CreateAsync(Ask("behind it", id)); // committed before the other took the chain: a fork
        foreach (var server in new[] { _a, _b })
        {
            var items = (await server.GetAsync($"/v1/responses/{next.Id}/input_items?limit=100")).Body.GetRawText();
            Assert.Equal((0, 1), (Times(items, "too late"), Times(items, "meanwhile")));
            await server.CreateAsync(Ask("and?", next.Id));
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task ServerStoppedInMidAppend_LeavesItsConversationToTheOther_WithOneBranch(string point)
    {
        var conversation = (await _a.PostAsync("/v1/conversations", new { })).Id;
        await _a.CreateAsync(Ask("the first", conversation: conversation));
        using var late = await StopInAppendAsync(point, Ask("too late", conversation: conversation));
        await TakeOverAsync(Ask("meanwhile", conversation: conversation));
        var (id, isKept) = await WakeAsync(late);
        foreach (var server in new[] { _a, _b })
        {
            await UntilAsync(() => server.GetAsync($"/v1/responses/{id}"), answer => answer.Status == Expected(isKept));
            var items = await server.GetAsync($"/v1/conversations/{conversation}/items?limit=100&order=asc");
            var text = items.Body.GetRawText();
            // one whose commit was made, and who learned of it too late to say so, stays in what the other's turn continued
            var isThere = isKept || point.Contains("advisory", StringComparison.Ordinal) && Times(text, "too late") == 1;
            Assert.Equal((isThere ? 1 : 0, 1), (Times(text, "too late"), Times(text, "meanwhile")));
            Assert.Equal(isThere ? 6 : 4, items.Body.GetProperty("data").GetArrayLength());
        }
        await _a.CreateAsync(Ask("and?", conversation: conversation));
        await _b.CreateAsync(Ask("and?", conversation: conversation));
    }

    /// <summary>The append waits in its transaction for what another holds; its server is stopped, then the way is free.</summary>
    private async Task<StreamedTurn> StopInAppendAsync(string point, Dictionary<string, object?> body)
    {
        await using var holding = await _other.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(_other, point);
        var turn = await _a.StreamAsync(body);
        while (await ScalarAsync("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) await Task.Delay(10, Soon.Token);
        await _a.Process.SignalAsync("STOP");
        await holding.CommitAsync(Soon.Token);
        return turn;
    }

    /// <summary>While the first stands still; until its transaction is taken back, or its lock has ended, others wait.</summary>
    private Task<Answer> TakeOverAsync(Dictionary<string, object?> body) => UntilAsync(() => _b.TryAsync(body), static answer =>
    {
        if (!answer.IsWon) Assert.Equal((400, "conversation_locked"), ((int)answer.Status, answer.Code));
        return answer.IsWon;
    });

    /// <returns>Its response, and whether it was stored.</returns>
    private async Task<(string Id, bool IsKept)> WakeAsync(StreamedTurn late)
    {
        await Task.Delay(SharedStoreTests.StoppedFor);
        await _a.Process.SignalAsync("CONT");
        var end = await late.ReadEndAsync();
        var answer = new Answer(HttpStatusCode.OK, end.GetProperty("response"));
        if (!answer.IsWon) Assert.Contains(answer.Code, new[] { "conversation_taken_over", "response_not_stored" });
        return (answer.Id, answer.IsWon);
    }

    private static HttpStatusCode Expected(bool isKept) => isKept ? HttpStatusCode.OK : HttpStatusCode.NotFound;

    private static int Times(string text, string said) => text.Split(said).Length - 1;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Soon.Token);
    }

    private async Task<long> ScalarAsync(string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, _other);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Soon.Token))!;
    }
}
