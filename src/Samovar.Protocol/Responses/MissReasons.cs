namespace Samovar.Protocol.Responses;

/// <summary>Every word by which a cache miss is explained. docs/why.md has the list, and a test compares the two.</summary>
public static class MissReasons
{
    public const string Model = "model_changed";
    public const string Tools = "tools_changed";
    public const string Effort = "reasoning_effort_changed";
    public const string Variables = "chat_template_kwargs_changed";
    public const string Instructions = "instructions_changed";
    public const string Input = "input_changed";
    public const string Rewritten = "history_rewritten";
    public const string Truncated = "context_truncated";
    public const string Compacted = "context_compacted";
    public const string Edited = "context_edited";
    public const string Evicted = "state_evicted";
    public const string Unloaded = "model_unloaded";
    public const string Taken = "chain_taken_over";

    /// <summary>What each means, and OpenAI's word for it: some clients read no others.</summary>
    public static readonly IReadOnlyList<MissReason> All =
    [
        new(Model, Model, "another model answers, or another file of it: its tokens mean nothing here"),
        new(Tools, Tools, "the tools are others, or in another order"),
        new(Effort, Effort, "the reasoning effort is another, and the template writes it"),
        new(Variables, Input, "the template's variables (`chat_template_kwargs`) are others"),
        new(Instructions, Input, "the instructions are others"),
        new(Input, Input, "an earlier item is another"),
        new(Rewritten, Input, "the same items, but the model's template writes them in another way now"),
        new(Truncated, Input, "`truncation: auto` left out the oldest items"),
        new(Edited, Input, "`context_management` has cleared old results or thoughts"),
        new(Compacted, Compacted, "a compaction has taken the place of earlier items"),
        new(Evicted, Evicted, "the same tokens, but their state was given up for other work"),
        new(Unloaded, Unloaded, "the same tokens, but their model was unloaded meanwhile"),
        new(Taken, Taken, "the same tokens, but their state was at another node, from which the conversation was taken over"),
    ];

    /// <summary>As OpenAI's schema names it.</summary>
    public static string OfOpenAi(string reason)
    {
        foreach (var row in All)
            if (row.Name == reason) return row.OpenAi;
        return Input;
    }

    /// <summary>As Anthropic's schema names it; null where the two prompts are equal.</summary>
    public static string? OfAnthropic(CacheDiagnostics.Miss miss) => miss.Reason switch
    {
        Evicted or Unloaded or Taken => null,
        Model => "model_changed",
        Tools => "tools_changed",
        Instructions => "system_changed",
        _ => miss.IsOfSystem ? "system_changed" : "messages_changed",
    };
}

/// <summary>A word by which a miss is explained.</summary>
public sealed record MissReason(string Name, string OpenAi, string Meaning);
