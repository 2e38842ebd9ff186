using System.Collections.Frozen;

namespace Samovar.Gateway.Faults;

/// <summary>How an answer ended, the better ends first.</summary>
internal enum AnswerEnd
{
    /// <summary>The model said all that it wanted to say.</summary>
    Complete,

    /// <summary>A limit cut the answer off.</summary>
    CutByLimit,

    /// <summary>A filter cut the answer off.</summary>
    CutByFilter,

    /// <summary>It broke, or nobody knows what the reason means: what came is not a whole answer.</summary>
    Broken,
}

/// <summary>
/// Why upstreams say that an answer ended: <c>finish_reason</c> of Chat Completions, <c>stop_reason</c> of Messages, <c>status</c> and
/// <c>incomplete_details.reason</c> of Responses, with the words of the engines and services behind them. Case, dashes and underscores do
/// not count.
/// </summary>
internal static class FinishReasons
{
    private const string Prefix = "finishreason"; // FINISH_REASON_STOP

    private static readonly FrozenDictionary<string, AnswerEnd> Rows = new (AnswerEnd End, string[] Words)[]
    {
        (AnswerEnd.Complete, ["stop", "stopped", "end", "eos", "eos_token", "eos_token_found", "stop_token", "end_turn", "stop_sequence",
            "stop_sequence_found", "stop_str", "stop_string", "tool_calls", "tool_call", "tool_use", "function_call", "function_calls",
            "complete", "completed", "done", "finished", "normal", "success", "eot", "eot_id", "eom_id", "im_end", "end_of_turn",
            "end_of_text", "stop_word", "stop_words", "</s>"]),
        (AnswerEnd.CutByLimit, ["length", "max_tokens", "max_output_tokens", "max_completion_tokens", "max_new_tokens", "max_length",
            "model_length", "max_model_len", "token_limit", "token_limit_reached", "max_tokens_reached", "output_limit", "limit",
            "length_limit", "context_length", "context_full", "context_length_exceeded", "model_context_window_exceeded", "context_window",
            "context_overflow", "max_context_length", "truncated", "incomplete", "time_limit", "repetition", "repetition_truncation",
            "pause_turn"]),
        (AnswerEnd.CutByFilter, ["content_filter", "content_filtered", "filter", "filtered", "safety", "recitation", "blocklist", "blocked",
            "prohibited_content", "spii", "language", "image_safety", "image_prohibited_content", "image_recitation", "refusal",
            "sensitive",
            "moderation", "guardrail", "guardrails", "guardrail_intervened", "policy", "policy_violation", "error_toxic", "toxic",
            "model_armor"]),
        (AnswerEnd.Broken, ["error", "abort", "aborted", "cancel", "cancelled", "canceled", "user_cancel", "failed", "failure", "timeout",
            "network_error", "server_error", "internal_error", "insufficient_system_resource", "malformed_function_call",
            "unexpected_tool_call", "too_many_tool_calls", "malformed_response", "missing_thought_signature", "tool_error", "error_limit",
            "interrupted", "preempted", "unspecified", "unknown", "other", "queued", "in_progress"]),
    }.SelectMany(row => row.Words.Select(word => (Word: Plain(word), row.End)))
        .ToFrozenDictionary(row => row.Word, row => row.End, StringComparer.Ordinal);

    /// <summary>Null where the upstream gave no reason yet: engines send an empty one with every piece.</summary>
    public static AnswerEnd? Of(string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason)) return null;
        var plain = Plain(reason);
        if (plain is "null" or "none") return null;
        return Rows.TryGetValue(plain, out var end) ? end : AnswerEnd.Broken;
    }

    /// <summary>Whether the reason says that a tool was called.</summary>
    public static bool IsCalling(string reason) =>
        Plain(reason) is "toolcalls" or "toolcall" or "tooluse" or "functioncall" or "functioncalls";

    /// <summary>The <c>reason</c> of an incomplete response; null for a complete one.</summary>
    public static string? IncompleteReason(AnswerEnd end) => end switch
    {
        AnswerEnd.CutByLimit => "max_output_tokens",
        AnswerEnd.CutByFilter => "content_filter",
        _ => null,
    };

    /// <summary>The reason where clients of the Messages API act on it in a way of their own, in that protocol's word.</summary>
    public static string? OfMessages(string? reason) => Plain(reason ?? "") switch
    {
        "pauseturn" => "pause_turn",
        "modelcontextwindowexceeded" => "model_context_window_exceeded",
        _ => null,
    };

    /// <summary>The fault of an answer that ended so.</summary>
    public static UpstreamException Fault(string reason) =>
        new(new UpstreamFault(FaultKind.Server, $"It ended the answer with '{Short(reason)}'."));

    private static string Plain(string reason)
    {
        var letters = string.Concat(reason.Where(char.IsLetter)).ToLowerInvariant();
        return letters.StartsWith(Prefix, StringComparison.Ordinal) && letters.Length > Prefix.Length ? letters[Prefix.Length..] : letters;
    }

    private static string Short(string reason) => reason.Length <= 100 ? reason : reason[..100];
}
