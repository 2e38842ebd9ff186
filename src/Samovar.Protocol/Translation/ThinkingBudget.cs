namespace Samovar.Protocol.Translation;

/// <summary>How many tokens a model may think for, as the effort that it means.</summary>
internal static class ThinkingBudget
{
    /// <summary>From this budget on the effort counts.</summary>
    private static readonly (int Budget, string Effort)[] Steps = [(32_768, "xhigh"), (16_384, "high"), (8_192, "medium"), (0, "low")];

    public static string Effort(int budget) => Steps.First(step => budget >= step.Budget).Effort;
}
