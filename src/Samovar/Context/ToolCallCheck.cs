using System.Collections.ObjectModel;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Context;

/// <summary>
/// Holds that every tool output has its call, and every call its output before the model speaks again; an asynchronous call may have its
/// output at any later time, once.
/// </summary>
/// <remarks>
/// Costs the new items alone: a parent's unanswered calls are kept with it. Only an output that comes late, or would be refused, is looked
/// for in the history.
/// </remarks>
internal static class ToolCallCheck
{
    private static readonly HashSet<string> ClientsKinds = new(StringComparer.Ordinal)
    {
        "computer_call", "shell_call", "local_shell_call", "apply_patch_call",
    };

    /// <summary>Throws for a wrong input; answers the ids that stay open, which only a warm-up may leave.</summary>
    public static IReadOnlySet<string> Check(TurnContext context, bool generates)
    {
        if (context.Parent is null or { OpenCalls.Count: 0 } && !context.Input.Any(static item => item is IToolCall or IToolOutput))
            return ReadOnlySet<string>.Empty; // most turns
        var open = new HashSet<string>(context.Parent?.OpenCalls ?? ReadOnlySet<string>.Empty, StringComparer.Ordinal);
        var known = new HashSet<string>(open, StringComparer.Ordinal);
        HashSet<string>? asynchronous = null;
        foreach (var item in context.Input)
        {
            if (item is not IToolCall { CallId: { } id }) continue;
            known.Add(id);
            if (PendingCall.Is(item)) (asynchronous ??= new(StringComparer.Ordinal)).Add(id);
            else if (MustBeAnswered(item)) open.Add(id);
        }
        var answered = context.Input.OfType<IToolOutput>().Select(output => output.CallId).OfType<string>().ToList();
        CheckLate([.. answered.Where(id => !known.Contains(id))], context.Parent);
        if (asynchronous is not null) CheckOnce(answered.Where(asynchronous.Contains));
        open.ExceptWith(answered);
        open.ExceptWith(RanByTheirMaker(context.Input));
        if (generates && open.Count > 0) throw new ApiException(Errors.ToolOutputMissing, open.First(), "input");
        return open;
    }

    /// <summary>Throws for a call that a chain does not have, or whose output it has.</summary>
    public static void RequireAwaited(string callId, ChainNode? parent)
    {
        if (parent?.OpenCalls.Contains(callId) != true) CheckLate([callId], parent);
    }

    /// <summary>The calls that a response leaves to its client.</summary>
    /// <param name="output">Its items; the last of an incomplete response may be cut off, and nobody can answer half a call.</param>
    /// <param name="isIncomplete">Whether the response was cut off.</param>
    public static IReadOnlySet<string> OpenCalls(IReadOnlyList<Item> output, bool isIncomplete)
    {
        HashSet<string>? open = null;
        for (var i = 0; i < output.Count - (isIncomplete ? 1 : 0); i++)
            if (output[i] is IToolCall { CallId: { } id } && MustBeAnswered(output[i])) (open ??= new(StringComparer.Ordinal)).Add(id);
        open?.ExceptWith(output.OfType<IToolOutput>().Select(given => given.CallId).OfType<string>()); // injected
        open?.ExceptWith(RanByTheirMaker(output));
        return (IReadOnlySet<string>?)open ?? ReadOnlySet<string>.Empty;
    }

    private static IEnumerable<string> RanByTheirMaker(IReadOnlyList<Item> items) => items.Select(CarriedResult.CallOf).OfType<string>();

    /// <summary>Whether the model may speak again only behind its output.</summary>
    /// <remarks>
    /// Calls of other kinds may be run by their maker; their outputs are welcome, not demanded. So are those of half a call.
    /// </remarks>
    public static bool MustBeAnswered(Item item) => item switch
    {
        FunctionCallItem call => !call.IsAsync && !call.IsCutOff && !IsHalf(call.Arguments),
        CustomToolCallItem call => !call.IsAsync && !call.IsCutOff,
        _ => false,
    };

    /// <summary>Whether it is a call that its client runs, and whose output comes next where the response has none.</summary>
    public static bool IsLeftToClient(Item item) =>
        MustBeAnswered(item) || item is OtherCallItem { CallId: not null, Kind: var kind } && ClientsKinds.Contains(kind);

    /// <summary>Clients that keep the history do not always keep that a call was cut off.</summary>
    private static bool IsHalf(string arguments) => arguments.AsSpan().TrimStart().StartsWith("{") && !RawValues.IsObject(arguments);

    /// <summary>
    /// One walk through the history, however many outputs ask for it: each must have its call there, and an asynchronous one's output must
    /// be the first.
    /// </summary>
    private static void CheckLate(IReadOnlyList<string> answered, ChainNode? parent)
    {
        var wanted = new HashSet<string>(answered, StringComparer.Ordinal);
        HashSet<string>? given = null, late = null;
        for (var node = parent; wanted.Count > 0 && node is not null; node = node.Parent)
        {
            Look(node.Output); // the newest first: an output stands behind its call
            Look(node.Input);
        }
        if (answered.FirstOrDefault(wanted.Contains) is { } uncalled) throw new ApiException(Errors.ToolCallMissing, uncalled, "input");
        if (late is not null) CheckOnce(answered.Where(late.Contains));

        void Look(IReadOnlyList<Item> items)
        {
            for (var at = items.Count - 1; at >= 0; at--)
            {
                var item = items[at];
                if (item is IToolOutput { CallId: { } own } && wanted.Contains(own)) (given ??= new(StringComparer.Ordinal)).Add(own);
                if (item is not IToolCall { CallId: { } id } || !wanted.Remove(id) || !PendingCall.Is(item)) continue;
                if (given?.Contains(id) == true) throw new ApiException(Errors.ToolOutputRepeated, id, "input");
                (late ??= new(StringComparer.Ordinal)).Add(id);
            }
        }
    }

    private static void CheckOnce(IEnumerable<string> outputs)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (outputs.FirstOrDefault(id => !seen.Add(id)) is { } repeated)
            throw new ApiException(Errors.ToolOutputRepeated, repeated, "input");
    }
}
