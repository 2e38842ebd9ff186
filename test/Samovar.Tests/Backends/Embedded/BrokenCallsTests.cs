using System.Text;
using Samovar.Backends;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// Objects between marks that are no JSON: what is certain is mended, anything else is a call that is not whole. None of it is text, and
/// none of it is another call than was written.
/// </summary>
public sealed class BrokenCallsTests
{
    private const string Whole = "lookup {\"q\": \"b\"}";
    private const string Broken = "lookup, broken";

    public static TheoryData<string, string> Mended => new()
    {
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"a\n\tb\"}}", "lookup {\"q\": \"a\\u000a\\u0009b\"}" },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}", Whole },
        { "{\"arguments\": {\"q\": \"b\"}, \"name\": \"lookup\"", Whole },
        { "{'name': 'lookup', 'arguments': {'q': 'it\\'s \"b\"'}}", "lookup {\"q\": \"it's \\\"b\\\"\"}" },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\", }, }", Whole },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": [1, [2,],\n]}}", "lookup {\"q\": [1, [2]]}" },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": None, \"r\": [True,False]}}", "lookup {\"q\": null, \"r\": [true,false]}" },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"C:\\users\\d+ \\u12\"}}", "lookup {\"q\": \"C:\\\\users\\\\d+ \\\\u12\"}" },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}}}", Whole },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}}}\n}", Whole },
        { "{{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}}}", Whole },
        { "```json\n{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}}\n```", Whole },
        { "```\n{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"}}```", Whole },
        { "{\"name\": \"lookup\", \"arguments\": {\"q\": \"</tool_call> and <tool_call>\"}}",
            "lookup {\"q\": \"</tool_call> and <tool_call>\"}" },
    };

    public static TheoryData<string> Unmendable =>
    [
        "{\"name\": \"lookup\", \"arguments\": {\"q\": \"say \"b\" now\"}}",
        "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"",
        "{\"name\": \"lookup\", \"arguments\": {\"q\": \"b\"]}",
        "{\"name\": \"lookup\", \"arguments\": {\"q\": 'it's'}}",
        "{\"name\": \"lookup\", \"arguments\": {\"q\": '\\x41'}}",
        "{\"name\": \"lookup\", \"arguments\": {\"q\": b}}",
        "{\"name\": \"lookup\", \"arguments\": {q: \"b\"}}",
        "{\"name\": \"lookup\" \"arguments\": {\"q\": \"b\"}}",
        "{\"name\": \"lookup\", arguments: {\"q\": \"b\"}}",
        "{\"name\": \"lookup\"",
        "{name: \"lookup\", arguments: {\"q\": \"b\"}}",
        "{\"arguments\": {\"q\": b}, \"name\": \"lookup\"}",
        "{'arguments': {'q': b}, 'name': 'lookup'}",
    ];

    [Theory, MemberData(nameof(Mended))]
    public void SlipOfThePen_IsMended_WhereItIsCertainWhatWasMeant(string body, string expected)
    {
        Reads($"Well.\n<tool_call>\n{body}\n</tool_call>", "say Well.", expected);
        Reads($"<tool_call>{body}</tool_call>\n<tool_call>{body}</tool_call>Done.", expected, expected, "say Done.");
    }

    [Theory, MemberData(nameof(Unmendable))]
    public void ObjectThatNobodyCanRead_IsACallThatIsNotWhole_AndTheNextIsRead(string body)
    {
        Reads($"Well.\n<tool_call>\n{body}\n</tool_call>\nDone.", "say Well.", Broken, "say Done.");
        Reads($"<tool_call>{body}</tool_call><tool_call>{{\"name\": \"lookup\", \"arguments\": {{\"q\": \"b\"}}}}</tool_call>",
            Broken, Whole);
        if (!body.EndsWith('}')) return;
        Reads($"<tool_call>{body}<tool_call>{{\"name\": \"lookup\", \"arguments\": {{\"q\": \"b\"}}}}", Broken, Whole);
    }

    [Theory]
    [InlineData("<tool_call>{name: \"rm\", arguments: {\"name\": \"lookup\"}}</tool_call>")]
    [InlineData("<tool_call>{oops}</tool_call>"), InlineData("<tool_call>{name: \"lookup\", and so on")]
    public void ObjectThatNamesNoTool_OrHasNoEnd_IsText(string written) => Reads(written, "say " + written);

    [Fact]
    public void LongRestOfABrokenCall_IsNotKept()
    {
        var rest = new string('x', 5000);
        Reads($"<tool_call>{{\"name\": \"lookup\", \"arguments\": {{\"q\": \"a\" {rest}}}</tool_call>",
            Broken, "say " + rest + "}</tool_call>");
    }

    [Fact]
    public void BrokenCall_EndsWhereItsDialectClosesCalls()
    {
        var dialect = FixedDialects.Of(Dialect.DeepSeek);
        const string Written = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>lookup\n```json\n{\"q\": b}\n```"
            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>Done.";
        Assert.Equal(Broken + "\nsay Done.", Read(dialect, Written, 3));
    }

    private static void Reads(string written, params string[] expected)
    {
        foreach (var piece in (int[])[1, 2, 3, 7, written.Length])
            Assert.Equal(string.Join('\n', expected), Read(FixedDialects.Of(Dialect.Hermes), written, piece));
    }

    /// <summary>A line for each item: what is said, or the call with its arguments if it is whole.</summary>
    private static string Read(ModelDialect dialect, string written, int piece)
    {
        var sink = new OutputSink(new CallRights(DialectFixtures.Catalog, null, ParallelCalls: true), new IdSource());
        var parser = DialectChoice.Parser(dialect, sink, 4096, "");
        foreach (var chunk in written.Chunk(piece)) parser.Feed(new string(chunk));
        parser.End();
        sink.End();
        var events = sink.Drain();
        DialectFixtures.AssertWholeCallsParse(events);
        var lines = new List<string>();
        var (name, text) = ("", new StringBuilder());
        foreach (var one in events)
            switch (one)
            {
                case BackendEvent.MessageStarted: (name, _) = ("say", text.Clear()); break;
                case BackendEvent.FunctionCallStarted call: (name, _) = (call.Name, text.Clear()); break;
                case BackendEvent.Delta delta: text.Append(delta.Text); break;
                case BackendEvent.ItemDone done:
                    lines.Add(done.Status == ItemStatus.Completed ? $"{name} {text}" : name + ", broken");
                    break;
            }
        return string.Join('\n', lines);
    }
}
