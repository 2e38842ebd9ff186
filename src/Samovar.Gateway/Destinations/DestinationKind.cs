namespace Samovar.Gateway.Destinations;

/// <summary>Which protocol a destination speaks.</summary>
internal enum DestinationKind
{
    ResponsesWs,
    ResponsesHttp,

    /// <summary>Responses over one socket for all chains, read on where it was cut.</summary>
    ResponsesLink,
    Chat,
    Messages,
}

/// <summary>What kinds have in common.</summary>
internal static class DestinationKinds
{
    public static bool SpeaksResponses(this DestinationKind kind) =>
        kind is DestinationKind.ResponsesWs or DestinationKind.ResponsesHttp or DestinationKind.ResponsesLink;
}

/// <summary>Names of kinds and key policies in the configuration.</summary>
internal static class ConfigurationNames
{
    public static readonly IReadOnlyDictionary<string, DestinationKind> Kinds = new Dictionary<string,
        DestinationKind>(StringComparer.Ordinal)
    {
        ["responses-ws"] = DestinationKind.ResponsesWs,
        ["responses-http"] = DestinationKind.ResponsesHttp,
        ["responses-link"] = DestinationKind.ResponsesLink,
        ["chat"] = DestinationKind.Chat,
        ["messages"] = DestinationKind.Messages,
    };

    public static readonly IReadOnlyDictionary<string, PromptCacheKeyPolicy> KeyPolicies =
        new Dictionary<string, PromptCacheKeyPolicy>(StringComparer.Ordinal)
        {
            ["client"] = PromptCacheKeyPolicy.Client,
            ["conversation"] = PromptCacheKeyPolicy.Conversation,
            ["prefix"] = PromptCacheKeyPolicy.Prefix,
        };

    public static readonly IReadOnlyDictionary<string, CompactionPolicy> CompactionPolicies =
        new Dictionary<string, CompactionPolicy>(StringComparer.Ordinal)
        {
            ["auto"] = CompactionPolicy.Auto,
            ["upstream"] = CompactionPolicy.Upstream,
            ["samovar"] = CompactionPolicy.Samovar,
        };
}

/// <summary>Who chooses the upstream's <c>prompt_cache_key</c>.</summary>
internal enum PromptCacheKeyPolicy
{
    /// <summary>The client's own is passed on.</summary>
    Client,

    /// <summary>One for each chain.</summary>
    Conversation,

    /// <summary>One for tenant, model and stable start, in buckets when it is asked for too often.</summary>
    Prefix,
}

/// <summary>Who compacts the conversations of a pool.</summary>
internal enum CompactionPolicy
{
    /// <summary>The upstream where all that serve the model are providers of the Responses API, until one says that it cannot.</summary>
    Auto,

    /// <summary>The upstream where all that serve the model speak the Responses API, until one says that it cannot.</summary>
    Upstream,

    /// <summary>Always this server, with a summary by the upstream's model.</summary>
    Samovar,
}
