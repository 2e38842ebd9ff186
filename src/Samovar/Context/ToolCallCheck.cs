using System.Collections.ObjectModel;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Context;

/// <summary>Holds that every tool output has its call, and every call its output before the model speaks again.</summary>
/// <remarks>
/// Costs the new items alone: a parent's unanswered calls are kept with it. Only an output that would be refused is looked for in the
/// history.
/// </remarks>
internal static class ToolCallCheck
{
    /// <summary>Throws for a wrong input; answers the ids that stay open, which only a warm-up may leave.</summary>
    public static IReadOnlySet<string> Check(TurnContext context, bool generates)
    {
        if (context.Parent is null or { OpenCalls.Count: 0 } && !context.Input.Any(static item => item is IToolCall or IToolOutput))
            return ReadOnlySet<string>.Empty; // most turns
        var open = new HashSet<string>(context.Parent?.OpenCalls ?? ReadOnlySet<string>.Empty, StringComparer.Ordinal);
        var known = new HashSet<string>(open, StringComparer.Ordinal);
        foreach (var item in context.Input)
        {
            if (item is not IToolCall { CallId: { } id }) continue;
            known.Add(id);
            if (MustBeAnswered(item)) open.Add(id);
        }
        var answered = context.Input.OfType<IToolOutput>().Select(output => output.CallId).OfType<string>().ToList();
        if (FirstUncalled([.. answered.Where(id => !known.Contains(id))], context.Parent) is { } uncalled)
            throw new ApiException(Errors.ToolCallMissing, uncalled, "input");
        open.ExceptWith(answered);
        if (generates && open.Count > 0) throw new ApiException(Errors.ToolOutputMissing, open.First(), "input");
        return open;
    }

    /// <summary>The calls that a response leaves to its client.</summary>
    /// <param name="output">Its items; the last of an incomplete response may be cut off, and nobody can answer half a call.</param>
    /// <param name="isIncomplete">Whether the response was cut off.</param>
    public static IReadOnlySet<string> OpenCalls(IReadOnlyList<Item> output, bool isIncomplete)
    {
        HashSet<string>? open = null;
        for (var i = 0; i < output.Count - (isIncomplete ? 1 : 0); i++)
            if (output[i] is IToolCall { CallId: { } id } && MustBeAnswered(output[i])) (open ??= new(StringComparer.Ordinal)).Add(id);
        return (IReadOnlySet<string>?)open ?? ReadOnlySet<string>.Empty;
    }

    // Calls of other kinds may be run by their maker; their outputs are welcome, not demanded. So are those of half a call.
    private static bool MustBeAnswered(Item item) => item switch
    {
        FunctionCallItem call => !call.IsCutOff && !IsHalf(call.Arguments),
        CustomToolCallItem call => !call.IsCutOff,
        _ => false,
    };

    /// <summary>Clients that keep the history do not always keep that a call was cut off.</summary>
    private static bool IsHalf(string arguments) => arguments.AsSpan().TrimStart().StartsWith("{") && !RawValues.IsObject(arguments);

    /// <summary>One walk through the history, however many outputs ask for it; null when all were called.</summary>
    private static string? FirstUncalled(IReadOnlyList<string> answered, ChainNode? parent)
    {
        var wanted = new HashSet<string>(answered, StringComparer.Ordinal);
        for (var node = parent; wanted.Count > 0 && node is not null; node = node.Parent)
            foreach (var item in node.Input.Concat(node.Output))
                if (item is IToolCall { CallId: { } id }) wanted.Remove(id);
        return answered.FirstOrDefault(wanted.Contains);
    }
}
