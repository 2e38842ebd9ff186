using Samovar.Protocol.Errors;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Protocol.Requests;

/// <summary>What headers say of a conversation, as agents send them.</summary>
public sealed class SessionHintsTests
{
    [Theory]
    [InlineData("x-claude-code-agent-id", "a1b2")]
    [InlineData("X-Claude-Code-Parent-Agent-Id", "a1b2")]
    [InlineData("x-openai-subagent", "collab_spawn")]
    [InlineData("x-codex-parent-thread-id", "01a1f85b-59d0")]
    [InlineData("x-parent-session-id", "ses_1")]
    [InlineData("x-samovar-parent-thread", "t")]
    public void Headers_ThatOnlySubAgentsHave_MakeOne(string name, string value)
    {
        Assert.True(Read((name, value), ("x-claude-code-session-id", "s")).IsSubAgent);
        Assert.False(Read((name, "")).IsSubAgent);
        Assert.False(Read(("x-claude-code-session-id", "s"), ("thread-id", "t")).IsSubAgent);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData(null, false)]
    public void FinalHeader_IsTrueOrFalse(string? value, bool isFinal) =>
        Assert.Equal(isFinal, (value is null ? Read() : Read(("x-samovar-final", value))).IsFinal);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("True")]
    [InlineData("true, false")]
    public void FinalHeader_OfAnotherValue_IsRefusedByItsName(string value)
    {
        var error = Assert.Throws<ApiException>(() => Read(("x-samovar-final", value)));
        Assert.Equal(("invalid_value", "x-samovar-final"), (error.Kind.Code, error.Param));
    }

    [Fact]
    public void Field_CountsBeforeTheHeader()
    {
        var hints = Read(("x-samovar-final", "true"));
        Assert.True(Request("{}", hints).IsFinal);
        Assert.True(Request("""{"final":null}""", hints).IsFinal);
        Assert.False(Request("""{"final":false}""", hints).IsFinal);
        Assert.True(Request("""{"final":true}""", SessionHints.None).IsFinal);
        Assert.False(Request("{}", SessionHints.None).IsFinal);
        Assert.Same(SessionHints.None, Read());
    }

    [Fact]
    public void EveryHeader_SaysWhatTheTableSays()
    {
        foreach (var header in IdentityHeaders.All)
        {
            var hints = Read((header.Name, header.Role == IdentityRole.Final ? "true" : "v"));
            Assert.Equal(header.Role == IdentityRole.Session ? "v" : null, hints.Session);
            Assert.Equal(header.Role == IdentityRole.Thread ? "v" : null, hints.Thread);
            Assert.Equal(header.Role == IdentityRole.ParentThread ? "v" : null, hints.ParentThread);
            Assert.Equal(header.Role == IdentityRole.ParentSession ? "v" : null, hints.ParentSession);
            Assert.Equal(header.Role == IdentityRole.Final, hints.IsFinal);
            if (header.Role != IdentityRole.Final) Assert.Same(SessionHints.None, Read((header.Name, "")));
        }
    }

    [Fact]
    public void Parent_IsWhoSetItToWork()
    {
        Assert.Null(Read(("session-id", "s"), ("thread-id", "s")).Parent);
        Assert.Equal(("s", "p"), Read(("session-id", "s"), ("thread-id", "t"), ("x-codex-parent-thread-id", "p")).Parent);
        Assert.Equal(("s", null), Read(("x-claude-code-session-id", "s"), ("x-claude-code-agent-id", "a")).Parent);
        Assert.Equal(("s", "a"), Read(
            ("x-claude-code-session-id", "s"), ("x-claude-code-agent-id", "b"), ("x-claude-code-parent-agent-id", "a")).Parent);
        Assert.Equal(("ses_1", null), Read(("x-session-id", "ses_2"), ("x-parent-session-id", "ses_1")).Parent);
        Assert.Equal(("d", null), Read(("x-dynamo-session-id", "e"), ("x-dynamo-parent-session-id", "d")).Parent);
    }

    private static CreateRequest Request(string json, SessionHints hints) => Samples.Http(
        json.Replace("{", """{"model":"m","input":"x",""", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal))
        with { Hints = hints };

    private static SessionHints Read(params (string Name, string Value)[] headers)
    {
        var sent = headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
        return SessionHints.Read(name => sent.GetValueOrDefault(name));
    }
}
