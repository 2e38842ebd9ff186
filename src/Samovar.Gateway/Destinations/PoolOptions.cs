using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>A group of destinations that can stand in for each other.</summary>
public sealed class PoolOptions
{
    internal const int QueueMaxLimit = 10_000; // everybody who waits is looked at when a place is given back
    internal const int OpenPartLimit = 1000;
    internal static readonly TimeSpan WaitLimit = TimeSpan.FromHours(1);

    /// <summary>The pool's name, in logs and metrics.</summary>
    public string Name { get; set; } = "";

    /// <summary>Other names for the models that the destinations serve: <c>alias=name</c>.</summary>
    public IList<string> Aliases { get; init; } = [];

    /// <summary>Who chooses the upstream's <c>prompt_cache_key</c>: <c>client</c>, <c>conversation</c> or <c>prefix</c>.</summary>
    public string PromptCacheKey { get; set; } = "client";

    /// <summary>Turns that may wait while every destination is at a limit; one more is answered 503. 0 lets none wait.</summary>
    public int QueueMax { get; set; } = 100;

    /// <summary>How long a turn may wait for a place; then it is answered 503.</summary>
    public TimeSpan QueueWaitMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a turn waits for the destination that holds its chain when that one runs as many turns as it may; then it goes elsewhere
    /// with the whole context.
    /// </summary>
    public TimeSpan OwnerWaitMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// One place in so many (of <c>InFlightMax</c>; and of the requests and tokens of a minute) is kept open for tenants that have used
    /// nothing or little, where there are that many; 0 keeps none open.
    /// </summary>
    public int OpenPart { get; set; } = SharedPlaces.OpenPart;

    /// <summary>
    /// Who compacts conversations: <c>upstream</c> asks destinations of the Responses API to, <c>samovar</c> does it here with a summary by
    /// their model, <c>auto</c> asks providers only. Where an upstream says that it cannot, it is done here from then on.
    /// </summary>
    public string Compaction { get; set; } = "auto";

    /// <summary>The destinations that it chooses from.</summary>
    public IList<DestinationOptions> Destinations { get; init; } = [];
}

/// <summary>One replica, deployment or account.</summary>
public sealed class DestinationOptions
{
    /// <summary>The destination's name, in logs and metrics.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>responses-ws</c>, <c>responses-http</c>, <c>responses-link</c>, <c>chat</c> or <c>messages</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary><c>openai</c>, <c>samovar</c>, <c>xai</c>, <c>vllm</c>, <c>dynamo</c>, <c>sglang</c>, <c>llama-server</c>, <c>ollama</c>,
    /// <c>lm-studio</c>, <c>deepseek</c>, <c>mistral</c> or <c>anthropic</c>; by default <c>anthropic</c> for the kind
    /// <c>messages</c>, else <c>openai</c>.</summary>
    public string? Dialect { get; set; }

    /// <summary>The part before <c>/responses</c>, <c>/chat/completions</c> or <c>/messages</c>, usually ending in <c>/v1</c>.</summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>The environment variable that holds the key.</summary>
    public string? KeyEnvironment { get; set; }

    /// <summary>The file that holds the key.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// The header that carries the key as it is (<c>api-key</c>, <c>x-api-key</c>); by default <c>Authorization: Bearer</c>, or what the
    /// dialect wants.
    /// </summary>
    public string? KeyHeader { get; set; }

    /// <summary>
    /// Models by the names that clients use; <c>name=other</c> where this destination names it differently, <c>*</c> passes any name on.
    /// </summary>
    public IList<string> Models { get; init; } = [];

    /// <summary>Share of new conversations, against the others of the pool.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Turns at once; 0 is no limit.</summary>
    public int InFlightMax { get; set; }

    /// <summary>Requests a minute; 0 is no limit.</summary>
    public int RequestsPerMinute { get; set; }

    /// <summary>Tokens a minute; 0 is no limit.</summary>
    public int TokensPerMinute { get; set; }

    /// <summary>
    /// Whether a response that the client wants stored is stored there too, and so can be continued by its id without a socket.
    /// </summary>
    public bool Stores { get; set; }

    /// <summary>A path that answers 2xx when the destination is fit, against the host's root: <c>/health</c>.</summary>
    public string? HealthPath { get; set; }

    /// <summary>The longest answer where the request sets none and the upstream wants a number.</summary>
    public int OutputTokensDefault { get; set; } = 32_000;

    /// <summary>
    /// How models are asked to think whose names do not say it (<c>messages</c>): <c>budget</c>, tokens to think with, or <c>adaptive</c>,
    /// an effort and no sampling settings. Names of Claude models say it themselves: <c>adaptive</c> from 4.6 on.
    /// </summary>
    public string Thinking { get; set; } = "budget";

    /// <summary>Whether a destination without a key of its own gets the key that the turn's client sent (<c>Auth:PassKeysOn</c>).</summary>
    public bool PassesKeys { get; set; }

    /// <summary>Whether permessage-deflate is offered (responses-ws, responses-link).</summary>
    public bool Deflate { get; set; }

    /// <summary>
    /// Whether it marks where a provider that caches at breakpoints alone (OpenAI, from GPT-5.6 on) is to write, for clients that mark
    /// none.
    /// </summary>
    public bool CacheBreakpoints { get; set; } = true;

    /// <summary>
    /// Whether <c>service_tier</c> and background turns go up as a priority: for engines of <c>vllm</c>, <c>sglang</c> and <c>dynamo</c>
    /// that
    /// order their turns by one, and refuse it else.
    /// </summary>
    public bool PassesPriority { get; set; }
}
