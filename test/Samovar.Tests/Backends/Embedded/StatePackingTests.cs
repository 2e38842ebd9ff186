using Samovar.Backends;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Chains.Packing;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a stored response keeps of its tokens lets another process go on as if it had made them.</summary>
public sealed class StatePackingTests
{
    public static TheoryData<string> All() => [.. Families.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task ChainThatWasReadAgain_GoesOnWithTheSameTokens(string name)
    {
        var family = Families.All.Single(family => family.Name == name);
        var talk = new Talk(family);
        ChainNode? node = null;
        foreach (var (says, body) in Turns(talk))
        {
            says();
            if (node is not null) HoldsSame(talk, node, new Talk(family), Again(node, talk, new Talk(family)), body);
            node = await KeptAsync(talk, node, body);
        }
        HoldsSame(talk, node!, new Talk(family), Again(node!, talk, new Talk(family)), Ask("the end?"));
    }

    [Fact]
    public async Task ChainThatWasReadAgain_IsNotRendered()
    {
        var talk = new Talk(Families.ChatMl).Says("fine");
        ChainNode? node = null;
        for (var turn = 0; turn < 5; turn++) node = await KeptAsync(talk, node, Ask($"question {turn}"));
        var other = new Talk(Families.ChatMl).Says("fine");
        await other.AskAsync(Again(node!, talk, other), Ask("and now?"));
        Assert.Equal((1, 0), other.Backend.Model.Planner.Counts);
    }

    [Fact]
    public async Task TokensOfTheParent_AreNotStoredAgain()
    {
        var talk = new Talk(Families.ChatMl).Says("fine");
        var root = await KeptAsync(talk, null, Ask(new string('x', 4000)));
        var next = await KeptAsync(talk, root, Ask("more"));
        var states = new BackendStates([talk.Backend]);
        Assert.InRange(states.Pack(root)!.Bytes.Length + states.Pack(root)!.Parts.Sum(part => part.Length), 4000, 20_000);
        Assert.InRange(states.Pack(next)!.Bytes.Length, 1, 300);
        var read = Again(next, talk, new Talk(Families.ChatMl));
        Assert.True(((EmbeddedState)read.State!).Path.GrewFrom(((EmbeddedState)read.Parent!.State!).Path));
        Assert.InRange(read.State.Bytes, next.State!.Bytes - 64, next.State.Bytes + 64);
    }

    [Fact]
    public async Task TokensOfTheSameStart_AreStoredOnce_ForAllConversations()
    {
        var talk = new Talk(Families.ChatMl).Says("fine");
        var states = new BackendStates([talk.Backend]);
        var rows = new List<ChainRow>();
        foreach (var question in new[] { "one", "another" })
        {
            var body = new { instructions = new string('x', 6000), input = question };
            rows.Add(ChainPacking.Pack(await KeptAsync(talk, null, body), ChainClaim.New, states));
        }
        Assert.Equal(1 + 2, rows[0].Pieces.Count); // the instructions, and 4096 tokens
        Assert.Equal(rows[0].Pieces.Select(piece => piece.Name), rows[1].Pieces.Select(piece => piece.Name));
    }

    [Fact]
    public async Task ShortenedConversation_GoesOnFromWhereItWas()
    {
        var talk = new Talk(Families.ChatMl).Holding(4000).Says("fine");
        ChainNode? node = null;
        for (var turn = 0; turn < 16; turn++) node = await KeptAsync(talk, node, Long(turn));
        Assert.NotEqual(0, ((EmbeddedState)node!.State!).ItemsDropped);
        var other = new Talk(Families.ChatMl).Holding(4000);
        HoldsSame(talk, node, other, Again(node, talk, other), Long(16));

        static object Long(int turn) => new
        {
            input = new object[]
            {
                Talk.User($"question {turn} {new string('y', 300)}"),
                new { type = "additional_tools", tools = new[] { Talk.Function($"tool_{turn}") } },
            },
            truncation = "auto",
        };
    }

    [Fact]
    public async Task AnotherModelsTokens_AreNotTaken()
    {
        var talk = new Talk(Families.ChatMl).Says("fine");
        var node = await KeptAsync(talk, null, Ask("hi"));
        Assert.NotNull(Again(node, talk, new Talk(Families.ChatMl)).State);
        Assert.Null(Again(node, talk, new Talk(Families.Reasoning)).State);
        Assert.Null(Again(node, talk, new Talk(Families.ChatMl, new() { ImagePlaceholder = "[an image]" })).State);
        var other = new Talk(Families.ChatMl);
        other.Engine.Model = other.Engine.Model with { Identity = "another file" };
        Assert.Null(Again(node, talk, other).State);
    }

    [Fact]
    public async Task BrokenState_CostsItsTokens_AndNotTheResponse()
    {
        var talk = new Talk(Families.ChatMl).Says("fine");
        var node = await KeptAsync(talk, null, Ask("hi"));
        var states = new BackendStates([talk.Backend]);
        var packed = states.Pack(node)!;
        var turn = new StoredTurn(null, node.Input, node.Response);
        for (var length = 0; length < packed.Bytes.Length; length++)
            Assert.Null(states.Read(packed with { Bytes = packed.Bytes[..length] }, turn));
        Assert.Null(states.Read(packed with { Kind = "somebody's" }, turn));
    }

    private static object Ask(string text) => new { input = text };

    private static IEnumerable<(Action Says, object Body)> Turns(Talk talk)
    {
        object[] tools = [Talk.Function("find")];
        yield return (() => talk.Says("hello"), new { instructions = "Be short.", input = "hi", tools });
        yield return (() => talk.SaysCalls(("find", """{"a": 1}""")), new { instructions = "Be short.", input = "find it", tools });
        yield return (() => talk.Says("found"), new
        {
            instructions = "Be short.", tools, input = new object[] { Talk.Output("call_1", "here") },
        });
        yield return (() => talk.Says("a long answer that is cut"), new
        {
            instructions = "Be short.", input = "tell", tools, max_output_tokens = 16,
        });
        yield return (() => talk.Says("yes"), new
        {
            instructions = "Be short.", tools,
            input = new object[]
            {
                new { type = "additional_tools", tools = new[] { Talk.Function("later") } }, Talk.User("can you do more?"),
            },
        });
        var reasoning = new { effort = "low" };
        yield return (() => talk.Says("other settings"), new { instructions = "Be long.", input = "now?", reasoning });
        yield return (() => talk.Says("again"), new { instructions = "Be long.", input = "so?", reasoning });
    }

    private static async Task<ChainNode> KeptAsync(Talk talk, ChainNode? parent, object body)
    {
        var request = Talk.Request(body);
        var calls = (parent?.Output ?? []).OfType<FunctionCallItem>().ToList();
        if (calls.Count > 0) request = request with { Input = [.. calls.Select(call => Samovar.Testing.Core.Ask.Output(call.CallId))] };
        var node = (await talk.AskAsync(parent, request)).Node;
        return new ChainNode
        {
            Tenant = node.Tenant, Id = node.Id, Parent = node.Parent, Input = node.Input, State = node.State, Bytes = node.Bytes,
            Response = node.Response with
            {
                Request = request.Settings(), Instructions = request.Instructions, Tools = request.Tools ?? ToolList.Empty,
            },
        };
    }

    /// <summary>The chain as another process reads it.</summary>
    private static ChainNode Again(ChainNode node, Talk writer, Talk reader)
    {
        var parent = node.Parent is null ? null : Again(node.Parent, writer, reader);
        var row = ChainPacking.Pack(node, ChainClaim.New, new BackendStates([writer.Backend]));
        return ChainPacking.Unpack(row, parent, new BackendStates([reader.Backend]));
    }

    private static void HoldsSame(Talk warm, ChainNode node, Talk other, ChainNode read, object body)
    {
        if (node.Output.Any(item => item is FunctionCallItem)) return; // answered by the next turn
        var (expected, plan) = (warm.Plan(node, body), other.Plan(read, body));
        Assert.Equal(expected.Path.ToArray(), plan.Path.ToArray());
        Assert.Equal((expected.IsIncremental, expected.Shared, expected.MissReason, expected.ItemsDropped, expected.IsAsWritten),
            (plan.IsIncremental, plan.Shared, plan.MissReason, plan.ItemsDropped, plan.IsAsWritten));
        Assert.Equal((expected.HasSystem, expected.HasTools, expected.ReasoningSinceUser, expected.TextEnd),
            (plan.HasSystem, plan.HasTools, plan.ReasoningSinceUser, plan.TextEnd));
        Assert.True(expected.Tools.HasToolsOf(plan.Tools));
        Assert.True(((EmbeddedState)node.State!).Tools.HasToolsOf(((EmbeddedState)read.State!).Tools));
    }
}
