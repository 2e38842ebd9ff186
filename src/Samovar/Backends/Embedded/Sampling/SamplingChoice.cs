using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>From what a request says to how tokens are chosen and what may be called.</summary>
/// <param name="vocabularySize">How many tokens the model knows.</param>
internal sealed class SamplingChoice(SamplingDefaults options, int vocabularySize)
{
    private static readonly Dictionary<int, float> NoBias = [];

    /// <summary>What may be called. The prompt keeps all tools whatever the choice, so that it stays cached.</summary>
    public static CallRights Rights(CreateRequest request, ToolCatalog tools)
    {
        var names = request.ToolChoice switch
        {
            ToolChoice.None => [],
            ToolChoice.Named named => [FlatName(tools, named, "tool_choice")],
            ToolChoice.Allowed allowed =>
                allowed.Tools.Select(tool => FlatName(tools, tool, "tool_choice.tools")).ToHashSet(StringComparer.Ordinal),
            ToolChoice.Other other => throw new ApiException(Errors.UnsupportedValue, other.Type, "tool_choice.type"),
            _ => (HashSet<string>?)null,
        };
        // JSON that was asked for is an answer, also where it looks like a call.
        if (names is { Count: 0 } && request.Format is not TextFormat.Plain) tools = ToolCatalog.Empty;
        return new CallRights(tools, names, request.ParallelToolCalls);
    }

    public SamplingSettings Settings(CreateRequest request, BindingGrammar? grammar)
    {
        return new SamplingSettings
        {
            Temperature = (float?)request.Temperature ?? options.Temperature,
            TopP = (float?)request.TopP ?? options.TopP,
            TopK = request.TopK ?? options.TopK,
            MinP = (float?)request.MinP ?? options.MinP,
            RepeatPenalty = options.RepeatPenalty,
            RepeatTokens = options.RepeatTokens,
            PresencePenalty = (float)(request.PresencePenalty ?? 0),
            FrequencyPenalty = (float)(request.FrequencyPenalty ?? 0),
            Seed = request.Seed is { } seed ? unchecked((uint)(seed ^ (seed >> 32))) : null,
            LogitBias = Biases(request),
            Grammar = grammar?.Gbnf,
            GrammarTriggers = grammar?.Triggers ?? GrammarTriggers.None,
            IsGrammarDemanded = grammar?.IsDemanded ?? true,
            TopLogprobs = request.WantsLogprobs ? request.TopLogprobs ?? 0 : null,
        };
    }

    private IReadOnlyDictionary<int, float>? Biases(CreateRequest request)
    {
        foreach (var (token, _) in request.LogitBias ?? NoBias)
            if (token >= vocabularySize) throw new ApiException(Errors.NotAToken, ["logit_bias", token], "logit_bias");
        return request.LogitBias;
    }

    private static string FlatName(ToolCatalog tools, ToolChoice.Named named, string param)
    {
        var tool = tools.Find(named.Name)
            ?? tools.Tools.FirstOrDefault(one => string.Equals(one.Name, named.Name, StringComparison.Ordinal));
        var isOfKind = tool is null || named.Type is not ("function" or "custom") || tool.IsCustom == (named.Type == "custom");
        return isOfKind && tool is not null ? tool.FlatName : throw new ApiException(Errors.UnsupportedValue, named.Name, param);
    }
}
