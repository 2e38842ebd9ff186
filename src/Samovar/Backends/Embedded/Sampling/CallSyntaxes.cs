using Samovar.Backends.Embedded.Dialects;
using Samovar.Grammars.Schemas;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>How each dialect writes calls and thoughts, for grammars: the same shapes that its parser reads.</summary>
internal static class CallSyntaxes
{
    private static readonly ToolCallSyntax Llama = Bare("parameters");
    private static readonly ToolCallSyntax Json = Bare("arguments");

    private static readonly ToolCallSyntax Mistral =
        new("[TOOL_CALLS] [", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]", "[TOOL_CALLS]");

    private static readonly ToolCallSyntax Harmony =
        new("", " to=functions.", "<|channel|>commentary json<|message|>", "", "<|call|><|start|>assistant", "", " to=functions.");

    private static readonly ToolCallSyntax DeepSeek = new(
        "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```json\n", "\n```<｜tool▁call▁end｜>", "\n",
        "<｜tool▁calls▁end｜>", "<｜tool▁calls▁begin｜>");

    private static readonly ThoughtSyntax Tagged = new("<think>", "</think>", "");
    private static readonly ThoughtSyntax Analysis = new("<|channel|>analysis<|message|>", "<|end|>", "<|start|>assistant");

    /// <summary>
    /// What calls are marked with, as far as it cannot be anything else: where nothing may be called, none of it is written. Their closing
    /// brackets are left out: of a mark in several tokens nothing is left then that merely lacks its end.
    /// </summary>
    public static IReadOnlyList<string> Marks(Dialect dialect) => dialect switch
    {
        Dialect.Hermes => ["<tool_call", "</tool_call"],
        Dialect.Llama => ["<|python_tag"],
        Dialect.Mistral => ["[TOOL_CALLS"],
        Dialect.Harmony => ["to=functions.", "<|channel|>commentary to=", "<|start|>assistant to="],
        Dialect.DeepSeek => ["<｜tool▁"],
        _ => [],
    };

    /// <summary>Whether a call always has a mark; else an object that was asked for may look like one.</summary>
    public static bool AreMarked(Dialect dialect) => dialect is not (Dialect.Llama or Dialect.Json or Dialect.Plain);

    /// <summary>Texts behind which an answer begins: what stands before them is thought, or frame.</summary>
    public static IReadOnlyList<string> Openings(Dialect dialect) => dialect switch
    {
        Dialect.Harmony => ["<|message|>"],
        Dialect.Mistral => ["[/THINK]"],
        _ => ["</think>"],
    };

    /// <summary>How the call of one function begins as a JSON object, for those dialects that write objects.</summary>
    public static IReadOnlyList<string> Heads(Dialect dialect, string name) =>
        dialect is Dialect.Harmony or Dialect.DeepSeek or Dialect.Plain ? []
            : [$"{{\"name\": \"{name}\"", $"{{\"name\":\"{name}\""];

    /// <summary>Whether all models of the dialect write a call alike, and nothing else begins as a call does.</summary>
    public static bool IsUniform(Dialect dialect) => dialect == Dialect.Hermes;

    /// <summary>Null for a model that makes no calls.</summary>
    public static ToolCallSyntax? Calls(Dialect dialect) => dialect switch
    {
        Dialect.Hermes => ToolCallSyntax.Hermes,
        Dialect.Llama => Llama,
        Dialect.Mistral => Mistral,
        Dialect.Harmony => Harmony,
        Dialect.DeepSeek => DeepSeek,
        Dialect.Json => Json,
        _ => null,
    };

    /// <summary>Null for a model that does not think aloud.</summary>
    public static ThoughtSyntax? Thoughts(Dialect dialect) => dialect switch
    {
        Dialect.Harmony => Analysis,
        Dialect.Mistral => null,
        _ => Tagged,
    };

    /// <summary>What precedes an answer that is not a call.</summary>
    public static string AnswerOpening(Dialect dialect) => dialect == Dialect.Harmony ? "<|channel|>final<|message|>" : "";

    /// <summary>Whether several calls in one message are written like this.</summary>
    public static bool HasSeveral(Dialect dialect) => dialect is not (Dialect.Harmony or Dialect.Llama);

    private static ToolCallSyntax Bare(string arguments) => new("", "{\"name\": \"", $"\", \"{arguments}\": ", "}", "; ", "", "{\"name\"");
}

/// <summary>What surrounds a thought.</summary>
internal sealed record ThoughtSyntax(string Open, string Close, string Behind);
