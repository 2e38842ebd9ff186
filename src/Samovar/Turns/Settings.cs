using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Which settings are in force where a frame may leave them out.</summary>
internal static class Settings
{
    /// <summary>
    /// Whether a request may come as a bare frame without its instructions and tools, and mean the same: they are its parent's, and so is
    /// whatever else it does not name.
    /// </summary>
    public static bool Keeps(CreateRequest request, Response parent)
    {
        if (request.Tools is { HasUnkept: true }) return false; // a bare frame's tools would have no secrets
        var isSame = request.Instructions == parent.Instructions && (request.Tools ?? ToolList.Empty).Json == parent.Tools.Json;
        isSame &= request.MessagesTools == parent.Request.MessagesTools; // they are in the tools that another Samovar gets
        return isSame && TakeOver(request, parent) with { Instructions = request.Instructions, Tools = request.Tools } == request;
    }

    /// <summary>The request with what it leaves to its parent.</summary>
    public static CreateRequest InForce(TurnRequest turn, ChainNode? parent) => (turn, parent) switch
    {
        (_, null) => turn.Request,
        ({ TakesOver: true }, _) => TakeOver(turn.Request, parent.Response),
        ({ Request.ContinuesThread: true }, _) => TakeThread(turn.Request, parent.Response),
        _ => turn.Request,
    };

    /// <summary>A thread goes on with what it began with: instructions and tools, and what its client said beside them.</summary>
    private static CreateRequest TakeThread(CreateRequest request, Response parent) => request with
    {
        Instructions = parent.Instructions, Mark = parent.Request.Mark,
        Tools = parent.Tools, MessagesTools = parent.Request.MessagesTools,
    };

    /// <summary>
    /// A bare continuation goes on with its parent's model, instructions, tools, way of sampling and privacy: what was not to be stored is
    /// not stored because a later frame did not say so again. <c>tool_choice</c> is not taken over: a tool once demanded would be demanded
    /// for ever. A field that is null is not said, as in every request, and the parts of <c>reasoning</c> and <c>text</c> are each by
    /// themselves.
    /// </summary>
    public static CreateRequest TakeOver(CreateRequest request, Response parent)
    {
        var before = parent.Request;
        bool Says(string field) => request.Field(field).IsSet();
        return request with
        {
            Model = request.Model ?? before.Model,
            Instructions = Says("instructions") ? request.Instructions : parent.Instructions,
            Tools = request.Tools ?? parent.Tools,
            Store = request.SaysStore ? request.Store : before.Store,
            ParallelToolCalls = Says("parallel_tool_calls") ? request.ParallelToolCalls : before.ParallelToolCalls,
            Temperature = request.Temperature ?? before.Temperature,
            TopP = request.TopP ?? before.TopP,
            TopK = request.TopK ?? before.TopK,
            MinP = request.MinP ?? before.MinP,
            PresencePenalty = request.PresencePenalty ?? before.PresencePenalty,
            FrequencyPenalty = request.FrequencyPenalty ?? before.FrequencyPenalty,
            Stop = Says("stop") ? request.Stop : before.Stop,
            Seed = request.Seed ?? before.Seed,
            LogitBias = request.LogitBias ?? before.LogitBias,
            MaxOutputTokens = request.MaxOutputTokens ?? before.MaxOutputTokens,
            ReasoningEffort = request.ReasoningEffort ?? before.ReasoningEffort,
            TemplateVariables = Says("chat_template_kwargs") ? request.TemplateVariables : before.TemplateVariables,
            ReasoningContext = request.ReasoningContext ?? before.ReasoningContext,
            ReasoningMode = request.ReasoningMode ?? before.ReasoningMode,
            ReasoningSummary = request.ReasoningSummary ?? before.ReasoningSummary,
            Format = request.Field("text").Field("format"u8).IsSet() ? request.Format : before.Format,
            Compaction = Says("context_management") ? request.Compaction : before.Compaction,
            TruncationAuto = Says("truncation") ? request.TruncationAuto : before.TruncationAuto,
            Verbosity = request.Verbosity ?? before.Verbosity,
            PromptCacheKey = request.PromptCacheKey ?? before.PromptCacheKey,
            SafetyIdentifier = request.SafetyIdentifier ?? before.SafetyIdentifier,
        };
    }
}
