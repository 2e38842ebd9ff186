using System.Text.RegularExpressions;

namespace Samovar.Gateway.Faults;

/// <summary>
/// A model, or its deployment, that a destination does not have, or not for this account: another one of the pool may have it, and whoever
/// asked for what the pool serves is not to blame.
/// </summary>
internal static partial class MissingModel
{
    private const int MatchMilliseconds = 1000;
    private static readonly string[] Kinds = ["model", "deployment"];
    private static readonly string[] Absences =
        ["notfound", "notexist", "notopen", "notavailable", "notloaded", "notsupported", "accessdenied"];
    private static readonly string[] Names = ["invalidmodel", "unknownmodel", "unsupportedmodel", "nosuchmodel"];

    /// <param name="status">0 if unknown.</param>
    /// <param name="param">The field that is found fault with; null: none is named.</param>
    public static bool IsSaid(int status, string message, string? code, string? type, string? param)
    {
        if (status is not (0 or 400 or 403 or 404 or 410 or 422)) return false;
        if (IsName(code) || IsName(type)) return true;
        if (param is not (null or "model")) return false;
        return Words().IsMatch(Own(message))
            || (type == "not_found_error" && message.StartsWith("model: ", StringComparison.Ordinal)); // Anthropic
    }

    /// <summary>What a message says itself: behind that it may quote the request, in which anything is said.</summary>
    private static string Own(string message)
    {
        var end = message.AsSpan().IndexOfAny('[', '{');
        var own = end < 0 ? message : message[..end];
        var quoted = own.IndexOf("input", StringComparison.OrdinalIgnoreCase);
        return quoted < 0 ? own : own[..quoted];
    }

    private static bool IsName(string? name)
    {
        if (name is null) return false;
        var plain = ErrorWords.Plain(name);
        return Array.Exists(Names, plain.Equals)
            || (Array.Exists(Kinds, plain.StartsWith) && Array.Exists(Absences, plain.Contains))
            || (Array.Exists(Kinds, plain.Contains) && Array.Exists(Absences, plain.EndsWith));
    }

    /// <summary>The word for it, with one name behind it at most, and that it is not there: what else a sentence says of models is of
    /// requests.</summary>
    [GeneratedRegex(@"\b(models?|deployments?)( or endpoint)?( (id|name|version|identifier))?[:/ ]*(\S{1,300} )?"
            + @"((is|was|were|are) (currently )?)?(not found|not (currently )?loaded|not deployed|not installed|not exist\b"
            + @"|(does not|doesn't) exist|could not be found|cannot be found|has been (deprecated|retired|removed))"
        + @"|\bmodels?( \S{1,300})? is (not supported([.!]?$| by any | when using | for (this|your) )|not available|unavailable)"
        + @"|\bmodel (id|identifier|name)( \S{1,300})? is invalid|\bnot a valid model\b"
        + @"|\b(no such|unknown|unrecogni[sz]ed|invalid|unsupported) model( name| id)?"
            + @"( passed| specified| requested|[:.]? ?['""`(]|: |\.?$)"
        + @"|\b(no|not have|n't have|unable to) access( to)?( the| this)? (requested )?model\b|\bunable to access \S{1,40} model\b"
        + @"|\bnot activated the model\b|\bno models?( is| are)?( currently)? loaded|\bdeployment for this resource does not exist",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex Words();
}
