using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A continuation's prompt is the whole conversation's prompt, made from what is new.</summary>
public sealed class IncrementalRenderingTests
{
    private const int Conversations = 15;
    private const int Turns = 8;

    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function("open_it")];

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task Continuation_EqualsWholeRender_OverRandomConversations(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        var (incremental, whole) = (0L, 0L);
        for (var seed = 0; seed < Conversations; seed++)
        {
            var talk = new Talk(family);
            await Converse(talk, family, new Random(seed));
            incremental += talk.Backend.Model.Planner.Counts.Incremental;
            whole += talk.Backend.Model.Planner.Counts.Whole - Turns; // each turn was also planned cold
        }
        Assert.True(whole > 0);
        // all but the first
        if (name is "chatml" or "headers") Assert.Equal((Conversations * (Turns - 1), Conversations), (incremental, whole));
        else Assert.True(incremental > Conversations, $"{incremental} continued, {whole} whole");
    }

    private static async Task Converse(Talk talk, Family family, Random random)
    {
        var withTools = random.Next(3) > 0 && family.Name != "alternating"; // it writes ids into calls, which no model says
        var instructions = random.Next(2) > 0 ? "Be brief." : null;
        ChainNode? node = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            object body = new { instructions, tools = withTools ? Tools : [], input = Input(node, random) };
            Speak(talk, family, random, withTools);
            var seen = await talk.AskAsync(node, body);
            var cold = talk.Plan(Talk.Cold(node), body);
            var warm = talk.Engine.Turns[^1].Prompt;
            Assert.Equal(talk.Text(cold), talk.Tokenizer.Text(warm.ToArray()));
            Assert.Equal(cold.Path.ToArray(), warm.ToArray());
            node = seen.Node;
        }
    }

    private static void Speak(Talk talk, Family family, Random random, bool withTools)
    {
        var thinks = random.Next(2) > 0;
        var thought = $"thought {random.Next(100)}";
        if (withTools && random.Next(3) > 0)
        {
            var several = family.Name is "chatml" or "reasoning" && random.Next(3) == 0;
            var calls = family.Calls(several ? [("find", "{\"a\": 1}"), ("open_it", "{\"a\": 2.50, \"b\": \"x\"}")]
                : [("find", $"{{\"a\": {random.Next(9)}}}")]);
            talk.Says(thinks ? family.Thinks(thought, calls) : calls, family.CallsEndWith);
            return;
        }
        var text = family.Name == "alternating" ? " said it" : $"the answer is {random.Next(100)}";
        if (family.Name == "channels") text = $"<|channel|>final<|message|>{text}";
        talk.Says(thinks ? family.Thinks(thought, text) : text);
    }

    private static List<object> Input(ChainNode? node, Random random)
    {
        var input = new List<object>();
        if (node is null && random.Next(2) > 0) input.Add(Talk.Developer("A rule of the house."));
        foreach (var call in node?.Output.OfType<IToolCall>() ?? []) input.Add(Talk.Output(call.CallId!, $"result {random.Next(100)} <b>"));
        if (input.Count == 0 || node is null) input.Add(Talk.User($"question {random.Next(100)}"));
        return input;
    }
}
