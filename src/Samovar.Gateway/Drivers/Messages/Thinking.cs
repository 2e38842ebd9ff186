using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>How an Anthropic model is asked to think, as its kind wants it.</summary>
/// <param name="Field">The request's <c>thinking</c>; empty where it has none.</param>
/// <param name="Effort">The request's <c>output_config.effort</c>.</param>
/// <param name="TakesSampling">Whether sampling settings may go with it.</param>
/// <param name="LeftOut">What the client asked for, and the model does not do.</param>
internal sealed record Thinking(RawJson Field, string? Effort, bool TakesSampling, string? LeftOut)
{
    private const int BudgetMin = 1024;

    public static Thinking For(UpstreamCall call, int outputTokensMax)
    {
        var request = call.Turn.Request;
        var rules = ThinkingRules.Of(call.Model, call.Destination.Options.Thinking);
        // A thinking model cannot be made to call: the tool that the client named takes precedence over thinking.
        var isForced = request.ToolChoice.ForcesCall && call.Tools.Tools.Count > 0;
        return rules.IsAdaptive ? Adaptive(rules, request, isForced)
            : Budgeted(request, isForced ? null : Budget(request.ReasoningEffort, outputTokensMax, call.Turn.Context));
    }

    /// <summary>Tokens to think with; null for none.</summary>
    public static int? Budget(string? effort, int outputTokensMax, TurnContext context)
    {
        int? wanted = effort switch
        {
            "low" => 2048,
            "medium" => 8192,
            "high" => 16384,
            "xhigh" or "max" => 32768,
            _ => null,
        };
        if (wanted is null || outputTokensMax <= 2 * BudgetMin || !MayThink(context)) return null;
        return Math.Clamp(wanted.Value, BudgetMin, outputTokensMax - BudgetMin);
    }

    private static Thinking Budgeted(CreateRequest request, int? budget) => new(
        budget is { } tokens ? RawJson.Of($$"""{"type":"enabled","budget_tokens":{{tokens}}}""") : default, null, budget is null,
        request is { MessagesThinking.Type: "adaptive", ReasoningEffort: null } ? "thinking.type" : null);

    /// <summary>
    /// A client of Messages says itself whether its model is to think; any other one does so by its effort. The thoughts of those others
    /// are wanted as text, which newer models leave out unless they are asked for it.
    /// </summary>
    private static Thinking Adaptive(ThinkingRules rules, CreateRequest request, bool isForced)
    {
        var (asked, effort) = (request.MessagesThinking, request.ReasoningEffort);
        var isOff = effort == "none";
        if (isOff || isForced)
        {
            var off = isOff || rules.ThinksUnasked ? rules.Off : null;
            return new Thinking(off is null ? default : Kind(off, null), Least(rules, effort, asked, off), rules.TakesSampling,
                isOff && rules.Off is null ? "reasoning.effort" : null);
        }
        var thinks = asked is null ? effort is not null || (rules.ThinksUnasked && request.ReasoningSummary is not null)
            : asked.Type is not null;
        var display = asked is not null ? asked.Display : "summarized";
        return new Thinking(thinks ? Kind("adaptive", display) : default, Word(effort, rules), rules.TakesSampling && !thinks, null);
    }

    /// <summary>The effort beside thinking that is off: models that think unasked take none above <c>high</c> with it. Where it cannot be
    /// off, an effort is all that there is to say.</summary>
    private static string? Least(ThinkingRules rules, string? effort, MessagesThinking? asked, string? off)
    {
        if (effort == "none") effort = asked?.Effort ?? (rules.Off is null ? "low" : null);
        return Word(effort, rules) is var word && off is not null && rules.ThinksUnasked && word is "xhigh" or "max" ? "high" : word;
    }

    private static string? Word(string? effort, ThinkingRules rules) => effort switch
    {
        "minimal" => "low",
        "xhigh" when !rules.HasXhigh => "high",
        "none" => null,
        _ => effort,
    };

    private static RawJson Kind(string type, string? display) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (display is not null) writer.WriteString("display"u8, display);
        writer.WriteEndObject();
    });

    /// <summary>
    /// With a budget the API wants, in the middle of a tool loop, the thoughts that led to the calls; another model's calls have none, nor
    /// have those that a client without reasoning sends back.
    /// </summary>
    private static bool MayThink(TurnContext context)
    {
        var answer = context.Parent?.Output ?? LastAnswer(context.Input);
        if (!answer.Any(item => item is IToolCall)) return true;
        return answer.OfType<ReasoningItem>().Any(thought => !SealedThought.Block("", thought.EncryptedContent).IsEmpty);
    }

    private static List<Item> LastAnswer(IReadOnlyList<Item> input) =>
        [.. input.Reverse().SkipWhile(item => !IsAnswer(item)).TakeWhile(IsAnswer)];

    private static bool IsAnswer(Item item) => item is IToolCall or ReasoningItem or MessageItem { Role: Role.Assistant };
}
