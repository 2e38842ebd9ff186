using Samovar.Protocol.Json;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Learns what a template writes as structure, from its source and from conversations of stand-ins that it renders.</summary>
/// <remarks>
/// (1) Stand-ins spell no token, so what is spelled in a rendering is the template's. (2) Where the template's own text ends with the
/// beginning of a spelling and a value follows, a value could complete it: such beginnings are looked for before each stand-in, and in
/// the source before whatever may end a piece of text there.
/// </remarks>
internal sealed class StructureProbe(ChatRenderer renderer, MessageFit fit, TemplateFacts facts, ControlText control, string source)
{
    private const string Anchor = "Zq8v"; // every stand-in begins with it
    private static readonly RawJson Schema = RawJson.Of("""
        {"type":"object","properties":{"Zq8vkey":{"type":"string","description":"Zq8vsays"},
         "Zq8vlist":{"type":"array","items":{"type":"integer"}}},"required":["Zq8vkey"]}
        """);
    private static readonly OfferedTool Tool = new(
        Anchor + "tool", Anchor + "tool", null, IsCustom: false, Anchor + "does", Schema, IsStrict: false);
    private static readonly PromptMessage User = new(PromptRole.User, Anchor + "user");
    private static readonly PromptMessage Answer = new(PromptRole.Assistant, Anchor + "answer");
    private static readonly string[] Efforts = ["none", "low", "high"];

    public StructureSpellings Learn()
    {
        var rendered = Conversations().SelectMany(Rendered).ToList();
        var spellings = StructureTokens.Of(control.Tokenizer, source, rendered);
        var openings = new HashSet<string>(StringComparer.Ordinal);
        var tree = new SpellingTree(spellings);
        foreach (var text in rendered)
            for (var at = Next(text, 0); at >= 0; at = Next(text, at + 1)) AddOpenings(text.AsSpan(0, at), tree, openings);
        for (var at = 0; at < source.Length; at++)
            if (EndsText(source, at)) AddOpenings(source.AsSpan(0, at).TrimEnd(), tree, openings);
        return new StructureSpellings(spellings, openings);
    }

    /// <summary>Whether text of a template may end here: before an expression or a statement, or with a quote. :: 2</summary>
    private static bool EndsText(string source, int at) =>
        source[at] is '\'' or '"' || (source[at] == '{' && at + 1 < source.Length && source[at + 1] is '{' or '%');

    private static int Next(string text, int from) => text.IndexOf(Anchor, from, StringComparison.Ordinal);

    private static void AddOpenings(ReadOnlySpan<char> before, SpellingTree tree, HashSet<string> openings)
    {
        for (var at = Math.Max(0, before.Length - tree.LengthMax); at < before.Length; at++)
            if (tree.Begins(before[at..])) openings.Add(before[at..].ToString());
    }

    /// <summary>:: 1</summary>
    private static IEnumerable<IReadOnlyList<PromptMessage>> Conversations()
    {
        yield return [User];
        yield return [User, Answer, User];
        yield return [User, Answer with { Reasoning = Anchor + "thought" }, User];
        yield return [User, Calling(0), Output(0)];
        yield return [User, Calling(0) with { Reasoning = Anchor + "thought", Text = Anchor + "says" }, Output(0), Answer, User];
        yield return
        [
            User, Calling(0) with { Calls = [Call(0), Call(1)] }, Output(0), Output(1), new(PromptRole.System, Anchor + "rule"), User,
        ];
    }

    private IEnumerable<string> Rendered(IReadOnlyList<PromptMessage> messages)
    {
        foreach (var lead in (string[])["", Anchor + "system"])
            foreach (var tools in (OfferedTool[][])[[], [Tool]])
                foreach (var effort in (string?[])[null, .. messages.Count == 1 ? Efforts : []])
                    foreach (var generate in (bool[])[true, false])
                        if (Try(fit.Whole(lead, tools, messages), tools, effort, generate) is { } text) yield return text;
    }

    private string? Try(IReadOnlyList<PromptMessage> messages, IReadOnlyList<OfferedTool> tools, string? effort, bool generate)
    {
        try
        {
            var values = facts.Tools ? ToolText.Values(tools, control) : TemplateValue.None.Value;
            return renderer.Render(
                messages, new RenderFrame(values, effort == "none", effort, generate), CancellationToken.None);
        }
        catch (TemplateException)
        {
            return null; // it takes no such conversation, and so writes none
        }
    }

    private static PromptMessage Calling(int number) => new(PromptRole.Assistant, "") { Calls = [Call(number)] };

    private static PromptCall Call(int number) => new(
        $"{Anchor}id{number}", Anchor + "tool", """{"Zq8vkey": "Zq8vvalue", "Zq8vlist": [1]}""");

    private static PromptMessage Output(int number) =>
        new(PromptRole.Tool, Anchor + "output") { CallId = Call(number).Id, CallName = Call(number).Name };
}
