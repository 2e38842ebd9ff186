using System.Text;
using System.Text.Json;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Requests;

/// <summary>Each row of the table: what it takes off, and that it takes off nothing else.</summary>
public sealed class VolatileMarksTests
{
    private const string Mark = "x-anthropic-billing-header: cc_version=2.1.197.fa0; cc_entrypoint=cli; cch=fa690;";

    public static TheoryData<string> Starts => new(VolatileMarks.Rows.Select(row => row.Start.ToString()));

    [Theory, MemberData(nameof(Starts))]
    public void Mark_IsNoPartOfTheConversation_HoweverItIsWritten(string start)
    {
        string[] marks =
        [
            Mark, Mark.TrimEnd(';'), Mark + " ", "x-anthropic-billing-header: cc_version=2.1.42.834; cc_entrypoint=sdk-cli;",
            "x-anthropic-billing-header: cch=00000;", $"{Mark} cc_workload=cron;",
        ];
        var without = Read(start, "You help.");
        foreach (var mark in marks)
        {
            var joined = Read(start, $"{mark}\n\nYou help.");
            Assert.Equal(Said(without), Said(joined));
            Assert.Equal(new VolatileMark($"{mark}\n\n", IsBlock: false), joined.Mark);
        }
        Assert.Null(without.Mark);
    }

    /// <summary>A block of its own is gone as a whole, whatever the marks of the client's cache.</summary>
    [Theory, MemberData(nameof(Starts))]
    public void MarkAlone_LeavesNothingBehind(string start)
    {
        var read = Read(start, Mark);
        Assert.Equal(new VolatileMark(Mark, IsBlock: true), read.Mark);
        Assert.DoesNotContain("billing", Said(read), StringComparison.Ordinal);
    }

