using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded;

/// <summary>The tokens that end a model's turn though its vocabulary does not say so.</summary>
internal static class EndTokens
{
    public static IReadOnlyList<int> Of(TemplateFacts facts, ModelDialect writes, ControlText control)
    {
        var ends = new List<int>();
        if (facts.EndToken is { } end && !writes.IsPart(control.SpellingOf(end))) ends.Add(end);
        foreach (var learned in writes.Ends)
            if (!writes.MayGoOn(learned) && control.Tokenize(learned) is [var token]) ends.Add(token);
        return [.. ends.Distinct().Where(token => !control.Tokenizer.IsEndOfGeneration(token))];
    }
}
