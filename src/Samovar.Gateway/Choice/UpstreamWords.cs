using System.Globalization;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;

namespace Samovar.Gateway.Choice;

/// <summary>Puts an upstream's complaint about a field into a create request's words, from which each client's own are found.</summary>
internal static class UpstreamWords
{
    private static readonly ApiWords[] Chat = [ChatWords.For(ChatWords.OlderLimit), ChatWords.For(ChatWords.NewerLimit)];
    private static readonly ApiWords[] Messages = [MessagesWords.All];

    public static UpstreamFault Ours(UpstreamFault fault, UpstreamCall call)
    {
        if (!fault.IsQuoted) return fault;
        var kind = call.Destination.Kind;
        if (kind.SpeaksResponses()) return fault.Param is { } place
            ? Renamed(fault, place, AtClient(place, call)) : fault;
        var words = kind switch { DestinationKind.Chat => Chat, DestinationKind.Messages => Messages, _ => [] };
        if (words.Length == 0 || (fault.Param ?? (kind == DestinationKind.Messages ? Leading(fault.Message) : null)) is not { } theirs)
            return fault;
        var ours = Named(theirs, words);
        return Renamed(fault, theirs, ours);
    }

    /// <summary>An item's place in what the client sent: the upstream counts from where its own request began.</summary>
    private static string AtClient(string param, UpstreamCall call)
    {
        const string start = "input[";
        var end = param.IndexOf(']', StringComparison.Ordinal);
        if (!param.StartsWith(start, StringComparison.Ordinal) || end < 0
            || !int.TryParse(param.AsSpan(start.Length, end - start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            return param;
        var context = call.Turn.Context;
        if (context.IsOpened) return "input";
        var before = call.IsDelta ? 0 : context.AllItems().Count() - context.Input.Count;
        return at < before ? "input" : context.ParamOf(at - before, param[(end + 1)..]);
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

    private static UpstreamFault Renamed(UpstreamFault fault, string theirs, string ours)
    {
        if (ours == theirs) return fault with { Param = theirs };
        var message = fault.Message.StartsWith(theirs + ":", StringComparison.Ordinal) ? $"'{ours}'{fault.Message[theirs.Length..]}"
            : fault.Message.Replace($"'{theirs}'", $"'{ours}'", StringComparison.Ordinal);
        return fault with { Param = ours, Message = message };
    }
}
