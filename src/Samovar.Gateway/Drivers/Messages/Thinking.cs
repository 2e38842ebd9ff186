using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>How much an Anthropic model may think for an effort.</summary>
internal static class Thinking
{
    private const int BudgetMin = 1024;

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

    /// <summary>
    /// In the middle of a tool loop the API wants the thoughts that led to the calls; another model's calls have none, nor have those that
    /// a client without reasoning sends back.
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
