using System.Globalization;
using Samovar.Backends;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Compaction;

/// <summary>The turn that asks a conversation's own model for a summary.</summary>
/// <remarks>
/// All before the question is as the conversation has it, instructions and tools included, so that what a cache holds of it is used. None
/// of the tools may be called.
/// </remarks>
internal static class SummaryRequest
{
    /// <summary>What the model is asked; in words that are its own to answer, whatever the conversation is about.</summary>
    public const string Question =
        "The conversation above has become too long. Its older part will be replaced by notes that you write now, for yourself: you " +
        "will go on with the task from them and from the user's messages. Write what is needed for that and nothing else: what the " +
        "task is, what was decided and why, which files were read or changed and how, which commands were run and what came of them, " +
        "errors that are still open, and what is to be done next. Name files, commands and values exactly. Do not answer the user, do " +
        "not call a tool, and do not repeat these lines.";

    private static readonly ToolChoice NoTool = new ToolChoice.None { Json = RawJson.Of("\"none\"") };

    /// <summary>Fields that belong to the answer which the client wants, not to the conversation.</summary>
    private static readonly string[] Left =
    [
        "tool_choice", "text", "max_output_tokens", "max_tool_calls", "stop", "top_logprobs", "include", "context_management", "store",
        "metadata", "n", "truncation", "background", "stream", "generate", "seed", "logit_bias", "presence_penalty", "frequency_penalty",
    ];

    /// <summary>What the model is asked: the server's own words, or its client's.</summary>
    public static string QuestionOf(BackendTurn turn) => turn.Request.Summary?.Instructions ?? Question;

    public static BackendTurn Of(BackendTurn turn, ResponseId id, int tokensMax) => turn with
    {
        Id = id,
        Context = turn.Context with { Input = [.. turn.Context.Input, ItemWriter.UserText(QuestionOf(turn))] },
        Comparison = null,
        KeepsSettings = false,
        Report = new BackendReport(),
        Request = turn.Request with
        {
            Compacts = false, Summary = null, Compaction = null, Generate = true, Store = false, Stream = false, ContinuesAnswer = false,
            ToolChoice = NoTool, Format = TextFormat.Default, MaxOutputTokens = tokensMax, MaxToolCalls = null, Stop = [],
            TopLogprobs = null, Include = [], TruncationAuto = false, CacheComparison = null, WantsCacheDetails = false,
            Seed = null, LogitBias = null,
            Temperature = turn.Request.Field("temperature").IsEmpty ? 0 : turn.Request.Temperature,
            PresencePenalty = null, FrequencyPenalty = null, Verbosity = null,
            Fields = [.. turn.Request.Fields.Where(static field => !Left.Contains(field.Key, StringComparer.Ordinal)),
                new("tool_choice", NoTool.Json), new("max_output_tokens", RawJson.Of(tokensMax.ToString(CultureInfo.InvariantCulture)))],
        },
    };
}
