using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Asynchronous calls in prompts: what was rendered while one waited stays as it is, and every template takes it.</summary>
public sealed class AsyncRenderingTests
{
    private const int Conversations = 15;
    private const int Turns = 8;
    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function(Talk.Asynchronous)];

    public static TheoryData<string> FamilyNames =>
        new(Families.All.Select(family => family.Name).Where(name => name != "alternating")); // it writes ids, which no model says

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task Continuation_EqualsWholeRender_WhateverWaits(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        for (var seed = 0; seed < Conversations; seed++) await ConverseAsync(new Talk(family), family, new Random(seed));
    }

    [Fact]
    public async Task WaitingCall_HasANote_AndItsOutputIsTheUsersText()
    {
        var talk = new Talk(Families.ChatMl).SaysCalls((Talk.Asynchronous, "{\"a\": 1}"));
        var asked = await talk.AskAsync(null, new { tools = Tools, input = "look" });
        var call = asked.Items.OfType<FunctionCallItem>().Single();
        Assert.True(call.IsAsync);
        talk.Says("meanwhile");
        var waiting = await talk.AskAsync(asked.Node, new { tools = Tools, input = "and?" });
        var prompt = talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        Assert.True(prompt.IndexOf(PendingCall.Note, StringComparison.Ordinal) is > 0 and var at
            && at < prompt.IndexOf("and?", StringComparison.Ordinal));
        Assert.InRange(waiting.Finished.Usage!.CachedTokens, asked.State.Path.Length - 1, asked.State.Path.Length);
        var late = await talk.AskAsync(waiting.Node, new { tools = Tools, input = new[] { Talk.Output(call.CallId, "seven") } });
        prompt = talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        var note = $"Result of the call {call.CallId} of {Talk.Asynchronous}, which was pending:\nseven<|im_end|>\n";
        Assert.EndsWith(note + "<|im_start|>assistant\n", prompt, StringComparison.Ordinal);
        Assert.Contains(PendingCall.Note, prompt, StringComparison.Ordinal);
        Assert.InRange(late.Finished.Usage!.CachedTokens, waiting.State.Path.Length - 1, waiting.State.Path.Length);
    }

    [Fact]
    public async Task Outputs_StandBehindTheirCalls_WhateverTheUserSaidBefore()
    {
        var talk = new Talk(Families.ChatMl).SaysCalls(("find", "{\"a\": 1}"));
        var asked = await talk.AskAsync(null, new { tools = Tools, input = "look" });
        var call = asked.Items.OfType<FunctionCallItem>().Single();
        talk.Says("so");
        await talk.AskAsync(asked.Node, new { tools = Tools, input = new[] { Talk.User("words"), Talk.Output(call.CallId, "seven") } });
        var prompt = talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        Assert.True(prompt.IndexOf("seven", StringComparison.Ordinal) < prompt.IndexOf("words", StringComparison.Ordinal));
    }

    private static async Task ConverseAsync(Talk talk, Family family, Random random)
    {
        ChainNode? node = null;
        var waiting = new List<string>();
        for (var turn = 0; turn < Turns; turn++)
        {
            object body = new { tools = Tools, input = Input(node, waiting, random), previous_response_id = node?.Id.Value };
            Speak(talk, family, random);
            var seen = await talk.AskAsync(node, body);
            var cold = talk.Plan(Talk.Cold(node), body);
            Assert.Equal(talk.Text(cold), talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()));
            node = seen.Node;
        }
    }

    private static void Speak(Talk talk, Family family, Random random)
    {
        if (random.Next(3) == 0)
        {
            talk.Says(family.Name == "channels" ? "<|channel|>final<|message|>so it is" : "so it is");
            return;
        }
        var name = random.Next(3) > 0 ? Talk.Asynchronous : "find";
        var several = family.Name is "chatml" or "reasoning" && random.Next(3) == 0;
        var calls = family.Calls(several ? [(name, "{\"a\": 1}"), ("find", "{\"a\": 2}")] : [(name, $"{{\"a\": {random.Next(9)}}}")]);
        talk.Says(calls, family.CallsEndWith);
    }

    private static List<object> Input(ChainNode? node, List<string> waiting, Random random)
    {
        var input = new List<object>();
        if (node is null || random.Next(3) == 0) input.Add(Talk.User($"question {random.Next(100)}"));
        foreach (var call in waiting.ToList())
            if (random.Next(3) == 0 && waiting.Remove(call)) input.Add(Talk.Output(call, $"late {random.Next(100)}"));
        foreach (var call in node?.Output.OfType<FunctionCallItem>() ?? [])
        {
            if (!call.IsAsync || random.Next(2) == 0) input.Add(Talk.Output(call.CallId, $"result {random.Next(100)}"));
            else waiting.Add(call.CallId);
        }
        var hasNote = node?.Output.OfType<FunctionCallItem>().Any(call => waiting.Contains(call.CallId)) == true;
        if (random.Next(3) == 0 || input.Count == 0 && !hasNote) input.Add(Talk.User($"more {random.Next(100)}"));
        return input;
    }
}
