namespace Samovar.Tests.Backends.Embedded;

/// <summary>A client that warms its instructions and tools before it knows where it will work finds all of that when it begins.</summary>
public sealed class WarmedStartTests
{
    private const string Rules = "You are an agent.", Place = "You may write in the folder.", Later = "And be quick.";
    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function("open_it")];

    public static TheoryData<string> Templates => [.. Families.All.Select(family => family.Name)];

    /// <summary>As Codex does: the next request brings more developer messages and the question.</summary>
    [Theory]
    [InlineData("chatml"), InlineData("reasoning"), InlineData("headers")]
    public async Task DeveloperMessagesOfTheFirstQuestion_LeaveWhatWasWarmedAsItIs(string family)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == family));
        var warm = await talk.AskAsync(
            null, new { tools = Tools, input = new[] { Talk.Developer(Rules) }, prompt_cache_options = new { prewarm = true } });
        var warmed = talk.Engine.Turns[^1].Prompt.ToArray();
        talk.Says("ok");
        object[] first = [Talk.Developer(Place), Talk.Developer(Later), Talk.User("go")];
        await talk.AskAsync(warm.Node, new { tools = Tools, input = first });
        var asked = talk.Engine.Turns[^1].Prompt.ToArray();
        var common = warmed.AsSpan().CommonPrefixLength(asked);
        var rest = talk.Tokenizer.Text(warmed[common..]); // a warm-up cannot know whose message comes next
        Assert.InRange(rest.Length, 0, "user\n".Length);
        var text = talk.Tokenizer.Text(asked);
        Assert.True(text.IndexOf(Rules, StringComparison.Ordinal) < text.IndexOf(Place, StringComparison.Ordinal)
            && text.IndexOf(Place, StringComparison.Ordinal) < text.IndexOf(Later, StringComparison.Ordinal), text);
    }

    /// <summary>A client that lost its connection sends all of it at once.</summary>
    [Theory]
    [MemberData(nameof(Templates))]
    public async Task TheSameConversation_InOneRequest_IsTheSamePrompt(string family)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == family));
        var warm = await talk.AskAsync(
            null, new { tools = Tools, input = new[] { Talk.Developer(Rules) }, prompt_cache_options = new { prewarm = true } });
        object[] first = [Talk.Developer(Place), Talk.User("go")];
        var chained = talk.Plan(warm.Node, new { tools = Tools, input = first });
        var whole = talk.Plan(null, new { tools = Tools, input = (object[])[Talk.Developer(Rules), .. first] });
        Assert.Equal(talk.Text(whole), talk.Text(chained));
    }

    /// <summary>As Claude Code does: behind its first question it says where it works.</summary>
    [Theory]
    [MemberData(nameof(Templates))]
    public async Task SessionsThatBeginAlike_ShareAllUpToTheirQuestions(string family)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == family)).Says("ok");
        var prompts = new List<string>();
        foreach (var question in (string[])["what is one?", "and two?"])
        {
            var seen = await talk.AskAsync(null, new { tools = Tools, input = Begin(question) });
            prompts.Add(Text());
            var more = new { tools = Tools, input = (object[])[Talk.User("more"), System(Later)] };
            var cold = talk.Text(talk.Plan(Talk.Cold(seen.Node), more));
            await talk.AskAsync(seen.Node, more); // what is said later stays where it is
            Assert.Equal(cold, Text());
        }
        var common = prompts[0].AsSpan().CommonPrefixLength(prompts[1]);
        Assert.StartsWith("what is one?", prompts[0][common..], StringComparison.Ordinal);
        Assert.Contains(Place, prompts[0][..common], StringComparison.Ordinal);

        string Text() => talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        object[] Begin(string question) => [System(Rules), Talk.User(question), System(Place)];
        object System(string text) => new { role = "system", content = text };
    }

    /// <summary>Another folder is another text behind the tools, not before them.</summary>
    [Theory]
    [InlineData("chatml"), InlineData("reasoning"), InlineData("headers")]
    public void SessionsInOtherFolders_ShareInstructionsAndTools(string family)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == family));
        var prompts = ((string[])[Place, "Elsewhere: " + Place]).Select(place => talk.Text(talk.Plan(null, new
        {
            tools = Tools,
            input = (object[])[new { role = "system", content = Rules }, Talk.User("go"), new { role = "system", content = place }],
        }))).ToList();
        var common = prompts[0][..prompts[0].AsSpan().CommonPrefixLength(prompts[1])];
        Assert.Contains(Rules, common, StringComparison.Ordinal);
        Assert.Contains("open_it", common, StringComparison.Ordinal);
    }

    [Fact]
    public void SystemMessagesAndInstructions_StayOneText()
    {
        var talk = new Talk(Families.ChatMl);
        object[] input =
            [new { role = "system", content = Rules }, new { role = "system", content = Place }, Talk.Developer(Later), Talk.User("go")];
        var text = talk.Text(talk.Plan(null, new { instructions = "Be brief.", input }));
        Assert.Contains($"Be brief.\n\n{Rules}\n\n{Place}\n\n{Later}<|im_end|>", text, StringComparison.Ordinal);
    }

    /// <summary>Where a template refuses or loses a second system text, both are one, as before.</summary>
    [Fact]
    public void TemplateOfOneSystemText_GetsOne()
    {
        var talk = new Talk(Families.Alternating);
        var text = talk.Text(talk.Plan(null, new { input = new[] { Talk.Developer(Rules), Talk.Developer(Place), Talk.User("go") } }));
        Assert.Contains($"{Rules}\n\n{Place}", text, StringComparison.Ordinal);
    }
}
