using System.Text.RegularExpressions;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Leaves out of an upstream's words what is the operator's own affair: which address was asked, with which account and key. The log and
/// the metrics name the destination.
/// </summary>
internal static partial class OwnAffairs
{
    private const string LeftOutSign = "…";
    private const int MatchMilliseconds = 1000;

    public static UpstreamFault LeftOut(UpstreamFault fault, Destination destination)
    {
        if (fault.Status == 0 && fault.Code is null && fault.Type is null) return fault; // words of our own
        var message = fault.Message;
        foreach (var own in new[] { destination.BaseUrl.ToString().TrimEnd('/'), destination.BaseUrl.Authority, destination.BaseUrl.Host })
            if (own.AsSpan().IndexOfAny('.', ':') >= 0) // a bare name may be a word of any sentence
                message = message.Replace(own, LeftOutSign, StringComparison.OrdinalIgnoreCase);
        message = Accounts().Replace(Addresses().Replace(message, LeftOutSign), LeftOutSign);
        return message == fault.Message ? fault : fault with { Message = message };
    }

    /// <summary>Ids of organizations, projects, accounts and keys, as upstreams write them into their errors.</summary>
    [GeneratedRegex(@"\b(org|organization|proj|project|acct|account|user|key|sk|tenant|team)[-_](?=[A-Za-z-]*[0-9*])[A-Za-z0-9*_-]{4,}",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Accounts();

    [GeneratedRegex(
        @"\b[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?\b"
        + @"|\[(?=[^]]{0,45}:[^]]{0,45}:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]{1,16})?\](:[0-9]{1,5})?",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex Addresses();
}
