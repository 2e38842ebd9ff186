using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Conversations whose every turn must have the tokens that the whole would have.</summary>
internal static class WarmAndCold
{
    private static readonly string[] Said = ["go on", "yes", "ok"]; // what people and tools say again and again

    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function("open_it")];

    public static Family FamilyOf(string template) => new("random", template, "<|z|>", RandomTemplates.Specials);

    public static async Task ConverseAsync(Talk talk, Random random, string template, int turns)
    {
        var instructions = random.Next(2) > 0 ? Text(random) : null;
        object[] tools = random.Next(2) > 0 ? Tools[..(1 + random.Next(2))] : [];
        ChainNode? node = null;
        for (var turn = 0; turn < turns; turn++)
            node = await TurnAsync(
                talk, node, new { instructions, tools, input = Input(node, random) }, Answer(random, tools.Length), template);
    }

    public static async Task<ChainNode> TurnAsync(Talk talk, ChainNode? node, object body, string says, string what)
    {
        talk.Says(says);
        var seen = await talk.AskAsync(node, body);
        var warm = talk.Engine.Turns[^1].Prompt;
        var cold = talk.Plan(Talk.Cold(node), body);
        if (!cold.Path.ToArray().AsSpan().SequenceEqual(warm.ToArray()))
            Assert.Fail($"{what}\n\nwarm: {talk.Tokenizer.Text(warm.ToArray())}\n\ncold: {talk.Text(cold)}");
        return seen.Node;
    }

    private static string Answer(Random random, int tools)
    {
        if (tools == 0 || random.Next(2) == 0) return Text(random);
        var name = random.Next(tools) == 0 ? "find" : "open_it";
        var argument = random.Next(3) == 0 ? $"\"{Text(random)}\"" : $"{random.Next(9)}";
        return $"<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {{\"a\": {argument}}}}}\n</tool_call>";
    }

    private static List<object> Input(ChainNode? node, Random random)
    {
        var input = new List<object>();
        foreach (var call in node?.Output.OfType<IToolCall>() ?? []) input.Add(Talk.Output(call.CallId!, Text(random)));
        if (input.Count == 0 || random.Next(6) == 0) input.Add(Talk.User(Text(random)));
        if (random.Next(8) == 0) input.Add(random.Next(2) == 0 ? Talk.User(Text(random)) : Talk.Developer(Text(random)));
        return input;
    }

    /// <summary>Words, of different lengths; now and then with one of the marks that templates look for, or said before.</summary>
    private static string Text(Random random)
    {
        if (random.Next(5) == 0) return Said[random.Next(Said.Length)];
        var words = string.Join(' ', Enumerable.Range(0, 1 + random.Next(6)).Select(_ => $"w{random.Next(100)}"));
        if (random.Next(8) > 0) return words;
        var mark = RandomTemplates.Marks[random.Next(RandomTemplates.Marks.Length)];
        return random.Next(3) switch { 0 => mark + words, 1 => words + mark, _ => $"{words} {mark} more" };
    }
}
