
namespace Samovar.Gateway.Destinations;

/// <summary>How a chat upstream is asked to go on with the assistant's message at the end.</summary>
internal enum AnswerBeginning
{
    /// <summary>It cannot: it would begin another answer.</summary>
    Refused,

    /// <summary>It does so by itself.</summary>
    Taken,

    /// <summary><c>continue_final_message</c>, and no generation prompt.</summary>
    ContinueFinalMessage,

    /// <summary><c>prefix: true</c> in the message.</summary>
    Prefix,
}

/// <summary>What becomes of outputs of calls that an upstream is given while it makes a response.</summary>
internal enum InjectedOutputs
{
    /// <summary>It does not take any.</summary>
    Refused,

    /// <summary>The response goes on with them.</summary>
    Inside,

    /// <summary>The response ends, and the one that follows by itself has them.</summary>
    Following,
}

/// <summary>Where upstreams of one protocol differ: what they understand, and how they call it.</summary>
/// <param name="Name">In the configuration.</param>
internal sealed record Dialect(string Name)
{
    /// <summary>Whether it knows <c>custom</c> and <c>namespace</c> tools and <c>additional_tools</c> items, or functions only.</summary>
    public bool FunctionsOnly { get; init; } = true;

    /// <summary>
    /// Whether fields not known here may be sent: engines have many of their own (<c>top_k</c>, <c>chat_template_kwargs</c>).
    /// </summary>
    public bool TakesUnknown { get; init; } = true;

    /// <summary>Responses: whether it knows calls whose output may come at any later time.</summary>
    public bool AsyncTools { get; init; }

    /// <summary>Responses over WebSocket: whether it takes what the user says while a response is being made.</summary>
    public bool Steering { get; init; }

    /// <summary>Responses over WebSocket: whether it takes outputs of calls meanwhile.</summary>
    public InjectedOutputs Injected { get; init; }

    /// <summary>Whether it knows what concerns accounts and hosted services: service tiers, cache retention, hosted tools,
    /// files.</summary>
    public bool IsProvider { get; init; }

    /// <summary>Whether templates know the role <c>developer</c>; otherwise it is <c>system</c>.</summary>
    public bool DeveloperRole { get; init; }

    /// <summary>
    /// Whether system and developer messages at the start must be one, and later ones take another role: the templates of engines refuse
    /// a second.
    /// </summary>
    public bool OneSystemMessage => !DeveloperRole;

    /// <summary>
    /// Chat: whether every chunk says how many tokens there were so far, and by which field: so that a turn that is cancelled is counted.
    /// </summary>
    public bool UsageInEveryChunk { get; init; }
    public bool TimingsPerToken { get; init; }
    public bool PromptCacheKey { get; init; }

    /// <summary>Whether <c>instructions</c> may come with <c>previous_response_id</c>.</summary>
    public bool InstructionsWithParent { get; init; } = true;

    /// <summary>Whether it is another Samovar, which knows this one's extensions.</summary>
    public bool IsSamovar { get; init; }

    /// <summary>Whether <c>generate:false</c> prepares a response.</summary>
    public bool WarmUp { get; init; }

    /// <summary>Age at which an idle socket is left: before the upstream's own limit.</summary>
    public TimeSpan SocketLifetime { get; init; } = TimeSpan.FromMinutes(55);

    /// <summary>The header that the upstream routes its cache by.</summary>
    public string? ConversationHeader { get; init; }

    /// <summary>The field that separates tenants inside the upstream's prefix cache.</summary>
    public string? TenantSaltField { get; init; }

    /// <summary>
    /// Chat: the field for the longest answer, the field an assistant message's reasoning goes back in, hard limits on what may be called.
    /// </summary>
    public string OutputLimitField { get; init; } = "max_tokens";
    public string? ReasoningField { get; init; }
    public bool AllowedTools { get; init; }
    public bool ReasoningEffort { get; init; } = true;
    public bool ParallelToolCalls { get; init; } = true;
    public AnswerBeginning AnswerBeginning { get; init; }

    /// <summary>Chat: how many letters and digits an id of a call must be, and nothing else; 0 where it may be any.</summary>
    public int CallIdLength { get; init; }

    /// <summary>Chat: whether between a tool's result and the user's next word the assistant must speak.</summary>
    public bool AssistantAfterTool { get; init; }

    /// <summary>Chat: whether every assistant message must have the field of its reasoning, be it empty.</summary>
    public bool ReasoningAlways { get; init; }

    /// <summary>The header for the key where it is not <c>Authorization: Bearer</c>.</summary>
    public string? KeyHeader { get; init; }

    public static readonly Dialect OpenAi = new("openai")
    {
        FunctionsOnly = false, IsProvider = true, DeveloperRole = true, PromptCacheKey = true, WarmUp = true, AsyncTools = true,
        Steering = true, Injected = InjectedOutputs.Inside, OutputLimitField = "max_completion_tokens", AllowedTools = true,
    };

    public static readonly IReadOnlyDictionary<string, Dialect> All = new[]
    {
        OpenAi,
        OpenAi with { Name = "samovar", ReasoningField = "reasoning_content", IsSamovar = true, Injected = InjectedOutputs.Following,
            AnswerBeginning = AnswerBeginning.Taken },
        OpenAi with { Name = "xai", WarmUp = false, AsyncTools = false, Steering = false, Injected = InjectedOutputs.Refused,
            InstructionsWithParent = false, SocketLifetime = TimeSpan.FromMinutes(24), ConversationHeader = "x-grok-conv-id" },
        new Dialect("vllm") { OutputLimitField = "max_completion_tokens", ReasoningField = "reasoning", TenantSaltField = "cache_salt",
            UsageInEveryChunk = true, AnswerBeginning = AnswerBeginning.ContinueFinalMessage },
        new Dialect("dynamo") { ReasoningField = "reasoning_content", UsageInEveryChunk = false },
        new Dialect("sglang") { OutputLimitField = "max_completion_tokens", ReasoningField = "reasoning_content",
            UsageInEveryChunk = true, AnswerBeginning = AnswerBeginning.ContinueFinalMessage },
        new Dialect("llama-server") { ReasoningField = "reasoning_content", ReasoningEffort = false, TimingsPerToken = true,
            AnswerBeginning = AnswerBeginning.Taken },
        new Dialect("ollama") { ReasoningField = "reasoning", ParallelToolCalls = false, AnswerBeginning = AnswerBeginning.Taken },
        new Dialect("deepseek") { ReasoningField = "reasoning_content", ReasoningAlways = true, AnswerBeginning = AnswerBeginning.Prefix },
        new Dialect("mistral") { TakesUnknown = false, AnswerBeginning = AnswerBeginning.Prefix, CallIdLength = 9,
            AssistantAfterTool = true },
        new Dialect("lm-studio") { ReasoningField = "reasoning_content", ParallelToolCalls = false },
        new Dialect("anthropic") { KeyHeader = "x-api-key", IsProvider = true, TakesUnknown = false },
    }.ToDictionary(dialect => dialect.Name, StringComparer.Ordinal);

    public static Dialect DefaultFor(DestinationKind kind) => kind == DestinationKind.Messages ? All["anthropic"] : OpenAi;
}
