using Samovar.Templates;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A kind of model as tests play it: template, special tokens, and how it writes what it says.</summary>
internal sealed record Family(string Name, string Template, string EndsWith, FakeSpecial[] Specials, string? Begin = null)
{
    /// <summary>How it writes text behind reasoning.</summary>
    public Func<string, string, string> Thinks { get; init; } = (thought, said) => said;

    /// <summary>How it writes calls: name and arguments each.</summary>
    public Func<(string Name, string Arguments)[], string> Calls { get; init; } = _ => "";

    /// <summary>The token a message of calls ends with.</summary>
    public string? CallsEndWith { get; init; }

    /// <summary>The file's end of sequence, where it is not the end of turn.</summary>
    public string? EndOfSequence { get; init; }

    public FakeEngine Engine() =>
        new(new FakeTokenizer(Specials, Begin, EndsWith) { Ends = EndOfSequence }, Template) { EndsWith = EndsWith };

    public override string ToString() => Name;
}

internal static class Families
{
    /// <summary>A template that the tests of templates have, too.</summary>
    private static string Recorded(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Backends", "Embedded", "templates", name));

    private static readonly FakeSpecial[] ChatMlSpecials =
    [
        new("<|im_start|>"), new("<|im_end|>", EndsTurn: true), new("<|endoftext|>", EndsTurn: true),
        new("<tool_call>", IsControl: false), new("</tool_call>", IsControl: false), new("<think>", IsControl: false),
            new("</think>", IsControl: false),
    ];

    private static string Hermes((string Name, string Arguments)[] calls) => string.Join(
        '\n', calls.Select(call => $"<tool_call>\n{{\"name\": \"{call.Name}\", \"arguments\": {call.Arguments}}}\n</tool_call>"));

    public static readonly Family ChatMl = new("chatml", BuiltInTemplates.ChatMlSource, "<|im_end|>", ChatMlSpecials) { Calls = Hermes };

    /// <summary>Keeps reasoning only behind the newest question.</summary>
    public static readonly Family Reasoning = new("reasoning", Recorded("chatml_reasoning.jinja"), "<|im_end|>", ChatMlSpecials)
    {
        Thinks = (thought, said) => $"<think>\n{thought}\n</think>\n\n{said}",
        Calls = Hermes,
    };

    public static readonly Family Headers = new(
        "headers", Recorded("headers.jinja"), "<|eot_id|>",
        [
            new("<|begin_of_text|>"), new("<|start_header_id|>"), new("<|end_header_id|>"),
            new("<|eot_id|>", EndsTurn: true), new("<|eom_id|>", EndsTurn: true), new("<|python_tag|>"),
        ], "<|begin_of_text|>")
    {
        Calls = calls => $"{{\"name\": \"{calls[0].Name}\", \"parameters\": {calls[0].Arguments}}}",
    };

    /// <summary>Wants users and assistants in turns, and moves tools to the newest question.</summary>
    public static readonly Family Alternating = new(
        "alternating", Recorded("inst_alternating.jinja"), "</s>",
        [
            new("<s>"), new("</s>", EndsTurn: true), new("[INST]"), new("[/INST]"), new("[TOOL_CALLS]"), new("[AVAILABLE_TOOLS]"),
            new("[/AVAILABLE_TOOLS]"), new("[TOOL_RESULTS]"), new("[/TOOL_RESULTS]"),
        ], "<s>")
    {
        Calls = calls => "[TOOL_CALLS] ["
            + string.Join(", ", calls.Select(call => $"{{\"name\": \"{call.Name}\", \"arguments\": {call.Arguments}}}")) + "]",
    };

    public static readonly Family Channels = new(
        "channels", Recorded("channels.jinja"), "<|return|>",
        [
            new("<|start|>"), new("<|end|>"), new("<|message|>"), new("<|channel|>"), new("<|constrain|>"),
            new("<|return|>", EndsTurn: true), new("<|call|>", EndsTurn: true),
        ])
    {
        Thinks = (thought, said) => $"<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant{said}",
        Calls = calls => $" to=functions.{calls[0].Name}<|channel|>commentary json<|message|>{calls[0].Arguments}",
        CallsEndWith = "<|call|>",
    };

    public static readonly Family Bars = new(
        "bars", Recorded("bars.jinja"), "<｜end▁of▁sentence｜>",
        [
            new("<｜begin▁of▁sentence｜>"), new("<｜end▁of▁sentence｜>", EndsTurn: true), new("<｜User｜>"), new("<｜Assistant｜>"),
            new("<｜tool▁calls▁begin｜>"), new("<｜tool▁calls▁end｜>"), new("<｜tool▁call▁begin｜>"), new("<｜tool▁call▁end｜>"),
                new("<｜tool▁sep｜>"),
            new("<think>", IsControl: false), new("</think>", IsControl: false),
        ], "<｜begin▁of▁sentence｜>")
    {
        Calls = calls => "<｜tool▁calls▁begin｜>" + string.Join('\n', calls.Select(call =>
            $"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{call.Name}\n```json\n{call.Arguments}\n```<｜tool▁call▁end｜>")) + "<｜tool▁calls▁end｜>",
    };

    public static readonly Family[] All = [ChatMl, Reasoning, Headers, Alternating, Channels, Bars];
}
