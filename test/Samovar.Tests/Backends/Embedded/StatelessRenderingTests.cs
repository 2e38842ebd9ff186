using System.Text.Json;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// A client that resends its history gets the prompt that a server would make that has never seen it, whether the chain was found or not.
/// </summary>
public sealed class StatelessRenderingTests
{
    private const int Conversations = 15;
    private const int Turns = 8;

    private static readonly object[] Tools = [Talk.Function("find")];

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task MatchedTurn_HasThePromptOfTheWholeHistory_OverRandomConversations(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        var incremental = 0L;
        for (var seed = 0; seed < Conversations; seed++)
        {
            var talk = new Talk(family);
            incremental += await ConverseAsync(talk, family, new Random(seed));
        }
        if (name is "chatml" or "headers") Assert.True(incremental > Conversations, $"{incremental} turns were continued");
    }

    /// <summary>What the model wrote as the template would is continued; what it wrote in its own way is rendered from scratch.</summary>
    [Theory]
    [InlineData("""{"name": "find", "arguments": {"a": 1}}""", true)]
    [InlineData("""{"name":"find","arguments":{"a":1}}""", false)]
    public async Task SloppyCall_IsRenderedFromScratch(string call, bool isContinued)
    {
        var talk = new Talk(Families.ChatMl);
        talk.Says($"<tool_call>\n{call}\n</tool_call>");
        var asked = await talk.AskAsync(null, new { tools = Tools, input = new[] { Talk.User("go") } });
        talk.Says("done");
        var body = new { tools = Tools, input = new[] { Talk.Output(asked.Items.OfType<IToolCall>().Single().CallId!, "ok") } };
        await talk.AskAsync(asked.Node, body, inputStart: 2);
        Assert.Equal(isContinued ? 1 : 0, talk.Backend.Model.Planner.Counts.Incremental);
    }

    /// <summary>Answers how many of the matched turns were continued without rendering the whole.</summary>
    private static async Task<int> ConverseAsync(Talk talk, Family family, Random random)
    {
        var continued = 0;
        var withTools = random.Next(3) > 0 && family.Name != "alternating"; // it writes ids into calls, which no model says
        ChainNode? node = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            var isMatched = node is not null && random.Next(4) > 0; // now and then the client names the parent
            object tools = withTools ? Tools : [];
            var input = Input(node, random);
            Speak(talk, family, random, withTools);
            var before = talk.Backend.Model.Planner.Counts.Incremental;
            var reply = await talk.AskAsync(node, new { tools, input }, inputStart: isMatched ? 1 : 0);
            if (isMatched)
            {
                continued += (int)(talk.Backend.Model.Planner.Counts.Incremental - before);
                var whole = new TurnContext(node, []).AllItems().Select(Resent).Concat(input);
                Assert.Equal(talk.Text(talk.Plan(null, new { tools, input = whole })),
                    talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()));
                Assert.Equal(talk.Plan(null, new { tools, input = whole }).Path.ToArray(), talk.Engine.Turns[^1].Prompt.ToArray());
            }
            node = reply.Node;
        }
        return continued;
    }

    private static object Resent(Item item) => JsonDocument.Parse(item.Json.Utf8).RootElement;

    private static void Speak(Talk talk, Family family, Random random, bool withTools)
    {
        var (thinks, thought) = (random.Next(2) > 0, $"thought {random.Next(100)}");
        if (withTools && random.Next(3) > 0)
        {
            var space = random.Next(3) == 0 ? "" : " "; // the template writes one
            var call = family.Calls([("find", $"{{\"a\":{space}{random.Next(9)}}}")]);
            talk.Says(thinks ? family.Thinks(thought, call) : call, family.CallsEndWith);
            return;
        }
        var text = family.Name == "alternating" ? " said it" : $"the answer is {random.Next(100)}{(random.Next(4) == 0 ? "\n" : "")}";
        if (family.Name == "channels") text = $"<|channel|>final<|message|>{text}";
        talk.Says(thinks ? family.Thinks(thought, text) : text);
    }

    private static List<object> Input(ChainNode? node, Random random)
    {
        var input = new List<object>();
        foreach (var call in node?.Output.OfType<IToolCall>() ?? []) input.Add(Talk.Output(call.CallId!, $"result {random.Next(100)}"));
        if (input.Count == 0) input.Add(Talk.User($"question {random.Next(100)}"));
        return input;
    }
}