    /// <summary>What only looks like one, or stands anywhere else, is somebody's text.</summary>
    [Theory, MemberData(nameof(Starts))]
    public void TextThatOnlyLooksLikeAMark_Stays(string start)
    {
        string[] texts =
        [
            $"You help.\n{Mark}", $" {Mark}", $"\"{Mark}\"", $"{Mark} is what Claude Code sends.",
            "x-anthropic-billing-header: is a header", "x-anthropic-billing-header:", "X-Anthropic-Billing-Header: cch=1;",
            "x-anthropic-other-header: cch=1;",
            $"x-anthropic-billing-header: cch={new string('1', 2000)};", "x-anthropic-billing-header: version=1; cch=2;",
        ];
        foreach (var text in texts)
        {
            var read = Read(start, text);
            Assert.Null(read.Mark);
            Assert.Contains(text, Said(read), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void UsersOwnWords_AreNeverTakenOff()
    {
        var quoted = JsonSerializer.Serialize(Mark);
        foreach (var read in new[]
        {
            Messages($$"""{"max_tokens":1,"messages":[{"role":"user","content":{{quoted}}}]}"""),
            Messages($$"""{"max_tokens":1,"system":[{"type":"text","text":"You help."},{"type":"text","text":{{quoted}}}],""" +
                """ "messages":[{"role":"user","content":"go"}]}"""),
            Chat($$"""{"messages":[{"role":"user","content":{{quoted}}}]}"""),
            Chat($$"""{"messages":[{"role":"system","content":"You help."},{"role":"system","content":{{quoted}}}]}"""),
            Responses($$"""{"input":{{quoted}}}"""),
            Responses($$"""{"input":[{"role":"user","content":{{quoted}}},{"role":"system","content":{{quoted}}}]}"""),
            Responses($$"""{"instructions":"You help.","input":[{"role":"system","content":{{quoted}}}]}"""),
            Responses($$"""{"previous_response_id":"resp_1","input":[{"role":"system","content":{{quoted}}}]}"""),
        })
        {
            Assert.Null(read.Mark);
            Assert.Contains(Mark, Said(read), StringComparison.Ordinal);
        }
    }

    /// <summary>A client in front of another one writes its own mark before the other's: lines, blocks, or messages.</summary>
    [Theory, MemberData(nameof(Starts))]
    public void SeveralMarks_AreAllTakenOff(string start)
    {
        const string second = "x-anthropic-billing-header: cch=2;";
        var joined = Read(start, $"{Mark}\n{second}\n\nYou help.");
        Assert.Equal(Said(Read(start, "You help.")), Said(joined));
        Assert.Equal(new VolatileMark($"{Mark}\n{second}\n\n", IsBlock: false), joined.Mark);
        foreach (var read in ReadSeveral(start, Mark, second, $"{second}\n\nYou help."))
        {
            Assert.Equal(Said(Read(start, "You help.")).Replace("\nSystem: More.", "", StringComparison.Ordinal), Said(read));
            Assert.Equal(new VolatileMark(Mark, IsBlock: true)
            {
                Next = new VolatileMark(second, IsBlock: true) { Next = new VolatileMark($"{second}\n\n", IsBlock: false) },
            }, read.Mark);
        }
    }

    private static IEnumerable<CreateRequest> ReadSeveral(string start, params string[] system)
    {
        var texts = system.Select(text => JsonSerializer.Serialize(text)).ToList();
        var parts = string.Join(',', texts.Select(text => $$"""{"type":"text","text":{{text}}}"""));
        var messages = string.Join(',', texts.Select(text => $$"""{"role":"system","content":{{text}}}"""));
        switch (Enum.Parse<PromptStart>(start))
        {
            case PromptStart.MessagesSystem:
                yield return Messages($$"""{"max_tokens":9,"system":[{{parts}}],"messages":[{"role":"user","content":"go"}]}""");
                break;
            case PromptStart.ChatSystem:
                yield return Chat($$"""{"messages":[{{messages}},{"role":"user","content":"go"}]}""");
                yield return Chat($$"""{"messages":[{"role":"system","content":[{{parts}}]},{"role":"user","content":"go"}]}""");
                break;
            case PromptStart.FirstItem:
                messages = messages.Replace("\"system\"", "\"developer\"", StringComparison.Ordinal);
                parts = parts.Replace("\"text\",", "\"input_text\",", StringComparison.Ordinal);
                yield return Responses($$"""{"input":[{{messages}},{"role":"user","content":"go"}]}""");
                yield return Responses($$"""{"input":[{"role":"developer","content":[{{parts}}]},{"role":"user","content":"go"}]}""");
                break;
        }
    }

    /// <summary>Tens of thousands fit into a body: beyond a bound they are texts like others.</summary>
    [Theory]
    [InlineData("{\"input\":[", "{\"role\":\"system\",\"content\":[{\"type\":\"input_text\",\"text\":\"MARK\"}]}", "]}")]
    [InlineData("{\"messages\":[", "{\"role\":\"system\",\"content\":\"MARK\"}", ",{\"role\":\"user\",\"content\":\"go\"}]}")]
    public void MarksWithoutEnd_AreTakenOffUpToABound(string front, string message, string behind)
    {
        const int messages = 20_000;
        var body = front + string.Join(',', Enumerable.Repeat(message.Replace("MARK", Mark, StringComparison.Ordinal), messages)) + behind;
        var read = front.Contains("input", StringComparison.Ordinal) ? Responses(body) : Chat(body);
        Assert.Equal(VolatileMarks.MarksMax, read.Mark!.Count);
        Assert.Equal(messages - VolatileMarks.MarksMax, read.Input.Count(item => item is MessageItem { Role: Role.System }));
    }

    private static CreateRequest Read(string start, string system)
    {
        var text = JsonSerializer.Serialize(system);
        return Enum.Parse<PromptStart>(start) switch
        {
            PromptStart.MessagesSystem => Messages($$$"""
                {"max_tokens":9,"system":[{"type":"text","text":{{{text}}},"cache_control":{"type":"ephemeral"}},
                {"type":"text","text":"More."}],"messages":[{"role":"user","content":"go"}]}
                """),
            PromptStart.ChatSystem => Chat($$"""{"messages":[{"role":"system","content":{{text}}},{"role":"user","content":"go"}]}"""),
            PromptStart.Instructions => Responses($$"""{"instructions":{{text}},"input":"go"}"""),
            _ => Responses($$"""
                {"input":[{"role":"developer","content":[{"type":"input_text","text":{{text}}}]},{"role":"user","content":"go"}]}
                """),
        };
    }

    /// <summary>By the items' JSON, which is what is kept and sent.</summary>
    private static string Said(CreateRequest request) => string.Join('\n', request.Input.Select(Said).Prepend(request.Instructions));

    private static string Said(Item item)
    {
        var read = Assert.IsType<MessageItem>(ItemReader.Read(item.Json.Utf8, ProtocolLimits.Default));
        Assert.Equal(read.Content, Assert.IsType<MessageItem>(item).Content);
        return $"{read.Role}: {string.Join('|', read.Content.OfType<ContentPart.Text>().Select(part => part.Value))}";
    }

    private static CreateRequest Messages(string body) =>
        MessagesRequestReader.Read(Encoding.UTF8.GetBytes(body), ProtocolLimits.Default).Request;

    private static CreateRequest Chat(string body) => ChatRequestReader.Read(Encoding.UTF8.GetBytes(body), ProtocolLimits.Default).Request;

    private static CreateRequest Responses(string body) =>
        CreateRequestReader.Read(Encoding.UTF8.GetBytes(body), CreateRequestOrigin.Http, ProtocolLimits.Default);
}
