using System.Text.Json;
using Samovar.Backends.Embedded;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a client wants cleared of its context is not in the prompt, is counted exactly, and costs only what changed.</summary>
public sealed class ContextEditTests
{
    private const int ResultChars = 400; // a token is about a byte here

    [Fact]
    public async Task OldResults_AreNotes_OnceThereAreMoreCallsThanTheTrigger()
    {
        var talk = new Talk(Families.ChatMl);
        var edit = Edit(new { type = "tool_uses", value = 3 }, keep: 2);
        var seen = await AskAsync(talk, null, edit, calls: 3); // three are no more than three
        Assert.DoesNotContain(Clearing.Note, Prompt(talk), StringComparison.Ordinal);
        Assert.Equal("[]", seen.Finished.AppliedEdits.ToString());
        seen = await AnswerAsync(talk, seen, edit, 3);
        var prompt = Prompt(talk);
        Assert.Equal([false, false, true, true], Enumerable.Range(0, 4).Select(call => HasResult(prompt, call)));
        Assert.Equal(2, prompt.Split(Clearing.Note).Length - 1);
        Assert.Contains("\"a\": 0}", prompt, StringComparison.Ordinal); // the calls stay
        var whole = talk.Plan(seen.Node.Parent, Body(null, Sent(seen.Node))).Path.Length;
        var won = whole - talk.Engine.Turns[^1].Prompt.Length;
        Assert.InRange(won, 2 * (ResultChars - Clearing.Note.Length), 2 * ResultChars);
        Assert.Equal($$"""[{"type":"clear_tool_uses_20250919","cleared_tool_uses":2,"cleared_input_tokens":{{won}}}]""",
            seen.Finished.AppliedEdits.ToString());
    }

    [Fact]
    public async Task Tokens_AreThoseOfTheWholePrompt_AndOneMoreThanTheTrigger()
    {
        var talk = new Talk(Families.ChatMl);
        var seen = await AskAsync(talk, null, edits: null, calls: 4);
        var whole = talk.Engine.Turns[^1].Prompt.Length;
        foreach (var (trigger, isCleared) in ((int, bool)[])[(whole, false), (whole - 1, true)])
        {
            var edit = Edit(new { type = "input_tokens", value = trigger }, keep: 1);
            var again = await talk.AskAsync(seen.Node.Parent, Body(edit, Sent(seen.Node)));
            Assert.Equal(isCleared ? 3 : 0, Cleared(again));
            Assert.Equal(whole - Won(again), talk.Engine.Turns[^1].Prompt.Length);
        }
    }

    [Fact]
    public async Task ExcludedTools_Stay_AndInputsGoWhereTheyAreAskedFor()
    {
        var talk = new Talk(Families.ChatMl);
        object kept = Edit(new { type = "tool_uses", value = 1 }, keep: 1, exclude: ["find"]);
        await AskAsync(talk, null, kept, calls: 3);
        Assert.True(HasResult(Prompt(talk), 0));
        object inputs = Edit(new { type = "tool_uses", value = 1 }, keep: 1, inputs: new[] { "find" });
        await AskAsync(talk, null, inputs, calls: 3);
        Assert.DoesNotContain("\"a\": 0}", Prompt(talk), StringComparison.Ordinal);
        Assert.Contains("\"a\": 2}", Prompt(talk), StringComparison.Ordinal);
    }

    /// <summary>As Claude Code does: it keeps one more with each call, so that what is cleared stays as it is.</summary>
    [Fact]
    public async Task TurnsThatClearNothingMore_AreContinued()
    {
        var talk = new Talk(Families.ChatMl);
        var seen = await AskAsync(talk, null, Edit(new { type = "tool_uses", value = 3 }, keep: 1), calls: 4);
        var won = Won(seen);
        for (var call = 4; call < 8; call++)
        {
            var before = talk.Backend.Model.Planner.Counts;
            var edit = Edit(new { type = "tool_uses", value = call - 1 }, keep: call - 2);
            seen = await AnswerAsync(talk, seen, edit, call);
            Assert.Equal((3, won), (Cleared(seen), Won(seen)));
            Assert.Equal((before.Incremental + 1, before.Whole), talk.Backend.Model.Planner.Counts);
            Assert.Equal(Cold(talk, seen, edit), Prompt(talk));
        }
    }

    [Fact]
    public async Task TooFewTokens_AreNotWorthIt()
    {
        var talk = new Talk(Families.ChatMl);
        var most = Won(await AskAsync(talk, null, Edit(new { type = "tool_uses", value = 2 }, keep: 1), calls: 3));
        var few = await AskAsync(talk, null, Edit(new { type = "tool_uses", value = 2 }, keep: 1, least: most + 1), calls: 3);
        Assert.Equal(0, Cleared(few));
        var enough = await AskAsync(talk, null, Edit(new { type = "tool_uses", value = 2 }, keep: 1, least: most), calls: 3);
        Assert.Equal((2, most), (Cleared(enough), Won(enough)));
    }

    [Fact]
    public async Task Clearing_CostsWhatComesBehindIt_AndNothingBefore()
    {
        var talk = new Talk(Families.ChatMl);
        var edit = Edit(new { type = "tool_uses", value = 3 }, keep: 1);
        var seen = await AskAsync(talk, null, edit, calls: 3);
        var before = talk.Engine.Turns[^1].Prompt;
        seen = await AnswerAsync(talk, seen, edit, 3);
        var now = talk.Engine.Turns[^1].Prompt;
        var common = before.ToArray().AsSpan().CommonPrefixLength(now.ToArray());
        Assert.Equal(talk.Tokenizer.Text(before.ToArray()).IndexOf(Result(0), StringComparison.Ordinal),
            talk.Tokenizer.Text([.. now.ToArray().Take(common)]).Length);
        Assert.Equal(MissReasons.Edited, talk.Backend.Model.Planner.Plan(
            talk.Turn(seen.Node, Talk.Request(Body(null, [Talk.User("and now?")]))), CancellationToken.None).MissReason);
    }

