using System.Text.RegularExpressions;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Slips that models make in a family's form, in every family: what they meant is read, or no whole call is made of it.</summary>
public sealed partial class SlippedCallsTests
{
    private const string Lookup = "call lookup: {\"q\":\"b\"}";

    public static TheoryData<string> Keyed => LearnedDialectTests.Keyed;

    /// <summary>Families whose calls have a name before their arguments, and marks of their own.</summary>
    public static TheoryData<string> Named => new(CallRoundTripTests.Families.Select(row => row.Data)
        .Where(name => Dialect(name).Written is { Style: ArgumentStyle.Json or ArgumentStyle.Bare, Trigger.Length: > 0 }));

    [Theory, MemberData(nameof(Keyed))]
    public void ObjectWhereArgumentsStand_IsTheArguments_AndAnythingElseMakesNoWholeCall(string name)
    {
        var dialect = Dialect(name);
        Reads(dialect, WithBody(dialect, ""), "call lookup: {}");
        Reads(dialect, WithBody(dialect, "{\"q\": \"b\"}"), Lookup);
        Reads(dialect, WithBody(dialect, "\n{\"q\": \"b\"}\n"), Lookup);
        Assert.StartsWith("call lookup: no JSON: {\"q\": \"b", Read(dialect, WithBody(dialect, "{\"q\": \"b")), StringComparison.Ordinal);
        foreach (var body in (string[])["(q=\"b\")", "<q>b</q>", "\nq: b\n", "\n\"b\" {}\n"])
        {
            var written = WithBody(dialect, body);
            var read = Read(dialect, written);
            Assert.DoesNotContain("call lookup: {}", read, StringComparison.Ordinal);
            Assert.Contains("b", read, StringComparison.Ordinal); // nothing is lost
            Reads(dialect, written, read);
        }
    }

    [Fact]
    public void AttributeOfAHead_IsNoCallWithoutArguments()
    {
        (string, string)[] heads = [("xml-function", "<function=lookup"), ("minimax-invoke", "<invoke name=\"lookup\"")];
        foreach (var (fixture, head) in heads)
        {
            var dialect = Turn(fixture);
            var close = dialect.Written!.CallClose;
            var slipped = $"{head} q=\"b\">\n{close}";
            var read = Read(dialect, slipped);
            Assert.DoesNotContain("call lookup: {}", read, StringComparison.Ordinal);
            Reads(dialect, slipped, read);
            Reads(dialect, $"{head}>\n{close}", "call lookup: {}");
        }
    }

    [Theory, MemberData(nameof(Keyed))]
    public void SpaceBetweenTags_IsAsTheModelLikes(string name)
    {
        var dialect = Dialect(name);
        foreach (var (output, expected) in Outputs(name))
        {
            Reads(dialect, BetweenTags().Replace(output, ">\n<"), expected);
            Reads(dialect, BetweenTags().Replace(output, "><"), expected);
        }
    }

    [Theory, MemberData(nameof(Keyed))]
    public void ClosingOfAnArgument_MayBeLeftOut(string name)
    {
        var dialect = Dialect(name);
        foreach (var (output, expected) in Outputs(name))
        {
            Reads(dialect, WithClosing(dialect, output, "Zürich", "city", _ => ""), expected);
            Reads(dialect, WithClosing(dialect, output, "3", "days", _ => ""), expected);
            Reads(dialect, WithClosing(dialect, output, "& \"c\"", "q", _ => ""), expected);
        }
    }

    [Theory, MemberData(nameof(Keyed))]
    public void ClosingOfAnArgument_MayStandTwice(string name)
    {
        var dialect = Dialect(name);
        if (!dialect.Written!.Keyed.Close.StartsWith("</", StringComparison.Ordinal)) return;
        foreach (var (output, expected) in Outputs(name))
        {
            Reads(dialect, WithClosing(dialect, output, "Zürich", "city", close => $"{close}\n{close}\n"), expected);
            Reads(dialect, WithClosing(dialect, output, "& \"c\"", "q", close => close + close), expected);
        }
    }

