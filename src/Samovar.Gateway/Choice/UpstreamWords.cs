using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;

namespace Samovar.Gateway.Choice;

/// <summary>Puts an upstream's complaint about a field into a create request's words, from which each client's own are found.</summary>
internal static class UpstreamWords
{
    private static readonly ApiWords[] Chat = [ChatWords.For(ChatWords.OlderLimit), ChatWords.For(ChatWords.NewerLimit)];
    private static readonly ApiWords[] Messages = [MessagesWords.All];

    public static UpstreamFault Ours(UpstreamFault fault, DestinationKind kind)
    {
        var words = kind switch { DestinationKind.Chat => Chat, DestinationKind.Messages => Messages, _ => [] };
        if (words.Length == 0 || (fault.Param ?? (kind == DestinationKind.Messages ? Leading(fault.Message) : null)) is not { } theirs)
            return fault;
        var ours = Named(theirs, words);
        if (ours == theirs) return fault with { Param = theirs };
        return fault with { Param = ours, Message = Renamed(fault.Message, theirs, ours) };
    }

    private static string Named(string theirs, ApiWords[] words)
    {
        var path = Bracketed(theirs);
        return words.Select(one => one.Ours(path)).FirstOrDefault(ours => ours != path) ?? theirs;
    }

    /// <summary>In this protocol a complaint begins with the field's name, and has no other place for it.</summary>
    private static string? Leading(string message)
    {
        var end = message.IndexOf(": ", StringComparison.Ordinal);
        if (end <= 0 || message.AsSpan(0, end).IndexOf(' ') >= 0) return null;
        var name = message[..end];
        return Named(name, Messages) != name ? name : null;
    }

    /// <summary>Indices as they stand in our paths: <c>tools.0.name</c> is <c>tools[0].name</c>.</summary>
    private static string Bracketed(string path)
    {
        var names = path.Split('.');
        return names[0] + string.Concat(names.Skip(1).Select(name => IsIndex(name) ? $"[{name}]" : "." + name));
    }

    private static bool IsIndex(string name) => name.Length > 0 && name.All(char.IsAsciiDigit);

    private static string Renamed(string message, string theirs, string ours) =>
        message.StartsWith(theirs + ":", StringComparison.Ordinal) ? $"'{ours}'{message[theirs.Length..]}"
        : message.Replace($"'{theirs}'", $"'{ours}'", StringComparison.Ordinal);
}