    [Fact]
    public async Task ThoughtsOfOlderTurns_AreLeftOut_WhereTheTemplateWritesThem()
    {
        var talk = new Talk(Families.Channels);
        object keep = new { edits = new[] { new { type = "clear_thinking_20251015", keep = new { type = "thinking_turns", value = 1 } } } };
        object all = new { edits = new[] { new { type = "clear_thinking_20251015", keep = "all" } } };
        object[] said =
        [
            Talk.User("one"), Thought("hm-one"), Call("c1"), Talk.Output("c1", "r1"), Talk.User("two"), Thought("hm-two"), Call("c2"),
            Talk.Output("c2", "r2"),
        ];
        talk.Says("ok");
        var whole = await talk.AskAsync(null, Body(all, said));
        Assert.Equal("[]", whole.Finished.AppliedEdits.ToString());
        var count = talk.Engine.Turns[^1].Prompt.Length;
        var edited = await talk.AskAsync(null, Body(keep, said));
        Assert.DoesNotContain("hm-one", Prompt(talk), StringComparison.Ordinal);
        Assert.Contains("hm-two", Prompt(talk), StringComparison.Ordinal);
        Assert.Equal($$"""[{"type":"clear_thinking_20251015","cleared_thinking_turns":1,"cleared_input_tokens":{{
            count - talk.Engine.Turns[^1].Prompt.Length}}}]""", edited.Finished.AppliedEdits.ToString());
    }

    [Fact]
    public async Task UnknownEdit_IsNamed_AndNothingIsCleared()
    {
        var talk = new Talk(Families.ChatMl).Says("ok");
        var turn = talk.Turn(null, Talk.Request(Body(new { edits = new[] { new { type = "compact_20260112" } } }, [Talk.User("hi")])));
        await foreach (var _ in talk.Backend.RunAsync(turn, TestContext.Current.CancellationToken)) { }
        Assert.Equal(["context_edits.compact_20260112"], turn.Report.Dropped);
    }

    private static object Edit(object trigger, int keep, int? least = null, string[]? exclude = null, object? inputs = null) => new
    {
        edits = new[]
        {
            new
            {
                type = "clear_tool_uses_20250919", trigger, keep = new { type = "tool_uses", value = keep }, exclude_tools = exclude,
                clear_at_least = least is { } value ? new { type = "input_tokens", value } : null, clear_tool_inputs = inputs,
            },
        },
    };

    private static object Body(object? edits, object[] input) =>
        new { input, tools = new[] { Talk.Function("find") }, context_edits = edits };

    private static object Thought(string text) =>
        new { type = "reasoning", summary = Array.Empty<object>(), content = new[] { new { type = "reasoning_text", text } } };

    private static object Call(string id) => new { type = "function_call", call_id = id, name = "find", arguments = "{\"a\": 1}" };

    private static string Result(int call) => $"result-{call}-".PadRight(ResultChars, 'r');

    /// <summary>A conversation with so many calls, all answered.</summary>
    private static async Task<BackendAnswer> AskAsync(Talk talk, ChainNode? parent, object? edits, int calls)
    {
        talk.SaysCalls(("find", """{"a": 0}"""));
        var seen = await talk.AskAsync(parent, Body(edits, [Talk.User("the task")]));
        for (var call = 0; call < calls; call++) seen = await AnswerAsync(talk, seen, edits, call);
        return seen;
    }

    /// <summary>Answers the open call; the model makes the next.</summary>
    private static Task<BackendAnswer> AnswerAsync(Talk talk, BackendAnswer seen, object? edits, int call)
    {
        talk.SaysCalls(("find", $$"""{"a": {{call + 1}}}"""));
        var id = seen.Items.OfType<FunctionCallItem>().Single().CallId;
        return talk.AskAsync(seen.Node, Body(edits, [Talk.Output(id, Result(call))]));
    }

    private static string Prompt(Talk talk) => talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());

    private static bool HasResult(string prompt, int call) => prompt.Contains(Result(call), StringComparison.Ordinal);

    private static int Cleared(BackendAnswer seen) => Figure(seen, "cleared_tool_uses");

    private static int Won(BackendAnswer seen) => Figure(seen, "cleared_input_tokens");

    private static int Figure(BackendAnswer seen, string name) =>
        JsonDocument.Parse(seen.Finished.AppliedEdits.ToString()).RootElement.EnumerateArray()
            .Select(edit => edit.GetProperty(name).GetInt32()).SingleOrDefault();

    private static object[] Sent(ChainNode node) =>
        [.. node.Input.Select(static item => (object)JsonDocument.Parse(item.Json.ToString()).RootElement)];

    /// <summary>The same turn as if nothing but the items were known.</summary>
    private static string Cold(Talk talk, BackendAnswer seen, object edit)
    {
        var node = seen.Node;
        var plan = new ContextEditor(talk.Backend.Model.Planner)
            .Edited(talk.Turn(Talk.Cold(node.Parent), Talk.Request(Body(edit, Sent(node)))), CancellationToken.None).Plan;
        return talk.Text(plan!);
    }
}
