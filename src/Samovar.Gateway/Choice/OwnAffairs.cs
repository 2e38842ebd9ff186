using System.Text.RegularExpressions;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Leaves out of an upstream's words what is the operator's own affair: which address was asked, with which account and key, and what the
/// model is called there. The log and the metrics name the destination.
/// </summary>
internal static partial class OwnAffairs
{
    private const string LeftOutSign = "…";
    private const int MatchMilliseconds = 1000;

    public static UpstreamFault LeftOut(UpstreamFault fault, UpstreamCall call)
    {
        if (!fault.IsQuoted) return fault;
        var asked = call.Turn.Request.Model ?? call.Turn.Model;
        var message = WithoutAddress(ModelName.Replaced(fault.Message, call.Model, asked ?? LeftOutSign), call.Destination);
        foreach (var own in new[] { Addresses(), Accounts(), NamedIds(), MaskedKeys(), NamedKeys() })
            message = own.Replace(message, LeftOutSign);
        return message == fault.Message ? fault : fault with { Message = message };
    }

    private static string WithoutAddress(string message, Destination destination)
    {
        foreach (var own in new[] { destination.BaseUrl.ToString().TrimEnd('/'), destination.BaseUrl.Authority, destination.BaseUrl.Host })
            if (own.AsSpan().IndexOfAny('.', ':') >= 0) // a bare name may be a word of any sentence
                message = message.Replace(own, LeftOutSign, StringComparison.OrdinalIgnoreCase);
        return message;
    }

    /// <summary>Ids of organizations, projects, accounts and keys, as upstreams write them into their errors.</summary>
    [GeneratedRegex(@"\b(org|organization|proj|project|acct|account|user|key|sk|tenant|team)[-_](?=[A-Za-z-]*[0-9*])[A-Za-z0-9*_-]{4,}",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Accounts();

    /// <summary>The same where a word before the id says whose it is.</summary>
    [GeneratedRegex(@"(?<=\b(org|organization|project|account|user|key|tenant|team|workspace)( id)?:? ['""`]?)"
        + "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex NamedIds();

    /// <summary>The ends of a key, with stars for the rest of it.</summary>
    [GeneratedRegex(@"\b[A-Za-z0-9_-]+\*{3,}[A-Za-z0-9*_-]*", RegexOptions.None, MatchMilliseconds)]
    private static partial Regex MaskedKeys();

    /// <summary>What stands behind the word for it, and is no word itself.</summary>
    [GeneratedRegex(@"(?<=\bAPI[ _-]?key( ID| provided)?: ?['""`]?)(?=[A-Za-z_-]*([0-9*…•]|\.{3}))"
        + "[A-Za-z0-9*._…•-]{3,}[A-Za-z0-9*_…•-]", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex NamedKeys();

    [GeneratedRegex(
        @"\b[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?\b"
        + @"|\[(?=[^]]{0,45}:[^]]{0,45}:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]{1,16})?\](:[0-9]{1,5})?",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Addresses();
}