    [Theory, InlineData("GLM-4.7-Flash"), InlineData("GLM-4.5/4.6")]
    public void KeyThatDoesNotEnd_LeavesTheNextCall(string name)
    {
        const string Written = "<tool_call>get_weather<arg_key>city</arg_key>Zürich</arg_value></tool_call>"
            + "<tool_call>lookup<arg_key>q</arg_key><arg_value>b</arg_value></tool_call>";
        var dialect = Dialect(name);
        Assert.Contains(Lookup, Read(dialect, Written), StringComparison.Ordinal);
        Reads(dialect, Written, Read(dialect, Written));
        Reads(dialect, "<tool_call>lookup<arg_key>q<arg_value>b</arg_value></tool_call>", Lookup);
    }

    [Theory, MemberData(nameof(Named))]
    public void CallWithNothingWhereArgumentsStand_HasNone(string name)
    {
        var dialect = Dialect(name);
        var written = Calls(name, ["lookup"], "");
        Reads(dialect, written, "call lookup: {}");
        if (dialect.Written!.Spelling!.Separator is not null)
            Reads(dialect, Calls(name, ["lookup", "get_weather"], ""), "call lookup: {}\ncall get_weather: {}");
        Assert.DoesNotContain("call lookup: {}", Read(dialect, Calls(name, ["lookup"], "q=\"b\"")), StringComparison.Ordinal);
    }

    private static string WithBody(ModelDialect dialect, string body)
    {
        var format = dialect.Written!;
        var (spelling, head) = (format.Spelling!, format.Spelling!.Keyed!.HeadEnd.Trim());
        var before = (spelling.Open + spelling.BeforeName).Replace(CallSpelling.NumberPlace, '1');
        return $"{before}lookup{head}{body}{spelling.AfterArguments}{spelling.Close}";
    }

    /// <summary>Calls as the family writes them, with what stands for the braces of no arguments.</summary>
    private static string Calls(string name, string[] tools, string arguments)
    {
        var model = new Talk(Family(name)).Backend.Model;
        var calls = tools.Select((tool, at) => new PromptCall($"call0000{at}", tool, "{}")).ToArray();
        return MarkedText.Read(CallWriter.Of(model.Writes)!.Write(calls, model.Control)).Text
            .Replace("{}", arguments, StringComparison.Ordinal);
    }

    /// <summary>What the mark that closes a value is instead, and the space behind it with it.</summary>
    private static string WithClosing(ModelDialect dialect, string output, string value, string key, Func<string, string> instead)
    {
        var close = dialect.Written!.Keyed.Close.Replace(KeyedMarks.KeyPlace.ToString(), key, StringComparison.Ordinal);
        var from = output.IndexOf(value, StringComparison.Ordinal);
        var at = from < 0 ? -1 : output.IndexOf(close, from, StringComparison.Ordinal);
        if (at < 0) return output;
        var behind = output[(at + close.Length)..];
        var isOnLine = output[at - 1] == '\n';
        return output[..at] + instead(close) + (isOnLine ? behind.TrimStart('\n') : behind);
    }

    private static IEnumerable<(string Written, string Read)> Outputs(string name)
    {
        var outputs = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name).GetProperty("outputs");
        foreach (var kind in (string[])["call", "two"])
            if (outputs.TryGetProperty(kind, out var output) && output.GetString() is { } written
                && !written.Contains(KeyedMarks.WrapOpen, StringComparison.Ordinal)) // a wrapper has its own end
                yield return (written, Read(Dialect(name), written));
    }

    private static Family Family(string name) =>
        DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name));

    private static ModelDialect Dialect(string name) => new Talk(Family(name)).Backend.Model.Writes;

    private static ModelDialect Turn(string name) =>
        new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, name))).Backend.Model.Writes;

    private static string Read(ModelDialect dialect, string written) => DialectFixtures.Read(dialect, "", [written]);

    private static void Reads(ModelDialect dialect, string written, string expected)
    {
        Assert.True(expected == Read(dialect, written), $"{written}\n  is read as\n{Read(dialect, written)}\n  and was\n{expected}");
        Assert.Equal(expected, DialectFixtures.Read(dialect, "", written.Select(one => one.ToString())));
        for (var cut = 1; cut < written.Length; cut++)
            Assert.Equal(expected, DialectFixtures.Read(dialect, "", [written[..cut], written[cut..]]));
    }

    [GeneratedRegex(@">\s*<")]
    private static partial Regex BetweenTags();
}
