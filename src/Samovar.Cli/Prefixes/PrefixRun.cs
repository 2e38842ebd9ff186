using System.Text;
using Samovar.Cli.Agents;
using Samovar.Escaping;

namespace Samovar.Cli.Prefixes;

/// <summary>Does what <c>samovar prefix</c> is asked for, and says what came of it.</summary>
internal static class PrefixRun
{
    /// <returns>0 well, 1 it could not be done.</returns>
    public static async Task<int> WarmAsync(
        PrefixClient client, PrefixFile order, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (json, trouble) = await client.WarmAsync(order.Order(), userGone);
        if (json is null) return Complaint.Fail(error, trouble!);
        if (PrefixAnswer.Read(json) is not { Warmed: not null } answer) return Complaint.Fail(error, Complaint.Unreadable);
        foreach (var line in PrefixText.Warmed(answer)) await output.WriteLineAsync(ForeignText.OneLine(line));
        return 0;
    }

    /// <returns>As above.</returns>
    public static async Task<int> ListAsync(
        PrefixClient client, bool isJson, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (json, trouble) = await client.ListAsync(userGone);
        if (json is null) return Complaint.Fail(error, trouble!);
        if (isJson)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(json));
            return 0;
        }
        if (PrefixList.Read(json) is not { } list) return Complaint.Fail(error, Complaint.Unreadable);
        foreach (var line in PrefixText.Lines(list.Data)) await output.WriteLineAsync(ForeignText.OneLine(line));
        return 0;
    }

    /// <returns>As above.</returns>
    public static async Task<int> DropAsync(
        PrefixClient client, string id, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (json, trouble) = await client.DropAsync(id, userGone);
        if (json is null) return Complaint.Fail(error, trouble!);
        await output.WriteLineAsync(ForeignText.OneLine($"{id} is kept no longer."));
        return 0;
    }
}
