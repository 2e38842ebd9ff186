using Samovar.Backends;
using Samovar.Compaction;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Tests.Protocol.Conformance;

namespace Samovar.Tests.Compaction;

public sealed class CompactionTurnTests : IDisposable
{
    private readonly NotingBackend _backend = new();
    private readonly CoreHouse _house;

    public CompactionTurnTests() => _house = new CoreHouse(backends: _ => [_backend]);

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task TriggerOfAnEmptyConversation_IsAnsweredByAnEmptyWindow()
    {
        var seen = await _house.RunAsync(Conversations.Request([Conversations.Trigger], "\"store\":true"), Soon.Token);
        Assert.Equal("compaction", Assert.Single(seen.Output).GetProperty("type").GetString());
        Assert.Equal(Window.Whole, _house.Requests.Records[^1].Compaction);
        await _house.RunAsync(Conversations.Request([Ask.User("first")]).After(seen.Id), Soon.Token);
        Assert.Equal(["first"], _backend.Seen[^1].Select(ItemText.Of));
        Assert.Empty(_backend.Asked);
    }

    [Fact]
    public async Task Trigger_IsAnsweredByOneSealedItem_AndIsNoItemItself()
    {
        var seen = await CompactAsync(Conversations.Basket(), "\"store\":true");
        Assert.Equal(
            ["response.created", "response.in_progress", "response.output_item.added", "response.compaction.compacting",
                "response.output_item.done", "response.completed"], seen.Types);
        Assert.Equal("compaction", Assert.Single(seen.Output).GetProperty("type").GetString());
        var (id, text) = (seen.Output[0].GetProperty("id").GetString()!, seen.Output[0].GetProperty("encrypted_content").GetString()!);
        Assert.StartsWith("cmp_", id, StringComparison.Ordinal);
        Assert.StartsWith(CompactionItem.SamovarMark, text, StringComparison.Ordinal);
        Assert.Equal((id, 0), (seen.Events[3].GetProperty("item_id").GetString(), seen.Events[3].GetProperty("output_index").GetInt32()));
        Assert.Equal(id, seen.Events[2].GetProperty("item").GetProperty("id").GetString());
        Assert.All(seen.Events.Where(e => e.GetProperty("type").GetString() != "response.compaction.compacting"),
            e => Assert.Empty(OpenResponsesSchema.Event(e)));
        Assert.Equal(55, seen.Last.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        var node = await _house.Store.FindAsync(TenantId.Local, new ResponseId(seen.Id), Soon.Token);
        Assert.DoesNotContain(node!.Input, item => item is CompactionTriggerItem);
        Assert.Equal("model", _house.Requests.Records[^1].Compaction);
    }

    /// <summary>By id, and as the client's own window: the model sees the same.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Continuation_SeesTheWindow_AndNothingOfWhatItStandsFor(bool isById)
    {
        var basket = Conversations.Basket();
        var compacted = await CompactAsync(basket, "\"store\":true");
        Item[] window = [basket[0], basket[1], basket[5], Conversations.Item(compacted.Output[0])];
        var next = Ask.User("Go on.");
        await _house.RunAsync(isById ? Conversations.Request([next], "\"store\":true").After(compacted.Id)
            : Conversations.Request([.. window, next]), Soon.Token);
        var seen = _backend.Seen[^1];
        Assert.Equal(
            [basket[0].Json, basket[1].Json], seen.Take(2).Select(item => item.Json)); // byte for byte
        Assert.Contains(NotingBackend.GoodSummary, ItemText.Of(seen[2]), StringComparison.Ordinal);
        Assert.Equal([basket[4].Json, basket[5].Json, next.Json], seen.Skip(3).Select(item => item.Json)); // the newest, once
        Assert.DoesNotContain(seen, item => item is IToolCall or IToolOutput or CompactionItem);
    }

    [Fact]
    public async Task ContinuationOfAContinuation_FindsTheWindowAgain_InWhateverStoreItIs()
    {
        var compacted = await CompactAsync(Conversations.Basket(), "\"store\":true");
        var second = await _house.RunAsync(Conversations.Request([Ask.User("two")], "\"store\":true").After(compacted.Id), Soon.Token);
        var third = await _house.RunAsync(Conversations.Request([Ask.User("three")], "\"store\":true").After(second.Id), Soon.Token);
        Assert.Contains(NotingBackend.GoodSummary, string.Join('\n', _backend.Seen[^1].Select(ItemText.Of)), StringComparison.Ordinal);
        Assert.DoesNotContain(_backend.Seen[^1], item => item is IToolOutput);
        // What a client lists are its own items and compactions, not what they stand for.
        var node = await _house.Store.FindAsync(TenantId.Local, new ResponseId(third.Id), Soon.Token);
        var shown = new Samovar.Context.TurnContext(node!.Parent, node.Input).ShownItems().ToList();
        Assert.Single(shown.OfType<CompactionItem>());
        Assert.DoesNotContain(shown, item => ItemText.Of(item).Contains(NotingBackend.GoodSummary, StringComparison.Ordinal));
    }

    /// <summary>Its output may come at any later time, once; also behind the second compaction.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AsynchronousCall_ThatWaits_IsInTheWindow_AndTakesItsOutputBehindIt(int compactions)
    {
        Item[] waiting = [Ask.User("Count."), Conversations.Read(
            """{"type":"function_call","call_id":"late","name":"exec_command","arguments":"{}","async":true}""")];
        var seen = await CompactAsync([.. waiting, .. Conversations.Basket()], "\"store\":true");
        for (var more = 1; more < compactions; more++)
        {
            var between = await _house.RunAsync(Conversations.Request([Ask.User("On.")], "\"store\":true").After(seen.Id), Soon.Token);
            seen = await _house.RunAsync(Conversations.Request(
                [.. Conversations.Basket(), Conversations.Trigger], "\"store\":true").After(between.Id), Soon.Token);
        }
        var late = await _house.RunAsync(Conversations.Request([Ask.Output("late")], "\"store\":true").After(seen.Id), Soon.Token);
        Assert.Equal("completed", late.Status);
        Assert.Single(_backend.Seen[^1].OfType<IToolCall>(), call => call.CallId == "late");
        Assert.Single(_backend.Seen[^1].OfType<IToolOutput>(), output => output.CallId == "late");
        var again = await Assert.ThrowsAsync<ApiException>(() =>
            _house.RunAsync(Conversations.Request([Ask.Output("late")], "\"store\":true").After(late.Id), Soon.Token));
        Assert.Equal(Errors.ToolOutputRepeated, again.Kind);
    }

    [Fact]
    public async Task AsynchronousCall_ThatWaits_TakesItsOutput_WhereItsClientBringsTheWindow()
    {
        Item[] waiting = [Ask.User("Count."), Conversations.Read(
            """{"type":"function_call","call_id":"late","name":"exec_command","arguments":"{}","async":true}""")];
        var seen = await CompactAsync([.. waiting, .. Conversations.Basket()]);
        Item[] window = [Ask.User("Count."), Conversations.Item(seen.Output[0]), Ask.Output("late")];
        await _house.RunAsync(Conversations.Request(window), Soon.Token);
        Assert.Single(_backend.Seen[^1].OfType<IToolCall>(), call => call.CallId == "late");
        var wrong = await Assert.ThrowsAsync<ApiException>(() =>
            _house.RunAsync(Conversations.Request([.. window, Ask.Output("nobody")]), Soon.Token));
        Assert.Equal(Errors.ToolCallMissing, wrong.Kind);
    }

    [Fact]
    public async Task ResentWindow_IsFoundAgain_AsTheChainThatItIs()
    {
        var compacted = await CompactAsync(Conversations.Basket());
        Item[] window = [Ask.User(Conversations.Task), Conversations.Item(compacted.Output[0]), Ask.User("Go on.")];
        var first = await _house.RunAsync(Conversations.Request(window), Soon.Token);
        await _house.RunAsync(
            Conversations.Request([.. window, Conversations.Item(first.Output[0]), Ask.User("More.")]), Soon.Token);
        Assert.Equal("content", _house.Requests.Records[^1].Matched);
        await _house.RunAsync(Conversations.Request(
            [.. window, Conversations.Item(first.Output[0]), Ask.User("More."), Conversations.Item(first.Output[0]), Ask.User("Most.")]),
            Soon.Token);
        Assert.Equal("content", _house.Requests.Records[^1].Matched);
        Assert.Contains(NotingBackend.GoodSummary, string.Join('\n', _backend.Seen[^1].Select(ItemText.Of)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThirdCompaction_StillHasTheTask_AndTheNotesOfTheOthers()
    {
        _house.Compaction.Summarizes = false; // what is extracted is what there is
        var basket = Conversations.Basket();
        var last = await CompactAsync(basket, "\"store\":true");
        for (var round = 0; round < 2; round++)
        {
            Item[] more = [.. Round($"r{round}", $"touch file{round}.txt"), Ask.User($"next {round}")];
            last = await _house.RunAsync(
                Conversations.Request([.. more, Conversations.Trigger], "\"store\":true").After(last.Id), Soon.Token);
        }
        await _house.RunAsync(Conversations.Request([Ask.User("done?")]).After(last.Id), Soon.Token);
        var seen = _backend.Seen[^1];
        Assert.Equal(basket[1].Json, seen[1].Json);
        var notes = ItemText.Of(Assert.Single(seen, item => Window.NotesOf(item) is not null));
        Assert.Contains("cat basket.txt", notes, StringComparison.Ordinal);
        Assert.Contains("file0.txt", notes, StringComparison.Ordinal);
        Assert.Equal("extract:off", _house.Requests.Records[^2].Compaction);
    }

    [Theory]
    [InlineData("", "extract:empty")]
    [InlineData("Seven apples.", "extract:empty")]
    [InlineData("""<apples>[{"basket":["seven"]},{"count":["apples"]},{"pears":[{}]}]</apples> {"basket.txt":[]} please""",
        "extract:markup")]
    [InlineData("""{"name": "exec", "arguments": {"cmd": "cat basket.txt and count the apples"}}""", "extract:call")]
    [InlineData("Zebras gallop across wonderful savannas while purple elephants whistle delightful melodies together.", "extract:off_task")]
    public async Task Summary_ThatCannotBeUsed_GivesWayToNotes(string summary, string method)
    {
        _backend.Summary = summary;
        await CompactAsync(Conversations.Basket());
        Assert.Equal(method, _house.Requests.Records[^1].Compaction);
    }

    [Fact]
    public async Task Summary_ThatRepeatsItself_OrIsTheQuestion_OrIsCut_OrCalls_OrIsRefused_GivesWayToNotes()
    {
        _backend.Summary = string.Concat(Enumerable.Repeat("count the apples in the basket ", 30));
        await IsAsync("extract:repeats");
        _backend.Summary = SummaryRequest.Question;
        await IsAsync("extract:copies");
        (_backend.Summary, _backend.IsCut) = (NotingBackend.GoodSummary, true);
        await IsAsync("extract:longer");
        (_backend.IsCut, _backend.Calls) = (false, true);
        await IsAsync("extract:call");
        (_backend.Calls, _backend.Refuses) = (false, new ApiException(Errors.ServerOverloaded, "1 s"));
        await IsAsync("extract:server_is_overloaded");
        _backend.Refuses = new InvalidOperationException("broken");
        await IsAsync("extract:failed");

        async Task IsAsync(string method)
        {
            var seen = await CompactAsync(Conversations.Basket());
            Assert.Equal("completed", seen.Status);
            Assert.Equal(method, _house.Requests.Records[^1].Compaction);
        }
    }

    [Fact]
    public async Task Summary_ThatTakesTooLong_GivesWayToNotes_AndOneThatIsCancelledEndsItsTurn()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _backend.OnSummary = async cancelled =>
        {
            gate.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _house.Time, cancelled);
        };
        var late = _house.Begin(Compacting(Conversations.Basket()));
        await Soon.In(gate.Task);
        _house.Time.Advance(_house.Compaction.SummaryTimeMax);
        Assert.NotNull(await Soon.In(late.Ended));
        Assert.Equal("extract:timeout", _house.Requests.Records[^1].Compaction);

        gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = _house.Begin(Compacting(Conversations.Basket()));
        await Soon.In(gate.Task);
        cancelled.Cancel();
        Assert.Null(await Soon.In(cancelled.Ended));
        Assert.Equal("cancelled", _house.Requests.Records[^1].Outcome);
    }

    [Fact]
    public async Task Summary_IsAskedBehindTheConversationItself_WithItsTools_NoneOfWhichMayBeCalled()
    {
        var tools = Ask.ToolsOf("exec");
        await _house.RunAsync(Compacting(Conversations.Basket()) with { Tools = tools }, Soon.Token);
        var asked = Assert.Single(_backend.Asked);
        Assert.Equal(tools.Json, asked.Tools.Json);
        Assert.Equal((false, _house.Compaction.SummaryTokensMax), (asked.Request.Store, asked.Request.MaxOutputTokens));
        Assert.IsType<ToolChoice.None>(asked.Request.ToolChoice);
    }

    [Fact]
    public async Task ShortConversation_IsKeptWhole_AndNobodyIsAsked()
    {
        var seen = await CompactAsync([Ask.User("hello"), Conversations.Item(Said("hi"))]);
        Assert.Empty(_backend.Asked);
        Assert.Equal("whole", _house.Requests.Records[^1].Compaction);
        await _house.RunAsync(Conversations.Request([Conversations.Item(seen.Output[0]), Ask.User("more")]), Soon.Token);
        Assert.Equal(["hello", "hi", "more"], _backend.Seen[^1].Select(ItemText.Of));
    }

    [Fact]
    public async Task OpenCall_CannotBeCompacted()
    {
        var turn = _house.Begin(Compacting(Conversations.Basket()[..3]));
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        Assert.Equal(Errors.ToolOutputMissing, error.Kind);
    }

    private Task<SeenEvents> CompactAsync(IEnumerable<Item> input, string more = "\"store\":false") =>
        _house.RunAsync(Compacting(input, more), Soon.Token);

    private static Samovar.Protocol.Requests.CreateRequest Compacting(IEnumerable<Item> input, string more = "\"store\":false") =>
        Conversations.Request([.. input, Conversations.Trigger], more);

    private static Item[] Round(string id, string command) =>
    [
        Conversations.Read($$$"""{"type":"function_call","call_id":"{{{id}}}","name":"exec","arguments":"{\"cmd\":\"{{{command}}}\"}"}"""),
        Ask.Output(id, new string('x', 30_000)),
    ];

    private static System.Text.Json.JsonElement Said(string text) => System.Text.Json.JsonDocument.Parse(
        $$"""{"type":"message","role":"assistant","content":[{"type":"output_text","text":"{{text}}"}]}""").RootElement;
}
