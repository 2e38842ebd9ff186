using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Testing.Upstreams;
using static Samovar.Testing.Upstreams.FakeFault;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>
/// Faults × phases × drivers: what the client sees, and how often the upstreams were asked. The fault strikes the second turn of a
/// conversation.
/// </summary>
public sealed class FaultTableTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400), Longer = 5 * Short;

    /// <summary>
    /// What becomes of a fault: the code that the client sees (null: the turn is saved), and the requests of the second turn.
    /// </summary>
    private static readonly (FakeFault Fault, string? Code, int Status, int Requests)[] Rows =
    [
        (None, null, 0, 1),
        (TooMany, null, 0, 2),
        (Overloaded, null, 0, 2),
        (KeyRefused, null, 0, 2),
        (Invalid, "invalid_value", 400, 1),
        (DropAfterSend, null, 0, 2),
        (DropAfterCreated, null, 0, 2),
        (DropAfterDelta, "server_error", 502, 1),
        (DropBeforeEnd, "server_error", 502, 1),
        (HangAfterSend, null, 0, 2),
        (HangAfterCreated, null, 0, 2),
        (HangAfterDelta, "server_error", 504, 1),
        (FailAfterCreated, null, 0, 2),
        (FailAfterDelta, "server_error", 502, 1),
        (GarbageAfterCreated, null, 0, 2),
        (ArrayAfterCreated, null, 0, 2),
        (DepthAfterCreated, null, 0, 2),
    ];

    public static TheoryData<string, string, string?, int, int> Table
    {
        get
        {
            var data = new TheoryData<string, string, string?, int, int>();
            foreach (var kind in DriverTests.Kinds)
            {
                foreach (var (fault, code, status, requests) in Rows) data.Add(kind.Data, fault.ToString(), code, status, requests);
            }
            data.Add("responses-ws", nameof(ParentForgotten), null, 0, 2);
            data.Add("responses-stored", nameof(ParentForgotten), null, 0, 2);
            data.Add("responses-ws", nameof(ConnectionLimit), null, 0, 2);
            return data;
        }
    }

    [Theory, MemberData(nameof(Table))]
    public async Task Fault_IsSavedBeforeOutput_AndReportedAfterIt(string kind, string fault, string? code, int status, int requests)
    {
        await using var owner = await FakeUpstream.StartAsync("owner");
        await using var other = await FakeUpstream.StartAsync("other");
        var options = TestGateway.Options(kind, owner, other);
        if (fault.StartsWith("Hang", StringComparison.Ordinal)) (options.FirstEventTimeout, options.IdleTimeout) = (Short, Short);
        if (fault == nameof(HangAfterDelta)) options.IdleTimeout = Longer; // what comes before it comes in time on a busy machine, too
        using var gateway = new TestGateway(options);
        var (first, at, away) = await BeginAsync(gateway, owner, other);
        at.Next(Enum.Parse<FakeFault>(fault));

        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));

        Assert.Equal(requests, at.Requests.Count - 1 + away.Requests.Count);
        Assert.Equal(requests - 1, second.Report.Retries);
        Assert.InRange(second.Events.OfType<BackendEvent.Accepted>().Count(), 0, 1);
        if (code is null)
        {
            Assert.Equal("seen 3", second.Text);
            return;
        }
        Assert.Equal((code, status), (second.Error!.Kind.Code, second.Error.Kind.Status));
    }

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task UnknownFate_IsRepeatedOnce_AndNoMore(string kind)
    {
        await using var owner = await FakeUpstream.StartAsync("owner", DropAfterSend, DropAfterSend, DropAfterSend);
        using var gateway = new TestGateway(kind, owner);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Equal(("server_error", 502), (result.Error!.Kind.Code, result.Error.Kind.Status));
        Assert.Equal(2, owner.Requests.Count);
    }

    [Fact]
    public async Task LostParent_IsSentWhole_ToItsOwner()
    {
        await using var owner = await FakeUpstream.StartAsync("owner");
        await using var other = await FakeUpstream.StartAsync("other");
        using var gateway = new TestGateway("responses-ws", owner, other);
        var (first, at, away) = await BeginAsync(gateway, owner, other);
        at.Next(ParentForgotten);
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal("seen 3", second.Text);
        Assert.Empty(away.Requests);
        Assert.Null(at.Requests.Last().PreviousResponseId);
        Assert.Equal("previous_response_not_found", second.Report.MissCause);
    }

    [Fact]
    public async Task RestartedUpstream_CostsOneFullContext_AndNoError()
    {
        await using var owner = await FakeUpstream.StartAsync("owner");
        using var gateway = new TestGateway("responses-ws", owner);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        await owner.Responses.DropSocketsAsync();
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal("seen 3", second.Text);
    }

    [Fact]
    public async Task RateLimitEverywhere_IsReported_WithItsRetryAfter()
    {
        await using var owner = await FakeUpstream.StartAsync("owner", TooMany);
        var options = TestGateway.Options("responses-http", owner);
        options.Pools[0].QueueWaitMax = TimeSpan.FromSeconds(6); // shorter than the rest that is asked for
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Equal(("rate_limit_exceeded", 429, TimeSpan.FromSeconds(7)),
            (result.Error!.Kind.Code, result.Error.Kind.Status, result.Error.RetryAfter));

        var next = await gateway.TurnAsync(null, TestGateway.User("two"));
        Assert.Equal(429, next.Error!.Kind.Status);
        Assert.Single(owner.Requests); // it rests: nobody asked it again
    }

    [Theory]
    [InlineData("messages", """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low."}}""",
        "its account is not paid for.")]
    [InlineData("chat", """[{"error":{"code":400,"message":"No.","details":[{"reason":"API_KEY_INVALID"}]}}]""", "it refused the key.")]
    [InlineData("chat", """{"code":"bad","error":"Incorrect API key provided: na***ys."}""", "it refused the key.")]
    public async Task KeyOrAccountInABadRequest_IsAskedElsewhere_AndToldWithoutItsWords(string kind, string body, string told)
    {
        await using var owner = await FakeUpstream.StartAsync("owner");
        await using var other = await FakeUpstream.StartAsync("other");
        owner.Raw = new RawAnswer([body]) { Status = 400, ContentType = "application/json" };
        using var gateway = new TestGateway(kind, owner, other);
        for (var turn = 0; turn < 8; turn++) // whichever is asked first
            Assert.Null((await gateway.TurnAsync(null, TestGateway.User($"{turn}"))).Error);
        Assert.NotEmpty(owner.Requests);

        other.Raw = owner.Raw;
        var failed = await gateway.TurnAsync(null, TestGateway.User("none"));
        Assert.Equal(502, failed.Error!.Kind.Status);
        Assert.EndsWith(told, failed.Error.Message, StringComparison.Ordinal);
    }

    /// <summary>As Groq tells it, before the stream and in it.</summary>
    [Theory]
    [InlineData(400, "application/json", "{0}")]
    [InlineData(200, "text/event-stream", "event: error\ndata: {0}\n\n")]
    public async Task CallThatTheModelBroke_IsTriedAgain_AndOpensNoCircuit(int status, string type, string answer)
    {
        const string error = """{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":""" +
            """ "tool_use_failed","status_code":400}}""";
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([answer.Replace("{0}", error, StringComparison.Ordinal)]) { Status = status, ContentType = type };
        var options = TestGateway.Options("chat", upstream);
        using var gateway = new TestGateway(options);
        for (var turn = 1; turn <= options.CircuitFailures; turn++)
        {
            Assert.Equal(502, (await gateway.TurnAsync(null, TestGateway.User("one"))).Error!.Kind.Status);
            Assert.Equal(turn * (1 + options.RetriesMax), upstream.Requests.Count);
        }
        upstream.Raw = null;
        Assert.Null((await gateway.TurnAsync(null, TestGateway.User("two"))).Error);
    }

    /// <summary>What one client says is no failure of a destination, which others ask as well.</summary>
    [Theory]
    [InlineData("""{"code":"permission-denied","error":"Content violates usage guidelines. Team: 0f0e0d0c-1111-2222-3333-444455556666"}""",
        "permission-denied", "Content violates usage guidelines. Team: …")]
    [InlineData("""{"error":{"code":403,"message":"It was flagged.","metadata":{"reasons":["violence"],"flagged_input":"x"}}}""",
        "invalid_request_error", "It was flagged.")]
    public async Task RefusedContent_IsReported_AndOpensNoCircuit(string body, string code, string message)
    {
        await using var owner = await FakeUpstream.StartAsync("owner");
        await using var other = await FakeUpstream.StartAsync("other");
        owner.Raw = other.Raw = new RawAnswer([body]) { Status = 403, ContentType = "application/json" };
        var options = TestGateway.Options("chat", owner, other);
        using var gateway = new TestGateway(options);
        for (var turn = 0; turn < options.CircuitFailures * 2; turn++)
        {
            var refused = await gateway.TurnAsync(null, TestGateway.User("one"));
            Assert.Equal((code, 403, message), (refused.Error!.Kind.Code, refused.Error.Kind.Status, refused.Error.Message));
            Assert.Equal(turn + 1, owner.Requests.Count + other.Requests.Count);
        }
        owner.Raw = other.Raw = null;
        Assert.Null((await gateway.TurnAsync(null, TestGateway.User("two"))).Error);
        Assert.All(gateway.Pools.Current[0].Destinations, destination => Assert.Null(destination.State.Refusal));
    }

    [Fact]
    public async Task RefusedKey_IsReported_WithoutTheKey()
    {
        await using var owner = await FakeUpstream.StartAsync("owner", KeyRefused);
        using var gateway = new TestGateway("responses-http", owner);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Equal(502, result.Error!.Kind.Status);
        Assert.DoesNotContain("sk-secret", result.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingListening_IsReportedInKnownTime()
    {
        var options = TestGateway.Options("responses-http");
        options.Pools[0].Destinations.Add(
            new DestinationOptions { Name = "gone", Kind = "responses-http", BaseUrl = "http://127.0.0.1:9/v1",
            Models = { TestGateway.Model } });
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Equal(502, result.Error!.Kind.Status);
        Assert.Equal(options.RetriesMax, result.Report.Retries);
    }

    [Fact]
    public async Task CancelledTurn_GivesUpItsSocket()
    {
        await using var owner = await FakeUpstream.StartAsync("owner", HangAfterDelta);
        using var gateway = new TestGateway("responses-ws", owner);
        using var cancelled = new CancellationTokenSource();
        var turn = gateway.TurnAsync(null, TestGateway.User("one"), cancelled: cancelled.Token);
        while (owner.Requests.IsEmpty) await Task.Yield();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn);
        Assert.Equal(0, gateway.IdleSockets);
        Assert.Equal(0, gateway.Pools.Current[0].Destinations[0].State.InFlight);
    }

    private static async Task<(TurnResult First, FakeUpstream At, FakeUpstream Away)> BeginAsync(TestGateway gateway, FakeUpstream owner,
        FakeUpstream other)
    {
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        return owner.Requests.IsEmpty ? (first, other, owner) : (first, owner, other);
    }
}
